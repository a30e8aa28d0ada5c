"""What the named types of text are made of: each refuses in words, never in a pattern."""

import re
from collections.abc import Callable, Sequence

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from config.faults import nearest, refusal, shown


def written(pattern: str, what: str, remedy: str) -> tuple[AfterValidator, WithJsonSchema]:
    """Return what makes text refuse all that `pattern` does not match from end to end."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refusal(f"{shown(value)} is not {what}", remedy)
        return value

    return AfterValidator(check), WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


def no_number(example: str) -> BeforeValidator:
    """Return what makes text refuse a number that lacks its quotes; `example` shows it with them."""

    def check(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise refusal(f"{value} is a number here, and must be text", f"write {example.format(value)}")
        return value

    return BeforeValidator(check)


def refusing(check: Callable[[str], tuple[str, str] | None]) -> AfterValidator:
    """Return what makes text refuse each value for which `check` gives a problem and its remedy."""

    def refuse(value: str) -> str:
        if fault := check(value):
            raise refusal(*fault)
        return value

    return AfterValidator(refuse)


def among(known: Sequence[str]) -> tuple[AfterValidator, WithJsonSchema]:
    """Return what makes text refuse all but some names, which a catalogue tells."""
    listed = " | ".join(known)

    def foreign(value: str) -> tuple[str, str] | None:
        if value in known:
            return None
        return f"{shown(value)} is not one of {listed}", f"write {nearest(value, known) or listed}"

    return refusing(foreign), WithJsonSchema({"type": "string", "enum": list(known)})
