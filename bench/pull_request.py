"""`fate preview` of a change of one line, in a git repository of its own: two parties, and fifty."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from bench.gauges import Timed, medians, peak_bytes, timed
from bench.project import CHECKOUT, NOT_INHERITED, PROGRAM, run
from bench.stack_files import Values, grown_to, stack_file, values_in
from bench.verdicts import Measured, MeasuredFailedError

BASE, HEAD = "main", "change"
AUTHOR = {f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false")
STRAY = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")
CORES = 8
"""What the change writes; every release's default is another number."""
MANY = 50
LIMITS = {"the dev stack": 2.0, f"a stack of {MANY} parties": 10.0}
"""Seconds."""
MEMORY_LIMIT = 300.0
MEBIBYTE = 2**20
COMMAND = [sys.executable, "-m", "ops", "preview", "--base", BASE, "--head", HEAD, "--format", "markdown"]


def measure(rounds: int) -> list[Measured]:
    """Measure the whole command, as a workflow calls it; nothing but git and Python is asked."""
    values = values_in((CHECKOUT / "Pulumi.dev.yaml").read_text())
    stacks = zip(LIMITS, (values, grown_to(values, MANY)), strict=True)
    with ExitStack() as made:
        folders = {name: made.enter_context(history("dev", stack)) for name, stack in stacks}
        for folder in folders.values():
            _check(_previewed(folder))
        seconds = medians({name: _turn(folder) for name, folder in folders.items()}, rounds)
        peaks = {name: peak_bytes(COMMAND, folder, _environment()) for name, folder in folders.items()}
    return judged(seconds, peaks)


def judged(seconds: Mapping[str, float], peaks: Mapping[str, int]) -> list[Measured]:
    """Return the rows of what was timed and of the memory that it took."""
    times = [
        Measured(f"pull request of {name}", seconds[name], "s", limit=limit) for name, limit in LIMITS.items()
    ]
    return times + [
        Measured(
            f"memory for a pull request of {name}",
            peaks[name] / MEBIBYTE,
            "MiB",
            beside="children included",
            limit=MEMORY_LIMIT,
        )
        for name in LIMITS
    ]


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


def _turn(folder: Path) -> Timed:
    return lambda: timed(lambda: _previewed(folder))


def _previewed(folder: Path) -> str:
    return run(COMMAND, folder, _environment())


def _check(printed: str) -> None:
    """Refuse to time a preview that misses the change: it would be too quick."""
    if f"cores: {CORES}" not in printed:
        raise MeasuredFailedError("the preview does not tell the change", "Run fate preview by hand")


def _environment() -> Mapping[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    return {**kept, "PYTHONPATH": str(CHECKOUT)}


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
    run([*GIT, *arguments], folder, _git_environment())


def _git_environment() -> Mapping[str, str]:
    return {key: value for key, value in os.environ.items() if key not in STRAY} | AUTHOR
