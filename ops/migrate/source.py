"""What is read of a source: its keys, how much of a value may be seen, and what cannot be read.

A password is never seen, nor the value of a key that nobody knows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.faults import nearest

EMPTY: tuple[object, ...] = (None, "", (), [], {})
SECRET = re.compile(r"pass(wd|word)?$|hashed|token|credential|secret_?key|access_?key", re.IGNORECASE)
SPEAKS_OF_ONE = re.compile(r"//[^/\s]*:[^/\s]*@|pass|hashed", re.IGNORECASE)
HIDDEN = "●●●"
LONGEST = 48
DEEPEST, MOST = 4, 8


@dataclass(frozen=True)
class Key:
    """A key, its value and where it stands. Below a mapping the name is dotted: `nginx.type`."""

    name: str
    value: object
    line: int
    file: str

    @property
    def is_empty(self) -> bool:
        """Say whether the key is written without a value."""
        return self.value in EMPTY


def _is_secret(name: str) -> bool:
    """Say whether a key holds a password by its name, misspelt ones too."""
    last = name.rpartition(".")[2]
    return SECRET.search(last) is not None or nearest(last, ["password", "passwd"]) is not None


def seen(name: str, value: object, known: bool = True) -> str:
    """Return a value as a report shows it: hidden where it may be secret, cut short where it is long."""
    if value is None or value == "":
        return ""
    text = "".join(character if character.isprintable() else "·" for character in _plain(value))
    if not known or _is_secret(name) or SPEAKS_OF_ONE.search(text):
        return HIDDEN
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


@dataclass(frozen=True)
class SourceFault:
    """One place of a file that cannot be read. Values are never repeated: they may be passwords."""

    file: str
    line: int | None
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.problem}\n     {self.remedy}"


class UnreadableSource(Exception):
    """A source of which nothing is migrated. `str()` lists every fault, numbered."""

    def __init__(self, faults: Sequence[SourceFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(f"{number:>3}. {fault}" for number, fault in enumerate(self.faults, start=1))
