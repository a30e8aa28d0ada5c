"""The MySQL of a source that others run: it stays in the place of the party's own."""

from dataclasses import dataclass

from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Values

SECRET = "database"
OWN = "mysql"
"""The host of KubeFATE's own."""
SCHEMA, USER = "eggroll_meta", "fate"
"""KubeFATE's, where a file names none."""
TABLES = (
    "FATE-Flow goes on with the tables of its own release, and reads none of FATE 1: else name an empty one"
)


@dataclass(frozen=True)
class Keys:
    """The keys of a kind of file that say where it is."""

    host: str
    port: str
    schema: str
    user: str
    password: str


OF_PARTIES = Keys("mysql_ip", "mysql_port", "mysql_db", "mysql_user", "mysql_password")
OF_A_CLUSTER = Keys(
    "externalMysqlIp",
    "externalMysqlPort",
    "externalMysqlDatabase",
    "externalMysqlUser",
    "externalMysqlPassword",
)


def database_of(account: Account, keys: Keys, place: str, shared_by: int = 1) -> dict[str, object]:
    """Return the database as a stack has it, nothing where KubeFATE made one.

    Of one that several parties share, each is to name a schema of its own: `schema_at`.
    """
    host, port = accepted.host(account.value(keys.host)), accepted.port(account.value(keys.port))
    if host is None or host == OWN:
        return {}
    at = f"{place}.external.database"
    note = f"each party has a schema of its own, that with its id; {TABLES}" if shared_by > 1 else TABLES
    account.kept(keys.host, f"{at}.host")
    if port:
        account.kept(keys.port, f"{at}.port")
    account.kept(keys.schema, f"{at}.database", note=note)
    account.kept(keys.user, f"{at}.user")
    told = f"no password is taken over: pulumi config set --secret --path fate:secrets.{SECRET}"
    account.kept(keys.password, f"{at}.password", note=told)
    return {
        "host": host,
        **({"port": port} if port else {}),
        "database": account.text(keys.schema) or SCHEMA,
        "user": account.text(keys.user) or USER,
        "password": {"secret": SECRET},
    }


def schema_at(database: Values, id: str, shared_by: int) -> Values:
    """Return the database of one of several parties."""
    if not database or shared_by == 1:
        return database
    return {**database, "database": f"{database['database']}_{id.replace('-', '_')}"}
