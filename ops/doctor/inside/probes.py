"""Questions of health, asked from where FATE-Flow stands and with its own settings."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Callable
from typing import Any

from ops.doctor.inside.party import HEALTH, HOME, address, ailment, conf, parsed, reason, request, version_in

EXCHANGE_LACKS = "the exchange knows no such party"
FATE_TABLES = ("t_job", "t_task")


def main(probe: str, *arguments: str) -> dict[str, str]:
    """Answer one question by its name."""
    return PROBES[probe](*arguments)


def server(release: str) -> dict[str, str]:
    """Ask FATE-Flow for its version, which must be that of the `release` if one is named."""
    try:
        status, text = request(address() + HEALTH)
    except OSError as error:
        return ailment("fateflow-silent", f"{address()}: {reason(error)}")
    version = version_in(text)
    if version is None:
        return ailment("fateflow-fault", f"{address()}{HEALTH} answers {status}: {text.strip()[:200]}")
    if release and version != release:
        return ailment("version-differs", f"FATE-Flow {version} runs, the stack says {release}")
    return {"detail": f"FATE-Flow {version}"}


def computing() -> dict[str, str]:
    """Say what computes."""
    return {"detail": str((conf().get("default_engines") or {}).get("computing", ""))}


def database() -> dict[str, str]:
    """Connect as FATE-Flow does and count FATE's tables and jobs."""
    settings = conf()["database"]
    if settings["engine"] == "sqlite":
        return _sqlite((settings.get("sqlite") or {}).get("path"))
    return _mysql(settings[settings["engine"]])


def broker() -> dict[str, str]:
    """Ask the broker's management API what FATE needs of it."""
    settings = conf()["federation"]["rabbitmq"]
    base = f"http://{settings['host']}:{settings['mng_port']}/api"
    account = (str(settings["user"]), str(settings["password"]))
    try:
        return _broker(base, account, replicates=settings.get("mode") != "client")
    except OSError as error:
        return ailment("broker-silent", f"{base}: {reason(error)}")


def broker_route(peer: str) -> dict[str, str]:
    """Say where this party's route table puts the broker of a peer."""
    table = {str(key): value for key, value in conf("rabbitmq_route_table").items()}
    if peer not in table:
        return ailment("no-broker-route", f"rabbitmq_route_table.yaml names {', '.join(table) or 'nobody'}")
    return {"detail": f"{table[peer]['host']}:{table[peer]['port']}"}


def gateway(party: str) -> dict[str, str]:
    """Ask the FATE-Flow of a party through the own gateway, the way a job's calls go."""
    settings = conf()["federation"]["nginx"]
    base = f"http://{settings['host']}:{settings['http_port']}"
    try:
        status, text = request(base + HEALTH, {"dest-party-id": party, "service": "fateflow"}, limit=8)
    except OSError as error:
        return ailment("gateway-silent", f"{base}: {reason(error)}")
    if status == 404 and EXCHANGE_LACKS in text:
        return ailment("exchange-lacks", f"{base} passes it on for party {party}: {text.strip()[:100]}")
    if status == 404:
        return ailment("no-route", f"{base} answers 404 for party {party}: {text.strip()[:100]}")
    if status in (502, 503, 504):
        return ailment("gateway-upstream", f"{base} answers {status} for party {party}")
    version = version_in(text)
    if version is None:
        return ailment("fateflow-fault", f"{base} answers {status} for party {party}: {text.strip()[:100]}")
    return {"detail": f"FATE-Flow {version}"}


def _mysql(account: dict[str, Any]) -> dict[str, str]:
    pymysql = importlib.import_module("pymysql")
    place = f"{account['user']}@{account['host']}:{account['port']}/{account['name']}"
    try:
        connection = pymysql.connect(
            host=account["host"],
            port=int(account["port"]),
            user=account["user"],
            password=str(account["passwd"]),
            database=account["name"],
            connect_timeout=5,
        )
    except pymysql.err.OperationalError as error:
        code, text = error.args
        refused = code in (1044, 1045, 1049, 1698)
        return ailment("database-refuses" if refused else "database-silent", f"{place}: {text}")
    except RuntimeError as error:  # a way of logging in that wants a library which the image lacks
        return ailment("database-refuses", f"{place}: {error}")
    with contextlib.closing(connection), connection.cursor() as cursor:
        return _counted(cursor, "SHOW TABLES", connection.get_server_info().removeprefix("5.5.5-"), place)


def _sqlite(path: str | None) -> dict[str, str]:
    sqlite3 = importlib.import_module("sqlite3")
    file = path or os.path.join(HOME, "fate_flow_sqlite.db")
    if not os.path.exists(file):
        return ailment("database-empty", f"there is no {file}")
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return _counted(connection.cursor(), tables, f"SQLite {sqlite3.sqlite_version}", file)


def _counted(cursor: Any, listing: str, version: str, place: str) -> dict[str, str]:  # noqa: ANN401 DB-API
    cursor.execute(listing)
    tables = {row[0] for row in cursor.fetchall()}
    missing = [table for table in FATE_TABLES if table not in tables]
    if missing:
        return ailment("database-empty", f"{place} lacks {', '.join(missing)}")
    cursor.execute("SELECT COUNT(DISTINCT f_job_id) FROM t_job")
    jobs = cursor.fetchone()[0]
    return {"detail": f"{version}, {len(tables)} tables, {jobs} job{'s' if jobs != 1 else ''}"}


def _broker(base: str, account: tuple[str, str], replicates: bool) -> dict[str, str]:
    status, text = request(f"{base}/whoami", account=account)
    if status == 401:
        return ailment("broker-refuses", f"{base}/whoami answers 401 to user {account[0]}")
    if "administrator" not in str(parsed(text).get("tags")):
        return ailment("broker-not-administered", f"user {account[0]} is no administrator (answer {status})")
    overview = parsed(request(f"{base}/overview", account=account)[1])
    if replicates and request(f"{base}/federation-links", account=account)[0] != 200:
        return ailment("broker-without-federation", f"{base}/federation-links does not answer")
    status, text = request(f"{base}/health/checks/local-alarms", account=account)
    if status == 503:
        return ailment("broker-alarm", str(parsed(text).get("reason", text))[:200])
    plugin = "federation plugin" if replicates else "one for all parties"
    return {"detail": f"RabbitMQ {overview.get('rabbitmq_version', '?')}, {plugin}, user {account[0]}"}


PROBES: dict[str, Callable[..., dict[str, str]]] = {
    "server": server,
    "computing": computing,
    "database": database,
    "broker": broker,
    "broker_route": broker_route,
    "gateway": gateway,
}
