"""`fate migrate`: write stack files from KubeFATE's `parties.conf` or `cluster.yaml`."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ops.migrate import accepted
from ops.migrate.account import Outcome
from ops.migrate.kubernetes_party import Wishes
from ops.migrate.migrated_stack import MigratedStack, render
from ops.migrate.recognition import Kind, Source, read, read_environment
from ops.migrate.report import Result, as_json, tell
from ops.migrate.source import SourceFault, UnreadableSource
from ops.migrate.stacks_of_sources import stacks_of

WELL, NOT_ALL, USAGE = 0, 1, 2
CODES = (
    "exit codes: 0 every key is mapped or explained; 1 a key is unknown, a stack is refused, or, with"
    " --strict, a key has no counterpart or a value is to be filled in; 2 nothing could be read or written"
)


class Refused(Exception):
    """A command line that cannot be followed, in words."""


def run(asked: argparse.Namespace) -> int:
    """Do what the command line says, and return the exit code."""
    wishes = Wishes(asked.stack, asked.registry, asked.context, asked.host)
    try:
        sources = _sources(asked.files, wishes, asked.env)
        environment = read_environment(asked.env) if asked.env else ()
        stacks = stacks_of(sources, environment, wishes)
        results = _written(stacks, asked.output, asked.force)
    except (UnreadableSource, Refused) as fault:
        print(f"Nothing is written.\n{fault}", file=sys.stderr)
        return USAGE
    if asked.json:
        print(as_json(results))
    else:
        tell(results, sys.stdout)
    return _code(stacks, asked.strict)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description, parser.epilog = __doc__, CODES
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a parties.conf, or cluster.yaml files"
    )
    parser.add_argument("--env", type=Path, metavar=".env", help="the .env that goes with parties.conf")
    parser.add_argument("--output", type=Path, default=Path(), metavar="FOLDER", help="default: this folder")
    parser.add_argument(
        "--stack", type=_a(accepted.STACK_NAME.fullmatch), metavar="NAME", help="the stack's name"
    )
    parser.add_argument(
        "--registry", type=_a(accepted.registry), metavar="ADDRESS", help="where parties pull from"
    )
    parser.add_argument("--context", metavar="NAME", help="the context of the kubeconfig, for cluster.yaml")
    parser.add_argument(
        "--host", type=_a(accepted.host), metavar="ADDRESS", help="what peers dial, for cluster.yaml"
    )
    parser.add_argument("--force", action="store_true", help="write over stack files that exist")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where anything has no counterpart")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def _a(check: Callable[[str], object]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if check(text) is None:
            raise argparse.ArgumentTypeError(f"{text!r} cannot be used; docs/coming-from-kubefate.md tells")
        return text

    return checked


def _sources(files: Sequence[Path], wishes: Wishes, env: Path | None) -> tuple[Source, ...]:
    faults: list[SourceFault] = []
    sources: list[Source] = []
    for file in files:
        try:
            sources.append(read(file))
        except UnreadableSource as unreadable:
            faults += unreadable.faults
    if faults:
        raise UnreadableSource(faults)
    kinds = {source.kind for source in sources}
    if len(sources) > 1 and (wishes.name or wishes.host):
        raise Refused("--stack and --host are for one party or federation: give one FILE, or leave them out")
    if env and Kind.PARTIES not in kinds:
        raise Refused("--env goes with a parties.conf: leave it out")
    return tuple(sources)


def _written(stacks: Sequence[MigratedStack], folder: Path, force: bool) -> tuple[Result, ...]:
    results = [Result(stack, _file(stack, folder)) for stack in stacks]
    there = [str(result.file) for result in results if result.file and result.file.exists()]
    if there and not force:
        raise Refused(f"{', '.join(there)} exists already: give --force, --output FOLDER or --stack NAME")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for result in results:
            if result.file is not None:
                text = render(result.stack.values or {}, _head(result.stack))
                result.file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{folder} cannot be written to: {error.strerror}; give another --output") from None
    return tuple(results)


def _file(stack: MigratedStack, folder: Path) -> Path | None:
    return None if stack.values is None else folder / f"Pulumi.{stack.name}.yaml"


def _head(stack: MigratedStack) -> tuple[str, ...]:
    source = re.sub(r"[^\x20-\x7e]", "?", Path(stack.source).name)
    return (
        f"{stack.what}, from KubeFATE's {source} by fate migrate.",
        f"Next: setup/stack.sh {stack.name} (pulumi stack init {stack.name}, and the stack's secret key),"
        f" then pulumi preview --stack {stack.name}.",
        *stack.first,
    )


def _code(stacks: Sequence[MigratedStack], strict: bool) -> int:
    outcomes = {entry.claim.outcome for stack in stacks for entry in stack.entries}
    lacking = Outcome.NO_COUNTERPART in outcomes or any(stack.to_fill for stack in stacks)
    refused = any(stack.faults for stack in stacks)
    return NOT_ALL if Outcome.UNKNOWN in outcomes or refused or (strict and lacking) else WELL
