"""Kubernetes' quantities in the units of a stack."""

from clients.kubernetes.quantities import amount

MOST_CPUS = 10**6


def mebibytes(value: object) -> int | None:
    """Return such as `512Mi` in whole MiB, None for what is no amount of memory."""
    found = amount(str(value).strip())
    return int(found // 2**20) if found is not None and found >= 0 else None


def cpus(value: object) -> float | None:
    """Return such as `500m` in CPUs, None for what is no amount of CPUs above 0, or finer than `1m`."""
    found = amount(str(value).strip())
    if not found or not 0 < found < MOST_CPUS or (found * 1000).denominator > 1:
        return None
    return int(found) if found.denominator == 1 else float(found)
