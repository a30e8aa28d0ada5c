"""Which known name somebody meant."""

from collections.abc import Iterable
from difflib import get_close_matches

LIKE_ENOUGH = 0.6


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, None where nothing is like it."""
    plain = {candidate.lower().replace("_", "-"): candidate for candidate in known}
    asked = str(name).lower().replace("_", "-")
    found = get_close_matches(asked, plain, n=1, cutoff=LIKE_ENOUGH)
    return plain[found[0]] if found else None
