"""The Docker engine that the docker command of this shell goes to: DOCKER_HOST's, or its context's.

No stack follows it, for a preview would change from one shell to another. It is only told, where a stack
names no engine of its own.
"""

import json
import os
from collections.abc import Iterator

from clients import ssh
from clients.docker import UNIX
from config import DockerSettings, StackSettings
from config.mirror import OwnMirror


def host_of_this_shell() -> str | None:
    """Return the address; None where the docker command goes to its default."""
    if host := os.environ.get("DOCKER_HOST"):
        return host
    name = os.environ.get("DOCKER_CONTEXT") or _current_context()
    return _host_of_context(name) if name and name != "default" else None


def another_engine(engine: DockerSettings) -> str | None:
    """Return the engine of this shell where a stack that names none gets another; None elsewhere."""
    shell = None if "host" in engine.model_fields_set else host_of_this_shell()
    return shell if shell and _place(shell) != _place(engine.host) else None


def warnings(settings: StackSettings) -> Iterator[str]:
    """Yield what to write for a stack that names no engine, in a shell of another one."""
    for path, engine in _named(settings):
        if shell := another_engine(engine):
            yield (
                f"{path}: this shell's docker command goes to {shell}, and the stack to {engine.host}, as it"
                f" names no engine: what it does is the same in every shell. Write {written(shell)}"
            )


def written(shell: str) -> str:
    """Return what to write for the engine of a shell."""
    if shell.startswith((UNIX, ssh.SCHEME)):
        return f"host: {shell}"
    return "host: ssh://user@host, as an engine behind an open port is refused"


def _named(settings: StackSettings) -> Iterator[tuple[str, DockerSettings]]:
    """Yield every engine of a stack, with where its address would stand."""
    if isinstance(settings.runtime, DockerSettings):
        yield "fate:runtime.host", settings.runtime
    elif (
        isinstance(mirror := settings.mirror, OwnMirror)
        and mirror.builds
        and settings.images.source == "packages"
    ):
        yield "fate:mirror.builder.host", mirror.builder or DockerSettings()
    exchange = settings.exchange
    if exchange and isinstance(exchange.runtime, DockerSettings):
        yield "fate:exchange.runtime.host", exchange.runtime
    for index, party in enumerate(settings.parties):
        if isinstance(party.runtime, DockerSettings):
            yield f"fate:parties[{index}].runtime.host", party.runtime


def _place(host: str) -> str:
    """Return an address by which two names of one socket are the same."""
    return os.path.realpath(host.removeprefix(UNIX)) if host.startswith(UNIX) else host


def _current_context() -> str | None:
    folder = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            named = json.load(file).get("currentContext")
    except (OSError, ValueError, AttributeError):
        return None
    return named if isinstance(named, str) else None


def _host_of_context(name: str) -> str | None:
    """Return a context's address; docker is imported here, as few shells have a context of their own."""
    from docker.context import ContextAPI

    try:
        context = ContextAPI.get_context(name)
    except Exception:
        return None
    return str(context.Host) if context and context.Host else None
