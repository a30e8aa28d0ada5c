"""Pulumi projects in temporary folders, each with a state and a passphrase of its own.

The checkout's own stacks, their state and their secrets are neither read nor changed. The plugins are those
of the environment: `. setup/activate` first.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.saved_plan import Resource, resources_in
from bench.verdicts import CannotMeasureError, MeasuredFailedError

CHECKOUT = Path(__file__).parents[1]
PROGRAM = ("Pulumi.yaml", "__main__.py", "clients", "config", "components", "images", "providers")
TIME_LIMIT = 900
LAST_LINES = 5
LONGEST_WORDS = 600
NOT_INHERITED = ("PULUMI_CONFIG_PASSPHRASE_FILE", "PYTHONDONTWRITEBYTECODE")
"""The second would have every module compiled anew in every run, which few users' shells ask for."""


@dataclass(frozen=True)
class Project:
    """A folder with a Pulumi project, and one stack of it."""

    folder: Path
    stack: str
    environment: Mapping[str, str]

    def pulumi(self, *arguments: str) -> str:
        """Run a command on the stack and return what it prints. Raises MeasuredFailedError."""
        command = ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"]
        return run(command, self.folder, self.environment)

    def preview(self) -> str:
        """Run `pulumi preview`."""
        return self.pulumi("preview")

    def up(self) -> str:
        """Run `pulumi up` without a preview before it."""
        return self.pulumi("up", "--yes", "--skip-preview")

    def destroy(self) -> str:
        """Run `pulumi destroy`."""
        return self.pulumi("destroy", "--yes", "--skip-preview")

    def planned(self, package: str = "docker") -> tuple[Resource, ...]:
        """Return the resources of a package that the program declares; the secrets are throwaway ones."""
        plan = self.folder / "plan.json"
        self.pulumi("preview", "--show-secrets", "--save-plan", str(plan))
        return resources_in(plan.read_text(), package)

    def forget(self) -> None:
        """Have the stack never been up. What it made stays."""
        self.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
        self.pulumi("stack", "init")


def checkout(stack: str) -> Project:
    """Return the checkout itself with one of its own stacks."""
    return Project(CHECKOUT, stack, os.environ)


@contextmanager
def federation(stack: str, stack_file: str) -> Iterator[Project]:
    """Make a project with this checkout's program and a stack file of its own."""
    with _temporary(stack) as project:
        for name in PROGRAM:
            (project.folder / name).symlink_to(CHECKOUT / name)
        (project.folder / f"Pulumi.{stack}.yaml").write_text(stack_file)
        project.pulumi("stack", "init")
        yield project


@contextmanager
def flat(stack: str, program: str) -> Iterator[Project]:
    """Make a project of one file that imports nothing of this checkout."""
    with _temporary(stack) as project:
        shutil.copy(CHECKOUT / "Pulumi.yaml", project.folder)
        (project.folder / "providers").symlink_to(CHECKOUT / "providers")
        (project.folder / "__main__.py").write_text(program)
        project.pulumi("stack", "init")
        yield project


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command. Raises MeasuredFailedError with its last lines when it fails."""
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except FileNotFoundError:
        raise CannotMeasureError(
            f"no {command[0]} on PATH", "Run make setup, then . setup/activate"
        ) from None
    except subprocess.TimeoutExpired:
        raise MeasuredFailedError(f"{command[0]} did not end in {TIME_LIMIT} s", "Run it by hand") from None
    if ended.returncode == 0:
        return ended.stdout
    words = last_words(ended.stdout + ended.stderr)
    raise MeasuredFailedError(f"{' '.join(command[:2])} ended with {ended.returncode}", f"It said: {words}")


def last_words(output: str) -> str:
    """Return the errors among the lines of a command; its last lines where it names none."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error:") or re.match(r"\d+\. ", line)]
    return " | ".join(errors or lines[-LAST_LINES:])[-LONGEST_WORDS:]


@contextmanager
def _temporary(stack: str) -> Iterator[Project]:
    with tempfile.TemporaryDirectory(prefix="fate-bench-") as name:
        folder = Path(name)
        (folder / "state").mkdir()
        (folder / ".venv").symlink_to(CHECKOUT / ".venv")
        yield Project(folder, stack, _environment(folder))


def _environment(folder: Path) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    own = {"PULUMI_BACKEND_URL": f"file://{folder / 'state'}", "PULUMI_CONFIG_PASSPHRASE": "bench-only"}
    return {**inherited, **own, "PULUMI_SKIP_UPDATE_CHECK": "true"}
