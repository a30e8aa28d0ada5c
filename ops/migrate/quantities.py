"""Kubernetes' quantities in the units of a stack."""

import re
from decimal import Decimal

UNITS = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
BYTES = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)(k|M|G|T|Ki|Mi|Gi|Ti)?", re.ASCII)
CORES = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(m)?", re.ASCII)


def mebibytes(value: object) -> int | None:
    """Return such as `512Mi` in whole MiB, None for what is no amount of memory."""
    found = BYTES.fullmatch(_text(value))
    return int(Decimal(found[1]) * UNITS[found[2] or ""] // 2**20) if found else None


def cpus(value: object) -> float | None:
    """Return such as `500m` in CPUs, None for what is no amount of CPUs above 0."""
    found = CORES.fullmatch(_text(value))
    if found is None:
        return None
    amount = Decimal(found[1]) / (1000 if found[2] else 1)
    return (int(amount) if amount == int(amount) else float(amount)) or None


def _text(value: object) -> str:
    return "" if isinstance(value, bool) else str(value).strip()
