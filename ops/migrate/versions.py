"""The release of FATE that a stack has, and the one that a source names."""

import re

from config import catalogue
from ops.migrate.account import Account

PLACE = "fate:release"


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
        account.kept(name, PLACE)
    elif found[1] == written.partition(".")[0]:
        account.not_needed(name, f"FATE {written} is written: it is the release that is built here")
    else:
        account.without_counterpart(
            name,
            f"FATE {written} is written: jobs and models of FATE {found[1]} do not pass over to it",
        )
