"""Where FATE-Flow registers itself for FATE-Serving: the ZooKeeper of `serving`, if it says so."""

from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Values

KEY, SECRET = "serving.zookeeper", "zookeeper"
PORT = "2181"


def zookeeper_of(account: Account, place: str) -> Values:
    """Return the ZooKeeper as a stack has it, nothing where FATE-Flow registers nowhere."""
    hosts = account.value(f"{KEY}.hosts")
    servers = [_server(host) for host in hosts] if isinstance(hosts, list) else []
    if account.text("serving.useRegistry").lower() != "true" or not servers or not all(servers):
        return {}
    account.kept("serving.useRegistry", f"{place}.zookeeper")
    account.kept(f"{KEY}.hosts", f"{place}.zookeeper.servers")
    return {"servers": servers, **_account_of_zookeeper(account, place)}


def _server(given: object) -> Values | None:
    host, _, port = str(given).partition(":")
    name, number = accepted.host(host), accepted.port(port or PORT)
    return {"host": name, "port": number} if name and number else None


def _account_of_zookeeper(account: Account, place: str) -> Values:
    user = account.text(f"{KEY}.user")
    if account.text(f"{KEY}.use_acl").lower() != "true" or not user:
        for name in ("use_acl", "user", "password"):
            account.not_needed(f"{KEY}.{name}", "use_acl is not true, so ZooKeeper asks for no account")
        return {}
    account.kept(f"{KEY}.use_acl", f"{place}.zookeeper.user")
    account.kept(f"{KEY}.user", f"{place}.zookeeper.user")
    note = f"no password is taken over: pulumi config set --secret --path fate:secrets.{SECRET}"
    account.kept(f"{KEY}.password", f"{place}.zookeeper.password", note=note)
    return {"user": user, "password": {"secret": SECRET}}
