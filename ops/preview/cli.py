"""`fate preview --base main`."""

import argparse
import secrets
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from ops.preview.child import Child
from ops.preview.hazards import Hazard
from ops.preview.overview import Overview
from ops.preview.repository import WORKTREE, CannotPreviewError, Repository
from ops.preview.side import Recording, Side
from ops.preview.stack_changes import compare

DANGER, USAGE = 1, 2
PURPOSE = "What a change does to every stack, from two commits, without an engine or a secret."
FORMATS = ("table", "markdown", "json")


def run(asked: argparse.Namespace) -> int:
    """Preview a change.

    Returns 1 for a danger of `--fail-on` or a head that does not run, 2 for bad input.
    """
    try:
        overview = previewed(Path.cwd(), asked.base, asked.head, asked.stack)
        _write(written(overview, asked), asked.output)
    except CannotPreviewError as fault:
        print(f"preview: {fault}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("preview: interrupted; nothing was changed", file=sys.stderr)
        return USAGE
    met = overview.hazards(asked.fail_on)
    if met:
        print(f"preview: {', '.join(met)}: see the sentences above", file=sys.stderr)
    return DANGER if met or not overview.runs else 0


def previewed(folder: Path, base: str, head: str, stacks: Sequence[str]) -> Overview:
    """Return what the change from the common commit of `base` and `head` to `head` does.

    Raises CannotPreviewError for a folder, a revision or a stack that is not there.
    """
    repository = Repository.around(folder)
    tip = repository.commit("HEAD" if head == WORKTREE else head, "--head")
    start = repository.merge_base(repository.commit(base, "--base"), tip)
    changed = repository.changed_files(start, None if head == WORKTREE else tip)
    named = f"{tip[:9]} {repository.subject(tip)}" if head != WORKTREE else "the working directory"
    was = f"{start[:9]} {repository.subject(start)}"
    if not changed:
        return Overview(was, named, (), ("Both sides are the same.",))
    with ExitStack() as ending:
        seal = secrets.token_bytes(32)
        first, second = ending.enter_context(Child(seal)), ending.enter_context(Child(seal))
        before = Side(ending.enter_context(repository.checked_out(start)), first)
        recording = Recording(before, stacks, ending.enter_context(ThreadPoolExecutor(1)))
        own = repository.root / repository.project
        folder = own if head == WORKTREE else ending.enter_context(repository.checked_out(tip))
        changes = compare(recording, Side(folder, second), stacks)
        return Overview(was, named, changes, _notes(changed))


def written(overview: Overview, asked: argparse.Namespace) -> str:
    """Return the overview in the form that was asked for."""
    if asked.format == "json":
        from ops.preview.as_json import as_json

        return as_json(overview)
    if asked.format == "markdown":
        from ops.preview.as_markdown import as_markdown

        return as_markdown(overview, asked.artifact)
    from ops.preview.as_table import as_table

    return as_table(overview, colour=asked.output is None and sys.stdout.isatty())


def _notes(changed: Sequence[str]) -> list[str]:
    if any(Path(name).name == "requirements.txt" for name in changed):
        return ["requirements.txt changes: both sides ran with the packages that are installed here"]
    return []


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        problem = f"--output {output} cannot be written: {error.strerror}"
        raise CannotPreviewError(problem, "Name a file in a folder that you may write to") from None


def _hazards(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in list(Hazard)]
    if wrong:
        raise argparse.ArgumentTypeError(f"{wrong[0]!r} is no danger; write some of {', '.join(Hazard)}")
    return names


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    parser.add_argument("--base", default="main", help="where the change is to go (default: main)")
    parser.add_argument(
        "--head", default="HEAD", help=f"the change: a revision, or {WORKTREE} for what is not committed"
    )
    parser.add_argument(
        "--stack", action="append", default=[], metavar="NAME", help="only this stack; repeat"
    )
    parser.add_argument("--format", choices=FORMATS, default="table")
    parser.add_argument(
        "--fail-on",
        type=_hazards,
        default=[],
        metavar="LIST",
        help=f"end with 1 on some of {','.join(Hazard)}",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of on the terminal")
    parser.add_argument(
        "--artifact", default="", metavar="TEXT", help="where a cut comment says that the whole preview is"
    )
