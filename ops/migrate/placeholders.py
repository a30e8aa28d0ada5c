"""What no source says and a stack must: a place for the operator to fill in, with an example."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.faults import path

Values = Mapping[str, object]


@dataclass(frozen=True)
class Placeholder:
    """A value that is missing: why, and what one looks like."""

    example: object
    why: str


def placeholders_in(values: Values) -> Iterator[tuple[str, Placeholder]]:
    """Yield each placeholder with its place in the stack."""
    for place, value in _below((), values):
        yield path(*place), value


def filled(value: object) -> object:
    """Return a value with the example in each placeholder's place."""
    match value:
        case Placeholder():
            return value.example
        case Mapping():
            return {key: filled(below) for key, below in value.items()}
        case list() | tuple():
            return [filled(below) for below in value]
        case _:
            return value


def _below(
    place: tuple[str | int, ...], value: object
) -> Iterator[tuple[tuple[str | int, ...], Placeholder]]:
    match value:
        case Placeholder():
            yield place, value
        case Mapping():
            for key, below in value.items():
                yield from _below((*place, str(key)), below)
        case list() | tuple():
            for number, below in enumerate(value):
                yield from _below((*place, number), below)
