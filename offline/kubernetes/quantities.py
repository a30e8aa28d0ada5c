"""Kubernetes quantities by their value: `1Gi` is `1024Mi`, and `0.5` is `500m`."""

import re
from fractions import Fraction

QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?")
FACTORS = {
    "": Fraction(1),
    **{name: Fraction(1, 1000**power) for power, name in enumerate("mun", 1)},
    **{name: Fraction(1000**power) for power, name in enumerate("kMGTPE", 1)},
    **{f"{name}i": Fraction(1024**power) for power, name in enumerate("KMGTPE", 1)},
}
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


def value(quantity: object) -> Fraction | None:
    """Return the value of a quantity; nothing for what is none."""
    if isinstance(quantity, bool) or not isinstance(quantity, str | int | float):
        return None
    match = QUANTITY.fullmatch(str(quantity))
    if not match:
        return None
    digits, suffix = match[1], match[2] or ""
    if suffix not in FACTORS:
        return Fraction(f"{digits}{suffix}")
    return Fraction(digits) * FACTORS[suffix]


def same(one: object, other: object) -> bool:
    """Return whether two quantities have one value."""
    return (found := value(one)) is not None and found == value(other)
