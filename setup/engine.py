"""`python -m setup.engine STACK`: print the Docker engine that builds a stack's images.

It is the stack's own, `fate:runtime.host` or `fate:mirror.builder.host`, whatever DOCKER_HOST says. `--ping`
prints nothing, and ends with 0 if that engine answers. What else is wrong with a stack, the preview tells.
"""

import sys
from contextlib import closing
from pathlib import Path

from clients.docker import Engine
from clients.failures import Failure
from config import ConfigurationFault, DockerSettings, load
from config.mirror import OwnMirror
from config.stack_file import values_in

ROOT = Path(__file__).parents[1]


def main(stack: str, *options: str) -> int:
    """Print the engine's address, or ask whether it answers."""
    engine = builder_of(ROOT / f"Pulumi.{stack}.yaml")
    if "--ping" not in options:
        print(engine.host)
        return 0
    with closing(Engine(engine.host, engine.ssh_options)) as asked:
        try:
            asked.ask("/version")
        except Failure:
            return 1
    return 0


def builder_of(file: Path) -> DockerSettings:
    """Return the engine that builds for a stack; this machine's for a stack that cannot be read."""
    try:
        settings = load(values_in(file))
    except ConfigurationFault:
        return DockerSettings()
    if isinstance(settings.runtime, DockerSettings):
        return settings.runtime
    mirror = settings.mirror
    named = mirror.builder if isinstance(mirror, OwnMirror) else None
    return named or DockerSettings()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
