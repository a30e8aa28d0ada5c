"""What cannot be read of a source: all of it at once, each with its line and its way out."""

from collections.abc import Sequence
from dataclasses import dataclass


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
