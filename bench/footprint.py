"""How large the images are that a party pulls, and how much memory an idle federation holds."""

from collections.abc import Mapping
from typing import Any

from docker.models.containers import Container

from bench.engine import built_images, connect
from bench.verdicts import CannotMeasureError, Measured
from images.recipes import RECIPES

GIGABYTE = 1e9
SIZE_LIMITS = {"fateflow": 1.1}
"""Gigabytes. Source: facts/fate-from-pypi.md, "torch"."""
GIBIBYTE = 2**30
MEMORY_LIMIT = 1.2
"""GiB for two parties and their mirror."""
RECLAIMABLE = ("total_inactive_file", "inactive_file")
"""Page cache that the kernel takes back first; its name in control groups of version 1 and 2."""


def measure_images() -> list[Measured]:
    """Measure the unpacked size of each image that is built here and that some stack has asked for."""
    built = built_images(connect(), RECIPES)
    if not built:
        raise CannotMeasureError("no image of a recipe on this engine", "Run make up, which builds them")
    return [
        Measured(
            measure=f"size of image {recipe}",
            ours=image.attrs["Size"] / GIGABYTE,
            unit="GB",
            limit=SIZE_LIMITS.get(recipe),
        )
        for recipe, image in built.items()
    ]


def measure_memory(stack: str) -> list[Measured]:
    """Measure the memory of every running container of a stack. Starts nothing, and runs no job."""
    containers = connect().containers.list(filters={"label": f"fate.stack={stack}"})
    if not any("fate.party" in container.labels for container in containers):
        raise CannotMeasureError(f"stack {stack} runs no party on this engine", f"Run make up STACK={stack}")
    held = {str(container.name): held_bytes(_stats(container)) for container in containers}
    return [
        Measured(
            measure=f"idle memory of {len(held)} containers",
            ours=sum(held.values()) / GIBIBYTE,
            unit="GiB",
            beside=_largest(held),
            limit=MEMORY_LIMIT,
        )
    ]


def held_bytes(stats: Mapping[str, Any]) -> int:
    """Return what a container holds: its usage without the page cache that may go at once."""
    memory = stats["memory_stats"]
    cached = next((memory["stats"][name] for name in RECLAIMABLE if name in memory.get("stats", {})), 0)
    return max(0, int(memory["usage"]) - int(cached))


def _stats(container: Container) -> Mapping[str, Any]:
    stats = container.stats(stream=False)
    return stats if isinstance(stats, dict) else next(stats)


def _largest(held: Mapping[str, int]) -> str:
    name = max(held, key=lambda name: held[name])
    return f"largest: {name}, {held[name] / 2**20:.0f} MiB"
