"""A key of a source, as it was read."""

from dataclasses import dataclass

EMPTY: tuple[object, ...] = (None, "", (), [], {})


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
