"""A file of Java properties, as Eggroll, OSX, FATEBoard and Pulsar read it."""

from collections.abc import Mapping

from components.services.context import overlaid


def rendered(own: Mapping[str, object], overrides: Mapping[str, object]) -> str:
    """Return a line for each of our keys in their order, then for the new ones of a stack, sorted."""
    return "".join(f"{key}={_written(value)}\n" for key, value in overlaid(own, overrides).items())


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
