"""The party's FATE-Flow server: it takes jobs, plans them and runs FATE's algorithms."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from components.services import broker, database, gateway
from components.services.catalogued import catalogued
from components.services.context import PartyContext, Route, overlaid
from components.services.service import File, Http, Probe, Secret, Service
from components.services.start import START, started
from config import catalogue

HTTP_PORT = catalogue().port("fateflow", "http")
HOME = catalogue().layout("fateflow", "packages").paths["home"]
HEALTH = "/v2/server/fateflow"

Tree = dict[str, Any]


def merged(tree: Tree, overrides: Mapping[str, Any]) -> Tree:
    """Return `tree` with the leaves of `overrides` in place of its own; new ones follow, sorted."""
    result = overlaid(tree, overrides)
    for key, value in overrides.items():
        if isinstance(value, Mapping):
            own = tree.get(key)
            result[key] = merged(own if isinstance(own, dict) else {}, value)
    return result


def _database_section(with_database: bool) -> Tree:
    if not with_database:
        return {"engine": "sqlite", "decrypt_key": None, "sqlite": {"path": f"{HOME}/data/fate_flow.db"}}
    account = {
        "name": database.NAME,
        "user": database.USER,
        "passwd": f"@@secret:{database.PASSWORD}@@",
        "host": "database",
        "port": catalogue().port("database", "mysql"),
        "max_connections": 100,
        "stale_timeout": 30,
    }
    return {"engine": "mysql", "decrypt_key": None, "mysql": account, "sqlite": {"path": None}}


def _federation_section(mode: str) -> Tree:
    return {
        "nginx": {
            "host": "gateway",
            "http_port": catalogue().port("gateway", "http"),
            "grpc_port": gateway.GRPC_PORT,
            "protocol": "http",
        },
        "rabbitmq": {
            "host": "broker",
            "mng_port": catalogue().port("broker", "management"),
            "port": catalogue().port("broker", "amqp"),
            "user": broker.USER,
            "password": f"@@secret:{broker.PASSWORD}@@",
            "route_table": None,
            "mode": mode,
        },
    }


def service_conf(party: str, engines: Mapping[str, str], mode: str, with_database: bool) -> Tree:
    """Return the tree of `service_conf.yaml`.

    Keys: FATE-Flow 2.2.0 (facts/fate-config.json). `storage` must be there even for standalone storage, or
    uploads fail; `host` is at once the bind address and the address that workers call back
    (facts/fate-from-pypi.md, traps 2 and 4).
    """
    hook = "fate_flow.hook.flow"
    return {
        "party_id": party,
        "use_registry": False,
        "log_level": 20,
        "fateflow": {
            "host": "@@address@@",
            "http_port": HTTP_PORT,
            "grpc_port": catalogue().port("fateflow", "grpc"),
            "proxy_name": "nginx",
        },
        "database": _database_section(with_database),
        "default_engines": dict(engines),
        "default_provider": {"name": "fate", "version": None, "device": "local"},
        "computing": {"standalone": {"cores": 4}},
        "federation": _federation_section(mode),
        "storage": {"hdfs": {"name_node": "hdfs://fate-cluster"}},
        "hook_module": {
            "client_authentication": f"{hook}.client_authentication",
            "site_authentication": f"{hook}.site_authentication",
            "permission": f"{hook}.permission",
        },
        "authentication": {"client": False, "site": False, "permission": False},
        "model_store": {"engine": "file", "decrypt_key": None, "file": {"path": None}},
        "zookeeper": {"hosts": ["127.0.0.1:2181"], "use_acl": False, "user": None, "password": None},
    }


def route_table(party: str, routes: Sequence[Route]) -> Tree:
    """Return the tree of `rabbitmq_route_table.yaml`: where each party's broker is, the own one included."""
    own = {party: {"host": "broker", "port": catalogue().port("broker", "amqp")}}
    return own | {route.party: route.addresses["broker"]._asdict() for route in routes}


def render(tree: Tree) -> str:
    """Return a tree as YAML, its keys in the order given."""
    return yaml.safe_dump(tree, sort_keys=False)


def service(context: PartyContext) -> Service:
    """Make the FATE-Flow server of one party. It makes its own database tables at its first start.

    Its `conf` folder is filled at every start: with the image's own files, then with ours. `temps` is first
    written to at an upload (facts/fate-on-kubernetes.md).
    """
    conf_folder, table = f"{HOME}/conf", route_table(context.settings.id, context.routes)
    return catalogued(
        "fateflow",
        context.source,
        context.present,
        command=started(
            {
                f"{conf_folder}.image": conf_folder,
                "/etc/fate/service_conf.yaml": f"{conf_folder}/service_conf.yaml",
                "/etc/fate/rabbitmq_route_table.yaml": f"{conf_folder}/rabbitmq_route_table.yaml",
            },
            context.program("fateflow"),
            (f"database:{catalogue().port('database', 'mysql')}",) if "database" in context.present else (),
        ),
        probe=Probe(Http(HTTP_PORT, HEALTH, '"code":0', on_own_address=True)),
        environment={"HOME": "/tmp"},
        files=(
            START,
            File.named("/etc/fate/service_conf.yaml", render(_conf(context))),
            File.named("/etc/fate/rabbitmq_route_table.yaml", render(table)),
        ),
        secrets=_secrets(context),
    )


def _conf(context: PartyContext) -> Tree:
    party, present = context.settings, context.present
    engines = {kind: str(getattr(party.engines, kind)) for kind in ("computing", "federation", "storage")}
    conf = service_conf(party.id, engines, str(party.mode), "database" in present)
    if "broker" not in present:
        del conf["federation"]["rabbitmq"]
    return merged(conf, context.configuration("fateflow", "service_conf.yaml"))


def _secrets(context: PartyContext) -> list[Secret]:
    held = {
        "broker": broker.password(context.rotation.broker),
        "database": database.password(context.rotation.database),
    }
    return [secret for holder, secret in held.items() if holder in context.present]
