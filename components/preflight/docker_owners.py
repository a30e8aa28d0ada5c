"""Whose the objects of a Docker engine are that have the names which a stack wants.

Asks before anything is made, one listing a kind, and takes nothing over. Docker itself would refuse a
container or network of a name that is there, in the middle of an `up`, and hand out a volume of that name
with whatever it holds.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from components.preflight.docker_wanted import Kind, WantedObject
from components.runtimes.ownership import Ownership, Stranger, remedy_for
from config import Fault

Ask = Callable[[str], Any]
"""The engine's answer to what is at a path of its API."""

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Owned:
    """The objects that a stack must not touch, and the names of before that its data volumes have."""

    faults: Sequence[Fault]
    kept: frozenset[str]


def owned_of(ask: Ask, host: str, wanted: Sequence[WantedObject], ownership: Ownership) -> Owned:
    """Look at what an engine has of the names that a stack wants."""
    named = f"filters={quote(json.dumps({'name': [f'-{ownership.stack}-']}))}"
    there = {kind: dict(_LISTINGS[kind](ask, named)) for kind in Kind}
    foreign: dict[tuple[str, Stranger], list[WantedObject]] = {}
    for want in wanted:
        labels = there[want.kind].get(want.name)
        owner = ownership.of_one_key() if want.keeps_key else ownership
        if labels is not None and (stranger := owner.stranger_in(labels)):
            foreign.setdefault((want.path, stranger), []).append(want)
    faults = [_fault(path, host, found, stranger, ownership) for (path, stranger), found in foreign.items()]
    return Owned(faults, frozenset(_kept(there[Kind.VOLUME], wanted, ownership)))


def _kept(there: Mapping[str, Labels], wanted: Sequence[WantedObject], ownership: Ownership) -> Iterator[str]:
    for want in wanted:
        labels = there.get(want.before) if want.before else None
        if (
            want.before
            and labels is not None
            and want.name not in there
            and not ownership.stranger_in(labels)
        ):
            yield want.before


def _containers(ask: Ask, named: str) -> Iterator[tuple[str, Labels]]:
    for container in ask(f"/containers/json?all=1&{named}"):
        for name in container["Names"]:
            yield name.lstrip("/"), container.get("Labels") or {}


def _networks(ask: Ask, named: str) -> Iterator[tuple[str, Labels]]:
    for network in ask(f"/networks?{named}"):
        yield network["Name"], network.get("Labels") or {}


def _volumes(ask: Ask, named: str) -> Iterator[tuple[str, Labels]]:
    for volume in ask(f"/volumes?{named}")["Volumes"] or ():
        yield volume["Name"], volume.get("Labels") or {}


_LISTINGS: Mapping[Kind, Callable[[Ask, str], Iterator[tuple[str, Labels]]]] = {
    Kind.CONTAINER: _containers,
    Kind.NETWORK: _networks,
    Kind.VOLUME: _volumes,
}


def _fault(
    path: str, host: str, found: Sequence[WantedObject], stranger: Stranger, ownership: Ownership
) -> Fault:
    first, *others = sorted(found, key=lambda want: not want.keeps_key)
    more = f" and {len(others)} more of the names that this stack wants" if others else ""
    problem = f"{host} already has {first.kind} {first.name}{more}, {ownership.describe(stranger)}"
    remedy = remedy_for(stranger, ownership, keeps_key=first.keeps_key)
    if stranger.stack is None:
        look = f"docker {first.kind} inspect {first.name}"
        remedy = f"look at it, and remove what nobody wants: {look}; or {remedy}"
    return Fault(path, problem, remedy)
