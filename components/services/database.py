"""The party's MariaDB or MySQL: FATE-Flow's jobs, tasks, models and table registry."""

import configparser
import io
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.services.catalogued import catalogued
from components.services.context import PartyContext, overlaid
from components.services.eggroll_tables import statements
from components.services.service import Command, File, Probe, Secret, Service
from components.services.start import START, started
from config import Source, catalogue
from config.external import ExternalDatabase

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

SOCKET = f"--socket={MYSQLD['socket']}"


@dataclass(frozen=True)
class Server:
    """What differs between MariaDB, whose image is built here, and FATE's own MySQL.

    `install` makes the database's own tables on an empty volume; `root` is what becomes of its first account;
    `keys` are those of `my.cnf` that only one takes: MySQL's own way of logging in would want a library of
    FATE-Flow's that the official image may lack.
    """

    ping: str
    install: str
    root: str = ""
    keys: Mapping[str, object] = field(default_factory=dict)


SERVERS: Mapping[Source, Server] = {
    "packages": Server(
        ping="mariadb-admin",
        install="mariadb-install-db --no-defaults --auth-root-authentication-method=socket --skip-test-db",
    ),
    "hub": Server(
        ping="mysqladmin",
        install="mysqld --no-defaults --initialize-insecure",
        root="ALTER USER 'root'@'localhost' ACCOUNT LOCK;\n",
        keys={"loose_default_authentication_plugin": "mysql_native_password"},
    ),
}


def password(context: PartyContext) -> Secret:
    """Return the password of FATE-Flow's account."""
    return context.account_password("database", PASSWORD, context.rotation.database)


def account(context: PartyContext) -> tuple[str, str]:
    """Return the schema, and the user who may do all in it."""
    match context.settings.outside.get("database"):
        case ExternalDatabase(database=schema, user=user):
            return schema, user
        case _:
            return NAME, USER


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return the account as FATE-Flow's `service_conf.yaml` has it."""
    (schema, user), there = account(context), context.address("database", "mysql")
    return {
        "name": schema,
        "user": user,
        "passwd": f"@@secret:{PASSWORD}@@",
        "host": there.host,
        "port": there.port,
        "max_connections": 100,
        "stale_timeout": 30,
    }


def my_cnf(source: Source, overrides: Mapping[str, object]) -> str:
    """Render `my.cnf`; `overrides` are keys of its `[mysqld]` section, in any order."""
    parser = configparser.RawConfigParser()
    own = {**MYSQLD, **SERVERS[source].keys}
    parser["mysqld"] = {key: str(value) for key, value in overlaid(own, overrides).items()}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def init_sql(context: PartyContext) -> str:
    """Render the statements that the database runs at every start, so that a rotated password takes effect.

    One statement a line: MariaDB refuses several on one line silently (facts/fate-on-kubernetes.md).
    """
    account = f"'{USER}'@'%' IDENTIFIED BY '@@secret:{PASSWORD}@@'"
    tables = statements(NAME) if "clustermanager" in context.present else ()
    return (
        f"CREATE DATABASE IF NOT EXISTS {NAME} CHARACTER SET utf8mb4;\n"
        f"CREATE USER IF NOT EXISTS {account};\n"
        f"ALTER USER {account};\n"
        f"GRANT ALL ON {NAME}.* TO '{USER}'@'%';\n"
        + SERVERS[context.source("database")].root
        + "".join(f"{statement}\n" for statement in tables)
    )


def service(context: PartyContext) -> Service:
    """Make the database of one party. FATE-Flow makes its tables itself; Eggroll's are made here."""
    server = SERVERS[context.source("database")]
    install = f"[ -d {DATA}/mysql ] || {server.install} --datadir={DATA} >/dev/null; exec "
    program = shlex.join(context.program("database"))
    conf = my_cnf(context.source("database"), context.configuration("database", "my.cnf"))
    return catalogued(
        "database",
        context,
        command=started({"/etc/fate/init.sql": "/tmp/init.sql"}, ("sh", "-c", f"{install}{program}")),
        probe=Probe(Command((server.ping, "--no-defaults", SOCKET, "--silent", "ping"))),
        environment={"HOME": DATA},
        files=(
            START,
            File.named("/etc/fate/my.cnf", conf),
            File.named("/etc/fate/init.sql", init_sql(context), comment="--"),
        ),
        secrets=(password(context),),
    )
