"""What is wrong with a stack's configuration: all of it at once, each with its place and its way out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic_core import PydanticCustomError

REFUSAL = "refusal"
LONGEST_SHOWN = 60
LIKE_ENOUGH = 0.6
PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Fault:
    """One thing that cannot work: where it stands, why, and what to write instead."""

    path: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}\n     {self.remedy}"


class ConfigurationFault(Exception):
    """A stack that is refused before anything is made. `str()` lists every fault, numbered."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        counted = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        listed = (f"{number:>3}. {fault}" for number, fault in enumerate(self.faults, start=1))
        return "\n".join([f"{counted} in the stack's configuration:", *listed])


def refusal(problem: str, remedy: str, at: Sequence[str | int] = ()) -> PydanticCustomError:
    """Return what a validator raises: a problem and its remedy, `at` a place below the validated value."""
    return PydanticCustomError(REFUSAL, "{problem}", {"problem": problem, "remedy": remedy, "at": tuple(at)})


def shown(value: object) -> str:
    """Return a value as a message shows it: text in quotes, whatever is long cut short."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, None where nothing is like it."""
    plain = {candidate.lower().replace("_", "-"): candidate for candidate in known}
    asked = str(name).lower().replace("_", "-")
    found = get_close_matches(asked, plain, n=1, cutoff=LIKE_ENOUGH)
    return plain[found[0]] if found else None


def path(*parts: str | int) -> str:
    """Return such as `fate:parties[0].services.fateflow.configuration["a.yaml"]`, as `pulumi config` does."""
    first, *rest = parts or ("",)
    return f"fate:{first}" + "".join(map(_step, rest))


def dotted(parts: Iterable[str | int]) -> str:
    """Return a place in a configuration file, such as `computing.standalone.cores`."""
    return ".".join(map(str, parts))


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if PLAIN.fullmatch(part) else f'["{part}"]'
