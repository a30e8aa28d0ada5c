"""The party's OSX: control and tensors between parties, in FATE 2's own federation.

It ends no TLS: the Java library that it does so with does not load in the official image
(facts/official-layout.md, "TLS traps").
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.services.catalogued import catalogued
from components.services.context import PartyContext, Route
from components.services.properties import rendered
from components.services.service import File, Probe, Service, Tcp
from components.services.start import START, started
from config import catalogue
from config.catalogue import Layout

FACTS = catalogue().services["osx"]
PORT = FACTS.ports["grpc"].number
ENVIRONMENT = {
    "HOME": "/tmp",
    "JAVA_TOOL_OPTIONS": "-Duser.home=/tmp",
    "JDK_JAVA_OPTIONS": "--add-opens=java.base/java.lang=ALL-UNNAMED",
}
LARGEST_BUFFER = 128 * 2**20
"""What OSX takes by itself for the file that it maps, all of it in its heap."""


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return OSX as FATE-Flow's `service_conf.yaml` has it: streams need Eggroll, all else takes queues."""
    streams = "clustermanager" in context.present
    return {"host": "osx", "port": PORT, "mode": "stream" if streams else "queue"}


def keys(memory: int) -> dict[str, object]:
    """Return the keys of `broker.properties` that every OSX has, of one with so many MiB."""
    return {
        "grpc.port": PORT,
        "open.http.server": "false",
        "open.grpc.tls.server": "false",
        "deploy.mode": "standalone",
        "stream.limit.mode": "LOCAL",
        "produce.msg.max.try.time": 3,
        "mapped.file.size": min(LARGEST_BUFFER, memory * 2**20 // 8),
    }


def broker_properties(context: PartyContext) -> str:
    """Render `broker.properties`, in the order of its keys."""
    own = keys(context.memory("osx"))
    if "clustermanager" in context.present:
        own |= {
            "eggroll.cluster.manager.ip": "clustermanager",
            "eggroll.cluster.manager.port": catalogue().port("clustermanager", "grpc"),
        }
    return rendered(own, context.configuration("osx", "broker.properties"))


def route_table(party: str, routes: Sequence[Route]) -> str:
    """Render `route_table.json`: the own FATE-Flow, and the OSX of each peer. OSX reads it anew by itself.

    Peers behind the party's exchange are met by one way, that of all that the table does not name.
    """
    own = {"fateflow": [_end("fateflow", catalogue().port("fateflow", "grpc"))]}
    peers = {"default" if route.by_exchange else route.party: way(route) for route in routes}
    return table(party, {party: own, **peers})


def table(itself: str, ways: Mapping[str, Any]) -> str:
    """Return a route table of one that takes itself for a party, or for an exchange."""
    tree = {"route_table": ways, "self_party": [itself], "permission": {"default_allow": True}}
    return json.dumps(tree, indent=2) + "\n"


def service(context: PartyContext) -> Service:
    """Make the OSX of one party. It checks no identity: put it behind what does."""
    folder = f"{context.layout('osx').paths['home']}/conf/broker"
    return catalogued(
        "osx",
        context,
        command=started({}, program(context.layout("osx"), context.memory("osx"))),
        probe=Probe(Tcp(PORT)),
        environment=ENVIRONMENT,
        files=(
            START,
            File.named(f"{folder}/broker.properties", broker_properties(context)),
            File(f"{folder}/route_table.json", route_table(context.settings.id, context.routes)),
        ),
    )


def program(layout: Layout, memory: int) -> tuple[str, ...]:
    """Return the command: three eighths of the memory are heap, half is for buffers beside it."""
    paths = layout.paths
    return (
        *layout.program,
        "-Xms32m",
        f"-Xmx{memory * 3 // 8}m",
        f"-XX:MaxDirectMemorySize={memory // 2}m",
        "-XX:+UseSerialGC",
        "-Xss512k",
        "-cp",
        f"conf/broker/:{paths['jars']}",
        "org.fedai.osx.broker.Bootstrap",
        "-c",
        f"{paths['home']}/conf",
    )


def way(route: Route) -> Mapping[str, object]:
    """Return the way to a peer, as a route table has it: to its OSX, whatever is meant there."""
    return {"default": [_end(*route.addresses["osx"])]}


def _end(host: str, port: int) -> Mapping[str, object]:
    return {"ip": host, "port": port}
