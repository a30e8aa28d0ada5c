"""`fate check Pulumi.dev.yaml`: every fault of a stack's file, or the stack at a glance."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from components.services.star import exchange_publications
from components.services.topology import page_address
from config.exchange import Exchange
from config.exposure import Dialled
from config.faults import ConfigurationFault
from config.kubernetes import KubernetesSettings
from config.loading import load
from config.party import PartySettings
from config.peers import HostPeer, Peer, StackPeer
from config.stack import StackSettings
from config.stack_file import values_in

PURPOSE = "Tell every fault of a stack's file at once, or show its parties."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="such as Pulumi.dev.yaml")


def run(asked: argparse.Namespace) -> int:
    """Check the files. Returns 1 where one is refused, else 0."""
    return max(_check(file) for file in asked.files)


def _check(file: Path) -> int:
    try:
        settings = load(values_in(file))
    except ConfigurationFault as fault:
        print(f"{file} cannot be used: {fault}", file=sys.stderr)
        return 1
    Console().print(_table(settings))
    return 0


def _table(settings: StackSettings) -> Table:
    """Return a row for each party: what it is, whom it works with and what it opens."""
    title = f"FATE {settings.release}, images from {settings.images.source}, on {_where(settings)}"
    table = Table(title=title, title_justify="left")
    for column in ("party", "engines", "peers", "opens"):
        table.add_column(column, overflow="fold")
    if settings.exchange:
        table.add_row(*_exchange(settings, settings.exchange))
    for party in settings.parties:
        peers = (_way(party, peer) for peer in settings.peers_of(party))
        table.add_row(_name(party), _engines(party), "\n".join(peers) or "none", _opened(settings, party))
    return table


def _where(settings: StackSettings) -> str:
    runtime = settings.runtime
    return runtime.place if isinstance(runtime, KubernetesSettings) else runtime.kind


def _name(party: PartySettings) -> str:
    return f"{party.id}\non {party.runtime.place}" if party.runtime else party.id


def _engines(party: PartySettings) -> str:
    engines = party.engines
    places = {key: part.first for key, part in party.external.parts.items()}
    outside = (f"{key} at {host}:{port}" for key, (host, port) in places.items())
    return "\n".join((engines.computing, engines.storage, engines.federation, *outside))


def _exchange(settings: StackSettings, exchange: Exchange) -> tuple[str, str, str, str]:
    """Return the row of the exchange: whom it leads to, and what it opens."""
    runtime = f"\non {exchange.runtime.place}" if exchange.runtime else ""
    led = [f"{party.id} of this stack" for party in settings.behind_the_exchange]
    led += [_way(None, member) for member in exchange.parties]
    on_kubernetes = isinstance(settings.exchange_runtime, KubernetesSettings)
    opened = [
        f"{each.host if on_kubernetes else each.bind}:{each.external}"
        for each in exchange_publications(settings)
    ]
    return f"exchange{runtime}", exchange.kind, "\n".join(led), "\n".join(opened) or "nothing"


def _way(party: PartySettings | None, peer: Peer) -> str:
    match peer:
        case HostPeer():
            return f"{peer.id} at {_dialled(peer, peer.host, party.meets if party else None)}"
        case StackPeer():
            return f"{peer.id} of {peer.stack}"
        case _ if party and party.exchange:
            return f"{peer.id} through the exchange"
        case _:
            return f"{peer.id} of this stack"


def _opened(settings: StackSettings, party: PartySettings) -> str:
    api, expose = party.api, party.expose
    lines = [f"API {api.bind}:{api.port}"] if api else []
    lines += [f"{key} {page_address(page) or 'by kubectl port-forward'}" for key, page in party.pages.items()]
    if expose:
        on_kubernetes = isinstance(settings.runtime_of(party), KubernetesSettings)
        at = expose.host if on_kubernetes else expose.bind
        lines.append(f"peers {_dialled(expose, at, party.service_names)}")
        lines.extend(f"to {source}" for source in expose.sources)
    return "\n".join(lines) or "nothing"


def _dialled(of: Dialled, host: str, met: Sequence[str] | None) -> str:
    """Return what is dialled of some services, of all where none is named; the host said once."""
    (_, first), *others = ((name, each) for name, each in of.addresses.items() if met is None or name in met)
    more = [f"{of.own_host(service) or ''}:{address.port}" for service, address in others]
    return " and ".join([f"{host}:{first.port}", *more])
