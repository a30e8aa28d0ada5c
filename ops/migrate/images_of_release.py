"""Which release of FATE a migrated stack has, where its images come from, and where its parties pull them."""

import re
from dataclasses import dataclass

from config import Engines, PartySettings, Source, catalogue
from config.faults import shown
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Placeholder
from ops.migrate.party_of_engines import party_with

EXAMPLE = {"kind": "external", "address": "registry.bank.example:5000/fate"}
WHY = "a registry that all of them pull from, with the images of docs/mirror.md; or give --registry"
SOURCES: tuple[Source, ...] = ("packages", "hub")
"""What is built here stands first: it needs nobody's registry."""
NEURAL = ("nn", "true")
HUB_NAMESPACE = "/federatedai"
HOW: dict[Source, str] = {
    "packages": "it is the release that is built here",
    "hub": "it is the newest whose official images have all that the party runs",
}
MUST_HOLD: dict[Source, str] = {
    "packages": "the images that are built here",
    "hub": "FATE's official images under their names on Docker Hub",
}


@dataclass(frozen=True)
class Origin:
    """Where all images of a party come from, and of which release."""

    source: Source
    release: str


def origin_of(engines: Engines, named: str = "") -> Origin | None:
    """Return where a party with these engines has images from, None where nothing has all of them.

    The release is the one that is named where it has them, else the newest that does.
    """
    party = party_with(engines)
    for source in SOURCES:
        having = [release for release in catalogue().releases if _has_all(party, source, release)]
        if having:
            return Origin(source, named if named in having else having[-1])
    return None


def origin_for(account: Account, engines: Engines, *names: str) -> Origin:
    """Return where a stack has its images from, and account for the keys that name a release.

    Raises ValueError for engines that have no images: none like these are written.
    """
    named = next((found for name in names if (found := _release(account, name))), "")
    origin = origin_of(engines, named)
    if origin is None:
        raise ValueError(f"nothing has all images for {engines}")
    for name in names:
        _account_for(account, name, origin)
    return origin


def account_for_algorithm(account: Account, origin: Origin, *names: str) -> None:
    """Say that images built here compute neural networks too; of official ones only those named `-nn` do."""
    for name in names:
        if origin.source == "packages" and account.text(name).lower() in NEURAL:
            account.not_needed(name, "the images built here hold FATE's own algorithms, those on torch too")


def mirror_for(account: Account, key: str, asked: str | None, origin: Origin) -> object:
    """Return the stack's mirror: the registry that is asked for, or the source's.

    Where there is neither, official images come from Docker Hub, and others need a placeholder.
    """
    given = account.text(key)
    own = _prefix(accepted.registry(given), origin) if given else None
    if asked and asked != own:
        account.without_counterpart(key, f"--registry {asked} is written instead")
    elif own:
        note = f'it must hold {MUST_HOLD[origin.source]}: docs/mirror.md, "A registry that you have already"'
        account.kept(key, "fate:mirror.address", note=note)
    elif given:
        account.without_counterpart(key, f"{shown(given)} is no address of a registry: fill in fate:mirror")
    address = asked or own
    if address:
        return {"kind": "external", "address": address}
    return Placeholder(EXAMPLE, WHY) if given or origin.source == "packages" else None


def _has_all(party: PartySettings, source: Source, release: str) -> bool:
    return all(_has(party, source, release, service) for service in party.service_names)


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


def _prefix(registry: str | None, origin: Origin) -> str | None:
    """Return what stands before the names of images: those of official ones begin with the namespace."""
    return registry.removesuffix(HUB_NAMESPACE) if registry and origin.source == "hub" else registry
