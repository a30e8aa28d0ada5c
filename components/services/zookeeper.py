"""FATE-Flow's `zookeeper`: where it registers itself.

Keys: FATE-Flow 2.2.0, `manager/service/service_manager.py`.
"""

from components.services.context import PartyContext
from components.services.service import Secret

PASSWORD = "zookeeper-password"


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return the section of `service_conf.yaml`, which is read where `use_registry` is true."""
    there = context.settings.zookeeper
    servers = [f"{host}:{port}" for host, port in addresses(context)]
    with_account = there is not None and there.user is not None
    return {
        "hosts": servers or ["127.0.0.1:2181"],
        "use_acl": with_account,
        "user": there and there.user,
        "password": f"@@secret:{PASSWORD}@@" if with_account else None,
    }


def secrets(context: PartyContext) -> tuple[Secret, ...]:
    """Return the password of the account, where there is one: it was given."""
    there = context.settings.zookeeper
    if there is None or there.password is None:
        return ()
    return (Secret(PASSWORD, "fateflow", given=there.password.secret),)


def addresses(context: PartyContext) -> tuple[tuple[str, int], ...]:
    """Return the hosts and ports that FATE-Flow dials."""
    there = context.settings.zookeeper
    return tuple((server.host, server.port) for server in there.servers) if there else ()
