"""Durations as Go writes them: `5s`, `1m30s`, `250ms`."""

import re

from diff.refusal import Refusal

SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
NANO = 1_000_000_000
SMALL = (("ms", 1_000_000), ("µs", 1_000), ("ns", 1))


def nanoseconds(duration: str) -> int:
    """Return a duration in nanoseconds."""
    parts = re.findall(r"([\d.]+)(h|ms|m|s|us|µs|ns)", duration)
    if duration == "0":
        return 0
    if not parts or "".join(amount + unit for amount, unit in parts) != duration:
        raise Refusal(f"{duration!r} is not a valid duration. Write for example '5s' or '1m30s'.")
    return round(sum(float(amount) * SECONDS[unit] for amount, unit in parts) * 1e9)


def written(amount: int) -> str:
    """Return nanoseconds as Go writes them: from hours on all units down to seconds, below by one unit."""
    if amount == 0:
        return "0s"
    if amount < NANO:
        unit, size = next((unit, size) for unit, size in SMALL if amount >= size)
        return f"{amount / size:g}{unit}"
    minutes, seconds = divmod(amount, 60 * NANO)
    hours, minutes = divmod(minutes, 60)
    told = f"{seconds / NANO:.9f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{told}"
    return f"{minutes}m{told}" if minutes else told
