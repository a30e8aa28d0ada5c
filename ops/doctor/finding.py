"""What a remedy is made of."""

from typing import NamedTuple


class Finding(NamedTuple):
    """The likely cause of a symptom, and what to do."""

    cause: str
    remedy: str
