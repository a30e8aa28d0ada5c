"""The exchange in the middle of a star: an nginx that parties behind it meet in the place of each other.

Calls name their party in the header `dest-party-id`, and are passed on by it. What brokers send to each other
names none, so each party's broker has a port of the exchange's, whose bytes are passed on as they are; that
works with what FATE writes into its upstreams (facts/spark-pulsar-tls.md, "Star without OSX").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2

from components.services.catalogued import neutral
from components.services.context import Route
from components.services.service import Audience, File, Http, Port, Probe, Service
from components.services.start import START, started
from config import catalogue
from config.catalogue import Layout
from config.exposure import Address

PORT = catalogue().port("relay", "http")
CONF = "/tmp/nginx.conf"
LACKING = "the exchange knows no such party"
"""What it answers with 404 to a call for a party that it does not lead to."""

_template = jinja2.Template(
    Path(__file__).with_name("relay.conf.j2").read_text(),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True)
class Forward:
    """A port of the exchange, and what of which party it leads to."""

    port: int
    party: str
    service: str
    address: Address


def relay_conf(routes: Sequence[Route], forwards: Sequence[Forward]) -> str:
    """Render `nginx.conf`: one upstream for each party's gateway, else 404; one port for each forward."""
    return str(_template.render(port=PORT, routes=routes, forwards=forwards, lacking=LACKING))


def relay(layout: Layout, routes: Sequence[Route], forwards: Sequence[Forward]) -> Service:
    """Make the exchange. It ends no TLS and checks no identity: put it behind what does."""
    made = neutral(
        "relay",
        layout,
        command=started({"/etc/fate/nginx.conf": CONF}, layout.program),
        probe=Probe(Http(PORT, "/healthz", "ok", status_tells=True)),
        environment={"HOME": "/var/lib/nginx"},
        files=(START, File.named("/etc/fate/nginx.conf", relay_conf(routes, forwards))),
    )
    return replace(made, ports=(*made.ports, *_ports(forwards)), meets=_met(forwards))


def _ports(forwards: Iterable[Forward]) -> Iterable[Port]:
    return (Port(f"{each.service}-{each.port}", each.port, Audience.PEERS) for each in forwards)


def _met(forwards: Iterable[Forward]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(("gateway", *(each.service for each in forwards))))
