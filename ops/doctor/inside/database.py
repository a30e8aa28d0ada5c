"""Questions to FATE-Flow's database, with FATE-Flow's own account. Nothing is written."""

from __future__ import annotations

import contextlib
import importlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ops.doctor.inside.party import HOME, ailment, conf, mysql

FATE_TABLES = ("t_job", "t_task")
SERVER = "fate_flow_server.py"
TICKS = os.sysconf("SC_CLK_TCK")
TAKEN = """
SELECT job.f_job_id, SUM(job.f_cores) FROM t_job job
JOIN t_schedule_job scheduled ON scheduled.f_job_id = job.f_job_id
WHERE scheduled.f_status = 'waiting' AND job.f_resource_in_use = 1 AND job.f_apply_resource_time < {began}
GROUP BY job.f_job_id ORDER BY job.f_job_id
"""


class Database(NamedTuple):
    """An open database, by what it calls itself and where it is."""

    cursor: Any
    version: str
    place: str
    listing: str
    """What lists its tables."""


class Closed(Exception):
    """The database does not let FATE-Flow in."""

    def __init__(self, told: dict[str, str]) -> None:
        super().__init__(told)
        self.told = told


def main(question: str) -> dict[str, Any]:
    """Answer one question by its name."""
    try:
        with _opened(conf()["database"]) as database:
            return QUESTIONS[question](database)
    except Closed as fault:
        return fault.told


def health(database: Database) -> dict[str, Any]:
    """Count FATE's tables and jobs."""
    tables = _tables(database)
    missing = [table for table in FATE_TABLES if table not in tables]
    if missing:
        return ailment("database-empty", f"{database.place} lacks {', '.join(missing)}")
    database.cursor.execute("SELECT COUNT(DISTINCT f_job_id) FROM t_job")
    jobs = database.cursor.fetchone()[0]
    return {"detail": f"{database.version}, {len(tables)} tables, {jobs} job{'s' if jobs != 1 else ''}"}


def taken(database: Database) -> dict[str, Any]:
    """Return the jobs that an earlier FATE-Flow was taking when it ended, and the processors that each keeps.

    FATE-Flow takes a job that waits: it gets processors from every party, has them start it, and notes that
    it runs. One that ended in between asks for these processors again for ever, and is refused, for the job
    has them. Such a job has no process, and whoever asked for its processors is gone: they were given
    before the process began that is FATE-Flow now (fate_flow/scheduler/scheduler.py of FATE-Flow 2.0.0 to
    2.2.0). Told by the party that plans the job alone.
    """
    began = _began()
    if began is None or "t_schedule_job" not in _tables(database):
        return {"jobs": {}}
    database.cursor.execute(TAKEN.format(began=int(began * 1000)))
    return {"jobs": {job: int(cores) for job, cores in database.cursor.fetchall()}}


def _tables(database: Database) -> set[str]:
    database.cursor.execute(database.listing)
    return {row[0] for row in database.cursor.fetchall()}


def _began() -> float | None:
    """Return when FATE-Flow's process began, None where there is none."""
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    starts = [start for process in filter(str.isdigit, os.listdir("/proc")) if (start := _start_of(process))]
    return booted + min(starts) if starts else None


def _start_of(process: str) -> float | None:
    """Return how long after the machine's start a FATE-Flow's process began, None of another's."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/cmdline") as cmdline:
        if any(word.endswith(SERVER) for word in cmdline.read().split("\0")):
            with open(f"/proc/{process}/stat") as stat:
                return int(stat.read().rpartition(")")[2].split()[19]) / TICKS
    return None


@contextlib.contextmanager
def _opened(settings: dict[str, Any]) -> Iterator[Database]:
    if settings["engine"] == "sqlite":
        opened = _sqlite((settings.get("sqlite") or {}).get("path"))
    else:
        opened = _mysql(settings[settings["engine"]])
    with opened as database:
        yield database


@contextlib.contextmanager
def _mysql(account: dict[str, Any]) -> Iterator[Database]:
    pymysql = importlib.import_module("pymysql")
    place = f"{account['user']}@{account['host']}:{account['port']}/{account['name']}"
    try:
        connection = mysql(account)
    except pymysql.err.OperationalError as error:
        code, text = error.args
        refused = code in (1044, 1045, 1049, 1698)
        told = ailment("database-refuses" if refused else "database-silent", f"{place}: {text}")
        raise Closed(told) from None
    except RuntimeError as error:  # a way of logging in that wants a library which the image lacks
        raise Closed(ailment("database-refuses", f"{place}: {error}")) from None
    with contextlib.closing(connection), connection.cursor() as cursor:
        version = connection.get_server_info().removeprefix("5.5.5-")
        yield Database(cursor, version, place, "SHOW TABLES")


@contextlib.contextmanager
def _sqlite(path: str | None) -> Iterator[Database]:
    sqlite3 = importlib.import_module("sqlite3")
    file = path or os.path.join(HOME, "fate_flow_sqlite.db")
    if not os.path.exists(file):
        raise Closed(ailment("database-empty", f"there is no {file}"))
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        yield Database(connection.cursor(), f"SQLite {sqlite3.sqlite_version}", file, tables)


QUESTIONS: dict[str, Callable[[Database], dict[str, Any]]] = {"health": health, "taken": taken}
