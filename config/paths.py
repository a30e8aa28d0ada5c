"""Where in a stack's YAML a fault stands, in the form that `pulumi config set --path` takes."""

import re
from collections.abc import Iterable

PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def path(*parts: str | int) -> str:
    """Return such as `fate:parties[0].services.fateflow.configuration["service_conf.yaml"]`."""
    first, *rest = parts or ("",)
    return f"fate:{first}" + "".join(map(_step, rest))


def dotted(parts: Iterable[str | int]) -> str:
    """Return a place in a configuration file, such as `computing.standalone.cores`."""
    return ".".join(map(str, parts))


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if PLAIN.fullmatch(part) else f'["{part}"]'
