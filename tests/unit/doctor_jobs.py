"""Jobs as a FATE-Flow keeps them in SQLite, and a process that is FATE-Flow for who looks for one."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from types import TracebackType

LONG_AGO, EVER = 1, 2**53
"""Milliseconds since 1970, before and after every FATE-Flow of this machine began."""
TABLES = """
CREATE TABLE t_schedule_job (f_job_id TEXT, f_status TEXT);
CREATE TABLE t_job (f_job_id TEXT, f_role TEXT, f_cores INTEGER, f_resource_in_use INTEGER,
    f_apply_resource_time INTEGER);
"""


class FlowsJobs:
    """The jobs of the party whose home is given; its FATE-Flow runs while this is open."""

    def __init__(self, home: Path) -> None:
        self._database = home / "fate.db"

    def __enter__(self) -> "FlowsJobs":
        self._do(TABLES)
        waits = "import sys; print(flush=True); sys.stdin.read()"
        command = [sys.executable, "-c", waits, "fate_flow/fate_flow_server.py"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None
    ) -> None:
        self._process.communicate(b"")

    def add(self, job: str, status: str, in_use: bool, applied: int) -> None:
        """Add a job of guest and host, each with four processors, as its planner knows its status."""
        sides = "".join(
            f"INSERT INTO t_job VALUES ('{job}', '{role}', 4, {in_use:d}, {applied});"
            for role in ("guest", "host")
        )
        self._do(f"INSERT INTO t_schedule_job VALUES ('{job}', '{status}'); {sides}")

    def give_back(self, job: str) -> None:
        """Give back the processors of a job."""
        self._do(f"UPDATE t_job SET f_resource_in_use = 0 WHERE f_job_id = '{job}'")

    def _do(self, script: str) -> None:
        connection = sqlite3.connect(self._database)
        connection.executescript(script)
        connection.close()
