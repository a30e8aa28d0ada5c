"""Where the parties of a migrated stack pull their images."""

from config import Source
from config.faults import shown
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.images_of_release import Origin
from ops.migrate.migrated_stack import Placeholder

EXAMPLE = {"kind": "external", "address": "registry.bank.example:5000/fate"}
WHY = "a registry that all of them pull from, with the images of docs/mirror.md; or give --registry"
HUB_NAMESPACE = "/federatedai"
MUST_HOLD: dict[Source, str] = {
    "packages": "the images that are built here",
    "hub": "FATE's official images under their names on Docker Hub",
}


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


def _prefix(registry: str | None, origin: Origin) -> str | None:
    """Return what stands before the names of images: those of official ones begin with the namespace."""
    return registry.removesuffix(HUB_NAMESPACE) if registry and origin.source == "hub" else registry
