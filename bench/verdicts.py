"""What was measured, beside what, and whether it keeps its limit."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a measurement stands to its limit."""

    KEPT = "kept"
    MISSED = "missed"
    TOLD = "told"
    """There is no limit: the figure is for the reader."""
    NOT_MEASURED = "not measured"
    """The machine, as it is now, does not allow it."""
    FAILED = "failed"
    """What was to be measured did not work."""


@dataclass(frozen=True)
class Measured:
    """A figure of ours. With `other` the limit is one of their ratio, without it one of the figure itself."""

    measure: str
    ours: float
    unit: str
    beside: str = ""
    other: float | None = None
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return ours over the other figure; None where there is no other, or it is not positive."""
        if self.other is None or self.other <= 0:
            return None
        return self.ours / self.other

    @property
    def verdict(self) -> Verdict:
        """Return how the figure stands to its limit; a ratio that cannot be formed has missed it."""
        if self.limit is None:
            return Verdict.TOLD
        judged = self.ours if self.other is None else self.ratio
        return Verdict.KEPT if judged is not None and judged <= self.limit else Verdict.MISSED


@dataclass(frozen=True)
class NotMeasured:
    """A measurement without a figure: why there is none, and what to do about it."""

    measure: str
    verdict: Verdict
    reason: str
    remedy: str


Outcome = Measured | NotMeasured


class CannotMeasureError(Exception):
    """Something is missing that a measurement needs. `str()` tells what, and what to do."""

    verdict = Verdict.NOT_MEASURED

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}.")
        self.reason = reason
        self.remedy = remedy


class MeasuredFailedError(CannotMeasureError):
    """What was to be measured did not work."""

    verdict = Verdict.FAILED
