"""How much a quantity is that Kubernetes writes: `1Gi` of memory, `500m` of a CPU.

`kubernetes.utils.parse_quantity` tells it too, but its import takes longer than a whole preflight.
"""

import re
from fractions import Fraction

UNITS = {
    "": Fraction(1),
    **{name: Fraction(1, 1000**power) for power, name in enumerate("mun", 1)},
    **{name: Fraction(1000**power) for power, name in enumerate("kMGTPE", 1)},
    **{f"{name}i": Fraction(1024**power) for power, name in enumerate("KMGTPE", 1)},
}
_NUMBER = r"[+-]?(?:\d{1,64}\.?\d{0,64}|\.\d{1,64})"
_WRITTEN = re.compile(rf"({_NUMBER}(?:[eE][+-]?\d{{1,2}})?)([numkMGTPE]|[KMGTPE]i)?", re.ASCII)


def amount(written: object) -> Fraction | None:
    """Return how much a quantity is; None for what is none."""
    found = None if isinstance(written, bool) else _WRITTEN.fullmatch(str(written))
    return Fraction(found[1]) * UNITS[found[2] or ""] if found else None
