"""A git repository of its own: this checkout's program, one stack, and a change of one line to it."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from bench.project import CHECKOUT, PROGRAM, run
from bench.stack_files import Values, stack_file

BASE, HEAD = "main", "change"
AUTHOR = {f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false")
STRAY = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")
CORES = 8
"""What the change writes; every release's default is another number."""


@contextmanager
def history(stack: str, values: Values) -> Iterator[Path]:
    """Make a repository whose branch `main` has the stack, and `change` one line more in its file."""
    with tempfile.TemporaryDirectory(prefix="fate-bench-") as name:
        folder = Path(name)
        _copy_program(folder)
        _git(folder, "init", "--quiet", "--initial-branch", BASE)
        _commit(folder, stack, values)
        _git(folder, "checkout", "--quiet", "-b", HEAD)
        _commit(folder, stack, changed(values))
        yield folder


def changed(values: Values) -> Values:
    """Return the stack with another number in a file of its last party's FATE-Flow."""
    conf: dict[str, Any] = {"service_conf.yaml": {"computing": {"standalone": {"cores": CORES}}}}
    *others, last = values["parties"]
    return {
        **values,
        "parties": [*others, {**last, "services": {"fateflow": {"configuration": conf}}}],
    }


def sealed(text: str) -> str:
    """Return a stack file with its secret as Pulumi would write it: encrypted, so that none is read."""
    content = yaml.safe_load(text)
    content["config"]["fate:secret-key"] = {"secure": "v1:bench:bench"}
    return yaml.safe_dump(content, sort_keys=False)


def _copy_program(folder: Path) -> None:
    for name in PROGRAM:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)


def _commit(folder: Path, stack: str, values: Values) -> None:
    (folder / f"Pulumi.{stack}.yaml").write_text(sealed(stack_file(values)))
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "A stack")


def _git(folder: Path, *arguments: str) -> None:
    run([*GIT, *arguments], folder, _environment())


def _environment() -> Mapping[str, str]:
    return {key: value for key, value in os.environ.items() if key not in STRAY} | AUTHOR
