"""What is wrong with a stack's configuration: all of it at once, each fault with its way out."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

REFUSAL = "refusal"
LONGEST_SHOWN = 60


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
