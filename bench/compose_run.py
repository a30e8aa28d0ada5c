"""`docker-compose` on what a plan declares: up until every health check passes, then down."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import yaml

from bench.compose import compose
from bench.plan import Resource
from bench.project import TIME_LIMIT, run
from bench.verdicts import CannotMeasureError, MeasuredFailedError

PACKAGE = "docker-compose"
PROJECT = "fate-bench-compose"
LOOK_AGAIN = 0.1


@dataclass(frozen=True)
class ComposeProject:
    """A folder with a compose file."""

    folder: Path
    client: docker.DockerClient

    def up(self) -> None:
        """Run `docker-compose up`, and wait for the health checks that nothing depends on."""
        self._compose("up", "--detach")
        deadline = time.monotonic() + TIME_LIMIT
        while waiting := self._waiting():
            if time.monotonic() > deadline:
                raise MeasuredFailedError(f"not healthy: {', '.join(waiting)}", "Look at docker-compose logs")
            time.sleep(LOOK_AGAIN)

    def down(self) -> None:
        """Take everything away, volumes included."""
        self._compose("down", "--volumes", "--timeout", "5")

    def _compose(self, *arguments: str) -> None:
        run([PACKAGE, "--project-name", PROJECT, *arguments], self.folder, os.environ)

    def _waiting(self) -> list[str]:
        label = f"com.docker.compose.project={PROJECT}"
        containers = self.client.api.containers(all=True, filters={"label": label})
        return unready({container["Names"][0]: container["Status"] for container in containers})


@contextmanager
def composed(resources: Sequence[Resource], client: docker.DockerClient) -> Iterator[ComposeProject]:
    """Make a compose project of a plan's resources in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="fate-bench-") as name:
        composition = compose(resources, name)
        for path, text in composition.files.items():
            file = Path(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o444)
        (Path(name) / "docker-compose.yaml").write_text(yaml.safe_dump(composition.tree, sort_keys=False))
        yield ComposeProject(Path(name), client)


def require() -> None:
    """Install Debian's docker-compose where there is none. Raises CannotMeasureError if it may not."""
    if shutil.which(PACKAGE):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotMeasureError(f"no {PACKAGE} on PATH", f"Run apt-get install {PACKAGE} as root")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGE]
    run(command, Path("/"), quiet)


def unready(statuses: Mapping[str, str]) -> list[str]:
    """Return which containers neither pass their health check nor have ended well, by the engine's words."""
    done = ("(healthy)", "Exited (0)")
    return [name for name, status in statuses.items() if not any(words in status for words in done)]
