"""`fate repair --stack dev`."""

import argparse
import subprocess
import sys

from ops.doctor.outputs import PROJECT, UnreadableOutputs
from ops.repair.interrupted_run import was_interrupted

PURPOSE = (
    "Repair a stack after a run was killed, mend what Pulumi cannot see, stop FATE jobs without a process. "
    "Does nothing to a sound one."
)
WRONG, USAGE, HELD = 1, 2, 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    parser.add_argument("--stack", metavar="NAME", required=True, help="the Pulumi stack to repair")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument(
        "--if-interrupted",
        action="store_true",
        help="end at once, without a word, unless a lock or a pending operation tells of a killed run",
    )
    parser.add_argument("--up", action="store_true", help="run `pulumi up` afterwards, where it comes next")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(asked: argparse.Namespace) -> int:
    """Repair a stack.

    Returns 0 where all is well in the end, 1 where something stays wrong (with `--dry-run`: where something
    is wrong), 2 where the command line is wrong, 3 where another run holds the stack.
    """
    if asked.up and (asked.dry_run or asked.json):
        print("repair: --up goes neither with --dry-run nor with --json", file=sys.stderr)
        return USAGE
    if asked.if_interrupted and not was_interrupted(asked.stack):
        return 0
    return _repaired(asked)


def _repaired(asked: argparse.Namespace) -> int:
    from ops.repair.locks import Held
    from ops.repair.repair import Repair
    from ops.repair.report import Board, Record

    board = Record(sys.stdout) if asked.json else Board(sys.stdout)
    try:
        account = Repair(asked.stack, asked.dry_run, board).run()
    except Held as fault:
        print(f"repair: {fault}", file=sys.stderr)
        return HELD
    except UnreadableOutputs as fault:
        print(f"repair: {fault}", file=sys.stderr)
        return WRONG
    board.finish(account)
    if account.stays:
        return WRONG
    return _up(asked.stack) if asked.up and account.interrupted else 0


def _up(stack: str) -> int:
    return subprocess.run(["pulumi", "up", "--stack", stack, "--yes"], cwd=PROJECT, check=False).returncode
