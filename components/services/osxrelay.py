"""The exchange in the middle of a star of OSX: one that knows every party, and that every party knows.

It passes on by the party that a message names, computes nothing and keeps nothing (facts/official-layout.md,
"Exchange").
"""

from collections.abc import Sequence
from dataclasses import replace

from components.services import osx
from components.services.catalogued import neutral
from components.services.context import Route
from components.services.properties import rendered
from components.services.service import File, Probe, Service, Tcp
from components.services.start import START, started
from config import catalogue
from config.catalogue import Layout

FACTS = catalogue().services["osxrelay"]
PORT = FACTS.ports["grpc"].number
ITSELF = "exchange"
"""Whom it takes itself for: no party has such an id where FATE's own do."""


def route_table(routes: Sequence[Route]) -> str:
    """Render `route_table.json`: the OSX of each party."""
    return osx.table(ITSELF, {route.party: osx.way(route) for route in routes})


def osx_relay(layout: Layout, routes: Sequence[Route]) -> Service:
    """Make the exchange. It ends no TLS and checks no identity: put it behind what does."""
    folder, memory = f"{layout.paths['home']}/conf/broker", FACTS.memory.limit
    made = neutral(
        "osxrelay",
        layout,
        command=started({}, osx.program(layout, memory)),
        probe=Probe(Tcp(PORT)),
        environment=osx.ENVIRONMENT,
        files=(
            START,
            File.named(f"{folder}/broker.properties", rendered(osx.keys(memory), {})),
            File(f"{folder}/route_table.json", route_table(routes)),
        ),
    )
    return replace(made, meets=("osx",))
