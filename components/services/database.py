"""The party's MariaDB: FATE-Flow's jobs, tasks, models and table registry."""

import configparser
import io
import shlex
from collections.abc import Mapping

from components.services.catalogued import catalogued
from components.services.context import PartyContext, overlaid
from components.services.service import Command, File, Probe, Secret, Service
from components.services.start import START, started
from config import catalogue

FACTS = catalogue().services["database"]
NAME = "fate_flow"
USER = "fate"
DATA = FACTS.volumes["database"].path
PASSWORD = "database-password"

MYSQLD: Mapping[str, object] = {
    "datadir": DATA,
    "socket": "/tmp/mariadbd.sock",
    "pid_file": "/tmp/mariadbd.pid",
    "init_file": "/tmp/init.sql",
    "bind_address": "0.0.0.0",
    "port": FACTS.ports["mysql"].number,
    "innodb_buffer_pool_size": "64M",
    "max_connections": 200,
    "character_set_server": "utf8mb4",
    "skip_name_resolve": "ON",
}

PING = ("mariadb-admin", "--no-defaults", f"--socket={MYSQLD['socket']}", "--silent", "ping")
INSTALL = (
    f"[ -d {DATA}/mysql ] || mariadb-install-db --no-defaults --auth-root-authentication-method=socket"
    f" --skip-test-db --datadir={DATA} >/dev/null; exec "
)


def password(rotation: int) -> Secret:
    """Return the password of FATE-Flow's account."""
    return Secret(PASSWORD, holder="database", rotation=rotation)


def for_flow() -> dict[str, object]:
    """Return the account as FATE-Flow's `service_conf.yaml` has it."""
    return {
        "name": NAME,
        "user": USER,
        "passwd": f"@@secret:{PASSWORD}@@",
        "host": "database",
        "port": FACTS.ports["mysql"].number,
        "max_connections": 100,
        "stale_timeout": 30,
    }


def my_cnf(overrides: Mapping[str, object]) -> str:
    """Render `my.cnf`; `overrides` are keys of its `[mysqld]` section, in any order."""
    parser = configparser.RawConfigParser()
    parser["mysqld"] = {key: str(value) for key, value in overlaid(MYSQLD, overrides).items()}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def init_sql() -> str:
    """Render the statements that MariaDB runs at every start, so that a rotated password takes effect.

    One statement a line: MariaDB refuses several on one line silently (facts/fate-on-kubernetes.md).
    """
    account = f"'{USER}'@'%' IDENTIFIED BY '@@secret:{PASSWORD}@@'"
    return (
        f"CREATE DATABASE IF NOT EXISTS {NAME} CHARACTER SET utf8mb4;\n"
        f"CREATE USER IF NOT EXISTS {account};\n"
        f"ALTER USER {account};\n"
        f"GRANT ALL ON {NAME}.* TO '{USER}'@'%';\n"
    )


def service(context: PartyContext) -> Service:
    """Make the database of one party. It holds no schema of FATE's: FATE-Flow makes its tables itself."""
    program = shlex.join(context.program("database"))
    return catalogued(
        "database",
        context,
        command=started({"/etc/fate/init.sql": "/tmp/init.sql"}, ("sh", "-c", f"{INSTALL}{program}")),
        probe=Probe(Command(PING)),
        environment={"HOME": DATA},
        files=(
            START,
            File.named("/etc/fate/my.cnf", my_cnf(context.configuration("database", "my.cnf"))),
            File.named("/etc/fate/init.sql", init_sql(), comment="--"),
        ),
        secrets=(password(context.rotation.database),),
    )
