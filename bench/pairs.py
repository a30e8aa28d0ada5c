"""Fair timing: the things compared take turns, so that a busy minute of the machine falls on all of them."""

import time
from collections.abc import Callable, Mapping
from statistics import median

Timed = Callable[[], float]


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that `act` takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def medians(turns: Mapping[str, Timed], rounds: int) -> dict[str, float]:
    """Return the median seconds of each, after `rounds` rounds; every other round goes in reverse order."""
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds):
        order = list(turns)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            seconds[name].append(turns[name]())
    return {name: median(taken) for name, taken in seconds.items()}
