"""Which release of FATE a migrated stack has, and where its images come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config import PartySettings, Source, catalogue
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Values

SOURCES: tuple[Source, ...] = ("packages", "hub")
"""What is built here stands first: it needs nobody's registry."""
HOW: dict[Source, str] = {
    "packages": "it is the release that is built here",
    "hub": "it is the newest whose official images have all that the party runs",
}


@dataclass(frozen=True)
class Origin:
    """Where the images of a party come from, and of which release."""

    source: Source
    release: str
    others: tuple[str, ...] = ()
    """Services whose images are official ones, beside those that are built here."""


def origin_of(party: PartySettings, named: str = "") -> Origin | None:
    """Return where a party has its images from, None where nothing has all of them.

    The release is the one that is named where it has them, else the newest that does.
    """
    for source in SOURCES:
        having = [release for release in catalogue().releases if not _lacking(party, source, release)]
        if having:
            return Origin(source, named if named in having else having[-1])
    found = (_with_others(party, release) for release in reversed(catalogue().releases))
    return next((origin for origin in found if origin), None)


def beside(party: PartySettings, origin: Origin) -> Origin | None:
    """Return where a party has its images from that has more services than another's, of the same release."""
    if not _lacking(party, origin.source, origin.release):
        return origin
    return _with_others(party, origin.release) if origin.source == "packages" else None


def origin_for(account: Account, party: PartySettings, *names: str) -> Origin:
    """Return where a stack has its images from, and account for the keys that name a release.

    Raises ValueError for engines that have no images: none like these are written.
    """
    named = next((found for name in names if (found := _release(account, name))), "")
    origin = origin_of(party, named)
    if origin is None:
        raise ValueError(f"nothing has all images for {party.engines}")
    for name in names:
        _account_for(account, name, origin)
    return origin


def images_of(origin: Origin, mirror: object) -> Values:
    """Return a stack's images: official ones beside those built here come from an external `mirror` too."""
    address = mirror.get("address") if isinstance(mirror, Mapping) else None
    one = {"from": "hub", **({"prefix": address} if address else {})}
    services = {"services": dict.fromkeys(origin.others, one)} if origin.others else {}
    return {"from": origin.source, **services}


def _with_others(party: PartySettings, release: str) -> Origin | None:
    """Return images that are built here, with official ones of what they lack, if nothing of it is FATE's."""
    lacking = _lacking(party, "packages", release)
    official = set(party.service_names) - set(_lacking(party, "hub", release))
    if all(service in official and _is_apart(service) for service in lacking):
        return Origin("packages", release, lacking)
    return None


def _is_apart(service: str) -> bool:
    """Say whether what a service runs stands in no other's image: peers or operators dial it by itself."""
    ports = catalogue().services[service].ports.values()
    return service != "fateflow" and any(port.audience != "party" for port in ports)


def _lacking(party: PartySettings, source: Source, release: str) -> tuple[str, ...]:
    return tuple(service for service in party.service_names if not _has(party, source, release, service))


def _has(party: PartySettings, source: Source, release: str, service: str) -> bool:
    images = catalogue().services[service].images.get(source)
    if images is None or images.layout is None:
        return False
    return catalogue().image(release, source, service, party.image_suffix(service, source)) is not None


def _release(account: Account, name: str) -> str:
    found = re.search(r"\d+\.\d+\.\d+", account.text(name))
    return found[0] if found else ""


def _account_for(account: Account, name: str, origin: Origin) -> None:
    named = _release(account, name)
    if not named:
        return
    if named == origin.release:
        account.kept(name, "fate:release")
    elif named.partition(".")[0] == origin.release.partition(".")[0]:
        account.not_needed(name, f"FATE {origin.release} is written: {HOW[origin.source]}")
    else:
        account.without_counterpart(
            name,
            f"FATE {origin.release} is written: jobs and models of FATE {named.partition('.')[0]} do not pass"
            " over to it",
        )
