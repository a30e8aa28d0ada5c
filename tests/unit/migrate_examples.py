"""Example sources, and what is made of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.migrate.kubernetes_party import Wishes
from ops.migrate.migrated_stack import MigratedStack
from ops.migrate.recognition import read, read_environment
from ops.migrate.stacks_of_sources import stacks_of

EXAMPLES = Path(__file__).parent / "kubefate_examples"
ENVIRONMENT = EXAMPLES / "two-machines.env"
SOURCES = sorted(file.name for file in EXAMPLES.iterdir() if file != ENVIRONMENT)
WITHOUT_STACK = ("serving.yaml",)
PASSWORD = "hunter2"


def migrated(*names: str, env: bool = False, **wishes: str) -> tuple[MigratedStack, ...]:
    environment = read_environment(ENVIRONMENT) if env else ()
    return stacks_of([read(EXAMPLES / name) for name in names], environment, Wishes(**wishes))


def one(name: str, *, env: bool = False, **wishes: str) -> MigratedStack:
    return migrated(name, env=env, **wishes)[0]


def told(stack: MigratedStack) -> Mapping[str, tuple[str, str]]:
    """Return what became of each key: the outcome, and it in words."""
    return {entry.key.name: (str(entry.claim.outcome), entry.claim.text) for entry in stack.entries}


def values(stack: MigratedStack) -> Any:  # noqa: ANN401 (a stack's keys are of any type)
    assert stack.values is not None
    return stack.values


def conf(tmp_path: Path, **changes: str) -> MigratedStack:
    """Return the stack of one-machine.conf with other values of some keys."""
    lines = (EXAMPLES / "one-machine.conf").read_text().splitlines()
    text = "\n".join(f"{k}={changes.get(k, v)}" for k, e, v in (line.partition("=") for line in lines) if e)
    (tmp_path / "parties.conf").write_text(text)
    return stacks_of([read(tmp_path / "parties.conf")], (), Wishes())[0]


def cluster(text: str, tmp_path: Path) -> MigratedStack:
    """Return the stack of a `cluster.yaml` with this text."""
    (tmp_path / "cluster.yaml").write_text(text)
    return stacks_of([read(tmp_path / "cluster.yaml")], (), Wishes())[0]
