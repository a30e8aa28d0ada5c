"""The party's OSX: control and tensors between parties, in FATE 2's own federation.

It ends no TLS: the Java library that it does so with does not load in the official image
(facts/official-layout.md, "TLS traps").
"""

import json
from collections.abc import Mapping, Sequence

from components.services.catalogued import catalogued
from components.services.context import PartyContext, Route
from components.services.properties import rendered
from components.services.service import File, Probe, Service, Tcp
from components.services.start import START, started
from config import catalogue

FACTS = catalogue().services["osx"]
PORT = FACTS.ports["grpc"].number
LARGEST_BUFFER = 128 * 2**20
"""What OSX takes by itself for the file that it maps, all of it in its heap."""


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return OSX as FATE-Flow's `service_conf.yaml` has it: streams need Eggroll, all else takes queues."""
    streams = "clustermanager" in context.present
    return {"host": "osx", "port": PORT, "mode": "stream" if streams else "queue"}


def broker_properties(context: PartyContext) -> str:
    """Render `broker.properties`, in the order of its keys."""
    own: dict[str, object] = {
        "grpc.port": PORT,
        "open.http.server": "false",
        "open.grpc.tls.server": "false",
        "deploy.mode": "standalone",
        "stream.limit.mode": "LOCAL",
        "produce.msg.max.try.time": 3,
        "mapped.file.size": min(LARGEST_BUFFER, context.memory("osx") * 2**20 // 8),
    }
    if "clustermanager" in context.present:
        own |= {
            "eggroll.cluster.manager.ip": "clustermanager",
            "eggroll.cluster.manager.port": catalogue().port("clustermanager", "grpc"),
        }
    return rendered(own, context.configuration("osx", "broker.properties"))


def route_table(party: str, routes: Sequence[Route]) -> str:
    """Render `route_table.json`: the own FATE-Flow, and the OSX of each peer. OSX reads it anew by itself."""
    own = {"fateflow": [_end("fateflow", catalogue().port("fateflow", "grpc"))]}
    peers = {route.party: {"default": [_end(*route.addresses["osx"])]} for route in routes}
    table = {
        "route_table": {party: own, **peers},
        "self_party": [party],
        "permission": {"default_allow": True},
    }
    return json.dumps(table, indent=2) + "\n"


def service(context: PartyContext) -> Service:
    """Make the OSX of one party. It checks no identity: put it behind what does."""
    folder = f"{context.layout('osx').paths['home']}/conf/broker"
    return catalogued(
        "osx",
        context,
        command=started({}, _program(context)),
        probe=Probe(Tcp(PORT)),
        environment={
            "HOME": "/tmp",
            "JAVA_TOOL_OPTIONS": "-Duser.home=/tmp",
            "JDK_JAVA_OPTIONS": "--add-opens=java.base/java.lang=ALL-UNNAMED",
        },
        files=(
            START,
            File.named(f"{folder}/broker.properties", broker_properties(context)),
            File(f"{folder}/route_table.json", route_table(context.settings.id, context.routes)),
        ),
    )


def _program(context: PartyContext) -> tuple[str, ...]:
    """Return the command: three eighths of the memory are heap, half is for buffers beside it."""
    paths, memory = context.layout("osx").paths, context.memory("osx")
    return (
        *context.program("osx"),
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


def _end(host: str, port: int) -> Mapping[str, object]:
    return {"ip": host, "port": port}
