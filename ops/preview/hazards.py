"""The kinds of danger that a change can bring, and one danger as it is found."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Hazard(StrEnum):
    """The kinds of danger, worst first. `--fail-on` takes their values."""

    DATA_LOSS = "data-loss"
    REFUSED = "refused"
    EXPOSURE = "exposure"
    REACH = "reach"
    IMAGE = "image"
    RESTART = "restart"


@dataclass(frozen=True)
class Danger:
    """One danger: `{where}` in the sentence stands for the components, so that many are told at once."""

    hazard: Hazard
    sentence: str
    component: str

    def as_json(self) -> dict[str, str]:
        """Return the danger as JSON has it."""
        return asdict(self)
