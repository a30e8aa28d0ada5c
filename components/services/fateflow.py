"""The party's FATE-Flow server: it takes jobs, plans them and runs FATE's algorithms."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from components.services import broker, database, gateway
from components.services.overrides import overlaid
from components.services.routes import Route
from components.services.service import Audience, File, Port, Probe, Resources, Secret, Service, Volume
from components.services.start import OWN_ADDRESS, START, http_probe, started

HTTP_PORT = 9380
GRPC_PORT = 9360
UID = 10001
HOME = "/data/projects/fate/fate_flow"
HEALTH = "/v2/server/fateflow"

VOLUMES = tuple(Volume(name, f"{HOME}/{name}") for name in ("jobs", "logs", "model", "data"))

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
        "port": database.PORT,
        "max_connections": 100,
        "stale_timeout": 30,
    }
    return {"engine": "mysql", "decrypt_key": None, "mysql": account, "sqlite": {"path": None}}


def _federation_section(mode: str) -> Tree:
    return {
        "nginx": {
            "host": "gateway",
            "http_port": gateway.HTTP_PORT,
            "grpc_port": gateway.GRPC_PORT,
            "protocol": "http",
        },
        "rabbitmq": {
            "host": "broker",
            "mng_port": broker.MANAGEMENT_PORT,
            "port": broker.PORT,
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
            "grpc_port": GRPC_PORT,
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
    own = {party: {"host": "broker", "port": broker.PORT}}
    return own | {route.party: {"host": route.broker_host, "port": route.broker_port} for route in routes}


def render(tree: Tree) -> str:
    """Return a tree as YAML, its keys in the order given."""
    return yaml.safe_dump(tree, sort_keys=False)


def fateflow(
    conf: Tree, table: Tree, secrets: tuple[Secret, ...], needs: tuple[str, ...], calls: tuple[str, ...]
) -> Service:
    """Make the FATE-Flow server of one party. It makes its own database tables at its first start.

    Its `conf` folder is filled at every start: with the image's own files, then with ours. `temps` is first
    written to at an upload (facts/fate-on-kubernetes.md).
    """
    conf_folder = f"{HOME}/conf"
    return Service(
        name="fateflow",
        image="fateflow",
        user=UID,
        command=started(
            {
                f"{conf_folder}.image": conf_folder,
                "/etc/fate/service_conf.yaml": f"{conf_folder}/service_conf.yaml",
                "/etc/fate/rabbitmq_route_table.yaml": f"{conf_folder}/rabbitmq_route_table.yaml",
            },
            ("python", "fate_flow/python/fate_flow/fate_flow_server.py"),
            (f"database:{database.PORT}",) if "database" in needs else (),
        ),
        probe=Probe(http_probe(HTTP_PORT, HEALTH, '"code":0', host=OWN_ADDRESS)),
        resources=Resources(memory=3072),
        environment={"HOME": "/tmp"},
        files=(
            START,
            File.named("/etc/fate/service_conf.yaml", render(conf)),
            File.named("/etc/fate/rabbitmq_route_table.yaml", render(table)),
        ),
        secrets=secrets,
        ports=(Port("http", HTTP_PORT, Audience.OPERATOR), Port("grpc", GRPC_PORT)),
        volumes=VOLUMES,
        needs=needs,
        calls=calls,
        scratch=("/tmp", conf_folder, f"{HOME}/temps"),
    )
