"""What of a source's values may be seen. A password never is, nor the value of a key that nobody knows."""

import re
from collections.abc import Mapping

from config.faults import nearest

SECRET = re.compile(r"pass(wd|word)?$|hashed|token|credential|secret_?key|access_?key", re.IGNORECASE)
SPEAKS_OF_ONE = re.compile(r"//[^/\s]*:[^/\s]*@|pass|hashed", re.IGNORECASE)
BLOTTED = "●●●"
LONGEST = 48
DEEPEST, MOST = 4, 8


def is_secret(name: str) -> bool:
    """Say whether a key holds a password by its name, misspelt ones too."""
    last = name.rpartition(".")[2]
    return SECRET.search(last) is not None or nearest(last, ["password", "passwd"]) is not None


def seen(name: str, value: object, known: bool = True) -> str:
    """Return a value as a report shows it: blotted where it may be secret, cut short where it is long."""
    if value is None or value == "":
        return ""
    text = "".join(character if character.isprintable() else "·" for character in _plain(value))
    if not known or is_secret(name) or SPEAKS_OF_ONE.search(text):
        return BLOTTED
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _plain(value: object, depth: int = 0) -> str:
    """Return a value much as YAML has it; of what is large or deep, the beginning."""
    match value:
        case bool():
            return str(value).lower()
        case Mapping() | list() if depth == DEEPEST:
            return "…"
        case Mapping():
            pairs = [f"{key}: {_plain(below, depth + 1)}" for key, below in [*value.items()][:MOST]]
            return f"{{{', '.join(pairs)}}}"
        case tuple() | list() if depth == 0 and not any(isinstance(part, Mapping | list) for part in value):
            return " ".join(map(str, value))
        case tuple() | list():
            return f"[{', '.join(_plain(part, depth + 1) for part in value[:MOST])}]"
        case _:
            return str(value)
