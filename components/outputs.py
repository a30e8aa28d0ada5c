"""What a stack tells of each party, for the doctor and for the stacks of its peers."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from pulumi import Output

from components.exchange import Exchange
from components.party import Party
from components.runtimes.runtime import Runtime
from components.services.star import kept_ports
from components.services.topology import page_address
from config import (
    DistributionMirror,
    ExchangePeer,
    Expose,
    HarborMirror,
    PartyPeer,
    PartySettings,
    StackSettings,
    catalogue,
)
from config.exchange import HereExchange, HostExchange, StackExchange
from config.pages import AccountPage, Page

MADE_FROM = {"mirror": "packages", "harbor": "harbor"}
"""Where the images of services come from that no stack chooses it for."""


class MadeParty(Protocol):
    """What a party tells of itself once it is made, by whatever makes it."""

    @property
    def containers(self) -> object:
        """Return the name of each service's container or workload."""

    @property
    def api(self) -> object:
        """Return the address of FATE-Flow's API for the operator, if it is published."""

    @property
    def addresses(self) -> object:
        """Return the address that a load balancer gave, by service."""


def party_output(
    settings: StackSettings, party: PartySettings, place: Mapping[str, object], made: MadeParty
) -> dict[str, object]:
    """Return a party's row of the stack output `parties`; `place` is where its services can be found."""
    expose = party.expose
    return {
        "runtime": settings.runtime_of(party).kind,
        **place,
        "containers": made.containers,
        "database": str(party.database),
        **_external(party),
        "peers": [peer.id for peer in settings.peers_of(party)],
        **_way_of(settings, party),
        "api": made.api,
        **_pages(party),
        "expose": expose
        and {
            "host": expose.host,
            **dict(_dialled(party, expose)),
            "addresses": made.addresses,
        },
    }


def page_logins(party: PartySettings, made: Party) -> dict[str, object]:
    """Return a party's row of the stack output `logins`: how to log in to each page that it opens."""
    return {
        key: {"url": page_address(page), **_user(page), "password": made.passwords[key]}
        for key, page in party.pages.items()
    }


def logins_output(rows: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Return the stack output `logins`, a secret, by its name; nothing where no party opens a page.

    It stands apart: other stacks read `parties` in plain.
    """
    opened = {party: row for party, row in rows.items() if row}
    return {"logins": Output.secret(opened)} if opened else {}


def _pages(party: PartySettings) -> dict[str, object]:
    """Return what a party tells in plain of the pages that it opens; nothing where it opens none."""
    pages = {
        key: {"service": catalogue().pages()[key][0], "url": page_address(page), **_user(page)}
        for key, page in party.pages.items()
    }
    return {"pages": pages} if pages else {}


def _user(page: Page) -> dict[str, str]:
    return {"user": page.user} if isinstance(page, AccountPage) else {}


def _external(party: PartySettings) -> dict[str, object]:
    """Return where those services are that others run; nothing where they run none."""
    places = {service: part.first for service, part in party.outside.items()}
    told = {service: f"{host}:{port}" for service, (host, port) in places.items()}
    return {"external": told} if told else {}


def _dialled(party: PartySettings, expose: Expose) -> Iterator[tuple[str, object]]:
    """Yield `<service>-port` for each service that peers dial, and its host where it can be another."""
    for service, address in {**expose.addresses, **party.met_outside}.items():
        if service not in party.meets:
            continue
        yield f"{service}-port", address.port
        if service in catalogue().met_by_peers("tcp"):
            yield f"{service}-host", address.host


def exchange_output(settings: StackSettings, runtime: Runtime, made: Exchange) -> dict[str, object]:
    """Return the stack output `exchange`: where it is, and the ports that it keeps for each party."""
    exchange = settings.exchange
    expose = exchange.expose if exchange else None
    parties: dict[str, dict[str, int]] = {id: {} for id in settings.led_to_by_the_exchange}
    for each in kept_ports(settings):
        parties[each.party][f"{each.service}-at"] = each.port
    return {
        "kind": exchange and exchange.kind,
        "runtime": settings.exchange_runtime.kind,
        **runtime.address(None, "exchange"),
        "containers": made.containers,
        "parties": parties,
        "expose": expose
        and {
            "host": expose.host,
            expose.key: expose.port,
            "addresses": made.addresses,
        },
    }


def _way_of(settings: StackSettings, party: PartySettings) -> dict[str, object]:
    """Return, for a party behind an exchange, which one that is and which peers it leads to."""
    match party.exchange:
        case HostExchange() as exchange:
            at = f"{exchange.host}:{exchange.addresses[party.calls_by].port}"
        case StackExchange() as exchange:
            at = exchange.stack
        case HereExchange():
            at = "here"
        case None:
            return {}
    through = (peer for peer in settings.peers_of(party) if isinstance(peer, PartyPeer | ExchangePeer))
    return {"exchange": {"at": at, "leads-to": [peer.id for peer in through]}}


def services_output(settings: StackSettings) -> list[dict[str, object]]:
    """Return the stack output `services`: what each is, for those who ask it and who tell of it."""
    present = {name for party in settings.parties for name in party.service_names}
    if isinstance(settings.mirror, DistributionMirror):
        present |= catalogue().of("mirror").keys()
    if isinstance(settings.mirror, HarborMirror):
        present |= set(settings.mirror.service_names)
    if settings.exchange:
        present.add(settings.exchange.service)
    return [
        {
            "name": name,
            "what": facts.what,
            "loss": facts.loss,
            "from": MADE_FROM.get(facts.of) or settings.images.source_of(name),
            "ports": {port: each.number for port, each in facts.ports.items()},
        }
        for name, facts in catalogue().services.items()
        if name in present
    ]
