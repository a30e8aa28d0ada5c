"""Which release of FATE a migrated stack has, and where its parties pull from."""

import re

from config import catalogue
from config.faults import shown
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Placeholder

EXAMPLE = {"kind": "external", "address": "registry.bank.example:5000/fate"}
WHY = "a registry that all of them pull from, with the images of docs/mirror.md; or give --registry"


def release_for(account: Account, *names: str) -> str:
    """Return the newest release that is built from packages, and account for the keys that name another."""
    written = catalogue().having("packages", "fateflow")[-1]
    for name in names:
        _account_for(account, name, written)
    return written


def _account_for(account: Account, name: str, written: str) -> None:
    found = re.search(r"(\d+)\.\d+\.\d+", account.text(name))
    if found is None:
        return
    if found[0] == written:
        account.kept(name, "fate:release")
    elif found[1] == written.partition(".")[0]:
        account.not_needed(name, f"FATE {written} is written: it is the release that is built here")
    else:
        account.without_counterpart(
            name,
            f"FATE {written} is written: jobs and models of FATE {found[1]} do not pass over to it",
        )


def mirror_for(account: Account, key: str, asked: str | None) -> object:
    """Return the stack's mirror: the registry that is asked for, or the source's, else a placeholder."""
    given = account.text(key)
    own = accepted.registry(given) if given else None
    if asked and asked != own:
        account.without_counterpart(key, f"--registry {asked} is written instead")
    elif own:
        note = (
            'it must hold the images that are built here: docs/mirror.md, "A registry that you have already"'
        )
        account.kept(key, "fate:mirror.address", note=note)
    elif given:
        account.without_counterpart(key, f"{shown(given)} is no address of a registry: fill in fate:mirror")
    address = asked or own
    return {"kind": "external", "address": address} if address else Placeholder(EXAMPLE, WHY)
