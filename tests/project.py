"""A copy of this project with stacks, state and secrets of its own, so that no test touches a checkout's."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.runtimes.ownership import Ownership
from components.services.passwords import owner_fingerprint
from tests import pushed

ROOT = Path(__file__).parents[1]
LINKED = (
    "__main__.py",
    "charts",
    "clients",
    "config",
    "components",
    "images",
    "ops",
    "providers",
    "Pulumi.yaml",
    ".venv",
)
LIMIT = 900
SWEEPS = 10
LEFT_OUT = {"FATE_PREFLIGHT", "FATE_SECRET_KEYS", "PYTHONDONTWRITEBYTECODE"}


def labels_of(stack: str, secret_key: str) -> list[str]:
    """Return what every object of a stack carries, such as `fate.stack=dev`."""
    owner = Ownership("fate", stack, owner_fingerprint(secret_key))
    return [f"{key}={value}" for key, value in owner.labels().items()]


@dataclass(frozen=True)
class Project:
    """A folder in which `pulumi` runs this program."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "Project":
        """Make the folder: links to the program, an empty backend."""
        for name in LINKED:
            (folder / name).symlink_to(ROOT / name)
        (folder / "state").mkdir()
        return cls(folder)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of every command: this checkout's Pulumi, the folder's own state."""
        home = ROOT / ".local" / "pulumi-home"
        own = {"PULUMI_HOME": str(home)} if home.exists() else {}
        return {
            **{key: value for key, value in os.environ.items() if key not in LEFT_OUT},
            **own,
            "PATH": f"{ROOT}/.local/bin:{ROOT}/.venv/bin:{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder; its output is kept, and shown when it fails."""
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        if check and ended.returncode != 0:
            raise AssertionError(
                f"{' '.join(command)} ended with {ended.returncode}\n{ended.stdout}{ended.stderr}"
            )
        return ended

    def stack(self, name: str, values: Mapping[str, Any]) -> "Stack":
        """Make a stack with these `fate:` keys, and a secret of its own."""
        stack = Stack(self, name)
        stack.sweep()
        stack.write(values)
        self.run("pulumi", "stack", "init", name)
        self.run("pulumi", "config", "set", "--stack", name, "--secret", "fate:secret-key", stack.secret_key)
        return stack

    @contextmanager
    def brought_up(self, name: str, values: Mapping[str, Any]) -> Iterator["Stack"]:
        """Bring a stack up, and take it away, its data too, or what of it came up."""
        stack = self.stack(name, values)
        try:
            stack.up()
            yield stack
        finally:
            stack.sweep()


@dataclass(frozen=True)
class Stack:
    """One stack of a project."""

    project: Project
    name: str

    @property
    def file(self) -> Path:
        """Return its configuration file."""
        return self.project.folder / f"Pulumi.{self.name}.yaml"

    @property
    def secret_key(self) -> str:
        """Return its secret: that of every run of this checkout, so that what one left is known as ours."""
        return hashlib.sha256(f"only for tests of {ROOT}, stack {self.name}".encode()).hexdigest()

    @property
    def labels(self) -> list[str]:
        """Return what every object of it carries."""
        return labels_of(self.name, self.secret_key)

    def write(self, values: Mapping[str, Any]) -> None:
        """Write its `fate:` keys; the secret and the salt, if there are any, stay."""
        content = yaml.safe_load(self.file.read_text()) if self.file.exists() else {}
        kept = {k: v for k, v in content.get("config", {}).items() if k == "fate:secret-key"}
        content["config"] = {f"fate:{key}": value for key, value in values.items()} | kept
        self.file.write_text(yaml.safe_dump(content, sort_keys=False))

    def pulumi(self, command: str, *flags: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a pulumi command on the stack."""
        return self.project.run(
            "pulumi", *command.split(), "--stack", self.name, "--non-interactive", *flags, check=check
        )

    def up(self, *flags: str) -> str:
        """Run `pulumi up`; return what it printed. Its mirror has what another of this run was pushed."""
        config = yaml.safe_load(self.file.read_text())["config"]
        pushed.once(config, self.name, self.labels, lambda: self._up(*pushed.MIRROR_ALONE))
        return self._up(*flags)

    def _up(self, *flags: str) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", *flags).stdout

    def steps(self, *flags: str) -> dict[str, str]:
        """Return what a preview would do: the operation by resource name, without what stays the same."""
        told = json.loads(self.pulumi("preview", "--json", *flags).stdout)
        steps = {step["urn"].rpartition("::")[2]: step["op"] for step in told["steps"]}
        return {name: op for name, op in steps.items() if op not in ("same", "refresh", "read")}

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        told: dict[str, Any] = json.loads(self.pulumi("stack output", "--json").stdout)
        return told

    def doctor(self, *flags: str) -> subprocess.CompletedProcess[str]:
        """Run the doctor on the stack; its exit code is not checked."""
        return self._fate("doctor", *flags)

    def repair(self, *flags: str) -> subprocess.CompletedProcess[str]:
        """Run the repair on the stack; its exit code is not checked."""
        return self._fate("repair", *flags)

    def _fate(self, command: str, *flags: str) -> subprocess.CompletedProcess[str]:
        fate = (sys.executable, "-m", "ops", command, "--stack", self.name)
        return self.project.run(*fate, *flags, check=False)

    def sweep(self) -> None:
        """Remove from the engine what is this checkout's stack's: this run's, or an interrupted one's.

        Its data too. Nothing is asked to end by itself, as a `destroy` does, which takes longer.
        """
        for kind, listing, force in (
            ("container", "-aq", ["-f"]),
            ("network", "-q", []),
            ("volume", "-q", []),
        ):
            self._sweep(kind, listing, force)

    def _sweep(self, kind: str, listing: str, force: Sequence[str]) -> None:
        """Remove all of a kind; a network may still have a container that is gone already."""
        labels = [part for label in self.labels for part in ("--filter", f"label={label}")]
        for _ in range(SWEEPS):
            found = self.project.run("docker", kind, "ls", listing, *labels).stdout.split()
            if not found:
                return
            if self.project.run("docker", kind, "rm", *force, *found, check=False).returncode == 0:
                return
            time.sleep(1)
