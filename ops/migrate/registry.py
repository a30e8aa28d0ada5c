"""Where the parties of a migrated stack pull from."""

from config.faults import shown
from ops.migrate import values
from ops.migrate.account import Account
from ops.migrate.placeholders import Placeholder

PLACE = "fate:mirror.address"
EXAMPLE = {"kind": "external", "address": "registry.bank.example:5000/fate"}
WHY = "a registry that all of them pull from, with the images of docs/mirror.md; or give --registry"


def mirror_for(account: Account, key: str, asked: str | None) -> object:
    """Return the stack's mirror: the registry that is asked for, or the source's, else a placeholder."""
    given = account.text(key)
    own = values.registry(given) if given else None
    if asked and asked != own:
        account.without_counterpart(key, f"--registry {asked} is written instead")
    elif own:
        note = (
            'it must hold the images that are built here: docs/mirror.md, "A registry that you have already"'
        )
        account.kept(key, PLACE, note=note)
    elif given:
        account.without_counterpart(key, f"{shown(given)} is no address of a registry: fill in fate:mirror")
    address = asked or own
    return {"kind": "external", "address": address} if address else Placeholder(EXAMPLE, WHY)
