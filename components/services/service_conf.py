"""FATE-Flow's `service_conf.yaml`: what computes, stores and exchanges, and where each of these is."""

from collections.abc import Mapping
from typing import Any

from components.services import (
    broker,
    clustermanager,
    database,
    gateway,
    hadoop,
    model_store,
    osx,
    pulsar,
    zookeeper,
)
from components.services.context import PartyContext, overlaid
from config import catalogue
from config.spark import spark_plan

HOOK = "fate_flow.hook.flow"
ENGINES = ("computing", "federation", "storage")

Tree = dict[str, Any]


def service_conf(context: PartyContext) -> Tree:
    """Return the tree of the file, with the keys that the stack lays over it.

    Keys: FATE-Flow 2.2.0 (facts/fate-config.json). `storage` must be there even for standalone storage, or
    uploads fail; `host` is at once the bind address and the address that workers call back
    (facts/fate-from-pypi.md, traps 2 and 4).
    """
    own = {
        "party_id": context.settings.id,
        "use_registry": context.settings.zookeeper is not None,
        "log_level": 20,
        "fateflow": _server(context),
        "database": _database(context),
        "default_engines": {kind: str(getattr(context.settings.engines, kind)) for kind in ENGINES},
        "default_provider": {"name": "fate", "version": None, "device": "local"},
        "computing": _computing(context),
        "federation": _federation(context),
        "storage": _storage(context),
        "hook_module": {
            "client_authentication": f"{HOOK}.client_authentication",
            "site_authentication": f"{HOOK}.site_authentication",
            "permission": f"{HOOK}.permission",
        },
        "authentication": {"client": False, "site": False, "permission": False},
        "model_store": model_store.for_flow(context),
        "zookeeper": zookeeper.for_flow(context),
    }
    return merged(own, context.configuration("fateflow", "service_conf.yaml"))


def merged(tree: Tree, overrides: Mapping[str, Any]) -> Tree:
    """Return `tree` with the leaves of `overrides` in place of its own; new ones follow, sorted."""
    result = overlaid(tree, overrides)
    for key, value in overrides.items():
        if isinstance(value, Mapping):
            own = tree.get(key)
            result[key] = merged(own if isinstance(own, dict) else {}, value)
    return result


def _server(context: PartyContext) -> Tree:
    return {
        "host": "@@address@@",
        "http_port": catalogue().port("fateflow", "http"),
        "grpc_port": catalogue().port("fateflow", "grpc"),
        "proxy_name": "osx" if "osx" in context.present else "nginx",
    }


def _database(context: PartyContext) -> Tree:
    if "database" in context.used:
        return {
            "engine": "mysql",
            "decrypt_key": None,
            "mysql": database.for_flow(context),
            "sqlite": {"path": None},
        }
    home = context.layout("fateflow").paths["home"]
    return {"engine": "sqlite", "decrypt_key": None, "sqlite": {"path": f"{home}/data/fate_flow.db"}}


def _computing(context: PartyContext) -> Tree:
    if "clustermanager" in context.present:
        return {"eggroll": clustermanager.for_flow(context)}
    if (plan := spark_plan(context.settings)) is not None:
        return {"spark": {"home": None, "cores": plan.cores}}
    return {"standalone": {"cores": 4}}


def _federation(context: PartyContext) -> Tree:
    """Return the ways of control and of tensors, of the services that the party has."""
    sections = {
        "gateway": ("nginx", gateway.for_flow),
        "broker": ("rabbitmq", broker.for_flow),
        "osx": ("osx", osx.for_flow),
        "pulsar": ("pulsar", pulsar.for_flow),
    }
    return {
        name: section(context) for service, (name, section) in sections.items() if service in context.used
    }


def _storage(context: PartyContext) -> Tree:
    """Return the way to what stores. FATE-Flow wants the section without HDFS, too, and dials nobody then."""
    name_node = hadoop.name_node(context) if "namenode" in context.used else "hdfs://fate-cluster"
    return {"hdfs": {"name_node": name_node}}
