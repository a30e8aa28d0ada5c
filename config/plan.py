"""What of a stack could be read: the ground that the checks across a stack stand on.

A stack with a fault in one party is checked all the same, so that every fault is told at once; a check
leaves out what it would have to guess.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from config.exchange import Exchange, HereExchange
from config.images import Images
from config.kubernetes import KubernetesSettings
from config.mirror import Mirror
from config.party import PartySettings
from config.peers import PartyPeer, Peer
from config.runtime import Runtime
from config.secrets import SECRETS
from config.text import ReleaseName

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """A stack as far as it could be read: None stands for what is faulty or absent."""

    release: str | None
    runtime: Runtime | None
    images: Images | None
    mirror: Mirror | None
    mirror_is_absent: bool
    exchange: Exchange | None
    exchange_is_absent: bool
    parties: Mapping[int, PartySettings]
    ids: Mapping[int, str]
    names_no_party: bool
    secrets: frozenset[str] | None
    protects: bool
    parties_are_absent: bool
    is_all_read: bool

    @cached_property
    def peers(self) -> Mapping[int, tuple[Peer, ...]]:
        """Return the peers of each party by its place: those it names, or every other party of the stack."""
        every = [PartyPeer.model_construct(id=id) for id in dict.fromkeys(self.ids.values())]
        return {
            place: party.peers
            if "peers" in party.model_fields_set
            else tuple(peer for peer in every if peer.id != party.id)
            for place, party in self.parties.items()
        }

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Return where in the list each readable party stands, the first where two have one id."""
        return {party.id: place for place, party in reversed(list(self.parties.items()))}

    def runtime_of(self, party: PartySettings) -> Runtime | None:
        """Return where a party runs: on its own runtime, or on the stack's."""
        return party.runtime or self.runtime

    def in_clusters(self) -> Iterator[tuple[int, PartySettings, KubernetesSettings]]:
        """Yield the place, the settings and the cluster of each party on Kubernetes."""
        for place, party in self.parties.items():
            runtime = self.runtime_of(party)
            if isinstance(runtime, KubernetesSettings):
                yield place, party, runtime

    def behind_the_exchange(self) -> Iterator[tuple[int, PartySettings, HereExchange]]:
        """Yield each party behind the stack's own exchange: its place, its settings, its ports there."""
        for place, party in self.parties.items():
            if isinstance(party.exchange, HereExchange):
                yield place, party, party.exchange

    def pulling_elsewhere(self) -> Iterator[tuple[tuple[str | int, ...], Runtime]]:
        """Yield what has a runtime of its own, another machine than the stack's: its place, its runtime."""
        pulling: list[tuple[tuple[str | int, ...], Runtime | None]] = [
            (("parties", place), party.runtime) for place, party in self.parties.items()
        ]
        pulling += [(("exchange",), self.exchange.runtime)] if self.exchange else []
        for at, own in pulling:
            if own is not None and self.runtime is not None and own.machine != self.runtime.machine:
                yield at, own

    @property
    def exchange_runtime(self) -> Runtime | None:
        """Return where the exchange runs: on its own runtime, or on the stack's."""
        return (self.exchange and self.exchange.runtime) or self.runtime

    def runtime_at(self, place: int) -> tuple[str | int, ...]:
        """Return where the stack says what the party at a place runs on."""
        return ("parties", place, "runtime") if self.parties[place].runtime else ("runtime",)


RELEASE: TypeAdapter[str] = TypeAdapter(ReleaseName)
RUNTIME: TypeAdapter[Runtime] = TypeAdapter(Runtime)
IMAGES: TypeAdapter[Images] = TypeAdapter(Images)
MIRROR: TypeAdapter[Mirror] = TypeAdapter(Mirror)
EXCHANGE: TypeAdapter[Exchange] = TypeAdapter(Exchange)
PARTY: TypeAdapter[PartySettings] = TypeAdapter(PartySettings)


def read(values: Mapping[str, object]) -> Plan:
    """Read of a stack's values whatever can be read."""
    listed = values.get("parties")
    raw = list(listed) if isinstance(listed, list | tuple) else []
    parties = {place: _readable(PARTY, party) for place, party in enumerate(raw)}
    mirror, exchange = (
        _readable(MIRROR, values.get("mirror")),
        _readable(EXCHANGE, values.get("exchange")),
    )
    return Plan(
        release=_readable(RELEASE, values.get("release")),
        runtime=_readable(RUNTIME, values.get("runtime")),
        images=_readable(IMAGES, values.get("images")),
        mirror=mirror,
        mirror_is_absent=values.get("mirror") is None,
        exchange=exchange,
        exchange_is_absent=values.get("exchange") is None,
        parties={place: party for place, party in parties.items() if party is not None},
        ids=dict(_ids(raw)),
        names_no_party=isinstance(listed, list | tuple) and not listed,
        secrets=_names(values.get(SECRETS, {})),
        protects=values.get("protect") is True,
        parties_are_absent="parties" not in values,
        is_all_read=None not in parties.values()
        and (mirror is None) is (values.get("mirror") is None)
        and (exchange is None) is (values.get("exchange") is None),
    )


def _names(secrets: object) -> frozenset[str] | None:
    return frozenset(map(str, secrets)) if isinstance(secrets, Mapping) else None


def _ids(parties: list[object]) -> Iterator[tuple[int, str]]:
    for place, party in enumerate(parties):
        if isinstance(party, dict) and isinstance(party.get("id"), str):
            yield place, party["id"]


def _readable(adapter: TypeAdapter[T], value: object) -> T | None:
    try:
        return adapter.validate_python(value, by_alias=True, by_name=False)
    except ValidationError:
        return None
