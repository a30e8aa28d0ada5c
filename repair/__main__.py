"""The command line: `python -m repair --stack dev`."""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from doctor.outputs import PROJECT, UnreadableOutputs
from repair.interrupted import was_interrupted

PURPOSE = (
    "Repair a stack after a run was killed, and mend what Pulumi cannot see. Does nothing to a sound one."
)
WRONG, USAGE, HELD = 1, 2, 3


def arguments() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser("python -m repair", description=PURPOSE)
    parser.add_argument("--stack", metavar="NAME", required=True, help="the Pulumi stack to repair")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument(
        "--if-interrupted",
        action="store_true",
        help="end at once, without a word, unless a lock or a pending operation tells of a killed run",
    )
    parser.add_argument("--up", action="store_true", help="run `pulumi up` afterwards, where it comes next")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Repair a stack.

    Returns 0 where all is well in the end, 1 where something stays wrong (with `--dry-run`: where something
    is wrong), 2 where the command line is wrong, 3 where another run holds the stack.
    """
    parser = arguments()
    asked = parser.parse_args(argv)
    if asked.up and (asked.dry_run or asked.json):
        parser.error("--up goes neither with --dry-run nor with --json")
    if asked.if_interrupted and not was_interrupted(asked.stack):
        return 0
    return _repaired(asked)


def _repaired(asked: argparse.Namespace) -> int:
    from repair.command import Repair
    from repair.locks import Held
    from repair.report import Board, Record

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


if __name__ == "__main__":
    sys.exit(main())
