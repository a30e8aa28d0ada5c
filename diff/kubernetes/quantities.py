"""Kubernetes quantities in their shortest spelling: `1024Mi` is `1Gi`, and `0.5` is `500m`."""

import re
from fractions import Fraction

QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?")
DECIMAL = {
    **{name: Fraction(1, 1000**power) for power, name in enumerate("mun", 1)},
    "": Fraction(1),
    **{name: Fraction(1000**power) for power, name in enumerate("kMGTPE", 1)},
}
BINARY = {f"{name}i": Fraction(1024**power) for power, name in enumerate("KMGTPE", 1)}
HOLDERS = {
    "capacity",
    "default",
    "defaultRequest",
    "divisor",
    "hard",
    "limits",
    "max",
    "maxLimitRequestRatio",
    "min",
    "overhead",
    "requests",
    "sizeLimit",
}
"""The fields whose values, however deep, are quantities."""


def shortest(quantity: object) -> object:
    """Return a quantity as Kubernetes itself writes it; anything else as it is."""
    if isinstance(quantity, bool) or not isinstance(quantity, str | int | float):
        return quantity
    match = QUANTITY.fullmatch(str(quantity))
    if not match:
        return quantity
    digits, suffix = match[1], match[2] or ""
    if suffix[:1] in ("e", "E") and suffix != "E":
        return quantity
    value = Fraction(digits) * (DECIMAL | BINARY)[suffix]
    binary = suffix in BINARY and abs(value) >= 1024
    return _spelled(value, BINARY if binary else DECIMAL)


def _spelled(value: Fraction, units: dict[str, Fraction]) -> str:
    fitting = {name: value / unit for name, unit in {"": Fraction(1), **units}.items()}
    whole = {name: number for name, number in fitting.items() if number.denominator == 1}
    if not value or not whole:
        return "0" if not value else str(value)
    suffix = min(whole, key=lambda name: abs(whole[name]))
    return f"{whole[suffix]}{suffix}"
