"""How large the images are that a party pulls."""

from bench.engine import built_image, connect
from bench.verdicts import Measured
from images.recipes import RECIPES

GIGABYTE = 1e9
LIMITS = {"fateflow": 1.1}
"""Gigabytes. Source: facts/fate-from-pypi.md, "torch"."""


def measure() -> list[Measured]:
    """Measure the unpacked size of each image that is built here."""
    client = connect()
    return [
        Measured(
            measure=f"size of image {recipe}",
            ours=built_image(client, recipe).attrs["Size"] / GIGABYTE,
            unit="GB",
            limit=LIMITS.get(recipe),
        )
        for recipe in RECIPES
    ]
