"""`fate doctor --stack dev`."""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ops.doctor.examination import JOB_LIMIT, LIMITS, ImpossibleChoice, Wishes, examine
from ops.doctor.exported import Exported, export
from ops.doctor.jobs import JobKind
from ops.doctor.outputs import StackOutputs, UnreadableOutputs, read_file, read_stack
from ops.doctor.report import Board, Record
from ops.doctor.symptoms import Ailment

PURPOSE = "Ask whether a federation works: parties on Docker engines, on Kubernetes, or on both."
NOT_WELL, USAGE, INTERRUPTED = 1, 2, 130


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--stack", metavar="NAME", help="the Pulumi stack to examine")
    source.add_argument("--outputs", type=Path, metavar="FILE", help="its outputs, saved as JSON")
    parser.add_argument("--guest", metavar="ID", help="guest of the jobs (default: the first party)")
    parser.add_argument("--host", metavar="ID", help="host of the jobs (default: a peer of the guest)")
    parser.add_argument(
        "--arbiter", metavar="ID", help="third party of coordinated-lr (default: a peer of both)"
    )
    parser.add_argument(
        "--jobs",
        type=_kinds,
        metavar="LIST",
        help="toy,secureboost,coordinated-lr (default: what the stack can run) or none",
    )
    parser.add_argument(
        "--job-timeout",
        type=_seconds,
        metavar="SECONDS",
        help=f"stop a job after (default: {JOB_LIMIT}, on Spark {LIMITS['spark']})",
    )
    parser.add_argument(
        "--if-changed",
        "--fresh-only",
        action="store_true",
        help="skip a job that passed since the containers or pods started",
    )
    parser.add_argument(
        "--upload",
        action="store_true",
        help="store the doctor's tables, and run no job; with --guest or --host that party's alone",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(asked: argparse.Namespace) -> int:
    """Run the examination. Returns 0 where all is well, 1 where not, 2 where the command line is wrong."""
    wishes = Wishes(
        asked.guest,
        asked.host,
        asked.arbiter,
        asked.jobs,
        asked.job_timeout,
        asked.if_changed,
        asked.upload,
    )
    try:
        with ThreadPoolExecutor(1) as pool:
            state = pool.submit(export, asked.stack).result if asked.stack else None
            outputs = read_stack(asked.stack) if asked.stack else read_file(asked.outputs)
            report = Record(sys.stdout) if asked.json else Board(sys.stdout)
            return _examined(asked.stack or "NAME", outputs, state, wishes, report)
    except UnreadableOutputs as fault:
        print(f"doctor: {fault}", file=sys.stderr)
        return NOT_WELL
    except ImpossibleChoice as fault:
        print(f"doctor: {fault}", file=sys.stderr)
        return USAGE


def _examined(
    stack: str,
    outputs: StackOutputs,
    state: Callable[[], Exported] | None,
    wishes: Wishes,
    report: Record,
) -> int:
    started = time.monotonic()
    try:
        well = examine(outputs, wishes, report, stack, state)
    except KeyboardInterrupt as pressed:
        report.interrupted()
        left = str(pressed)
        print(f"doctor: interrupted; {left or 'a job that ran was stopped'}", file=sys.stderr)
        return INTERRUPTED
    except Ailment as fault:
        report.interrupted()
        print(f"doctor: a party was lost on the way: {fault.detail}. Run the doctor again.", file=sys.stderr)
        return NOT_WELL
    report.finish(well, outputs, time.monotonic() - started)
    return 0 if well else NOT_WELL


def _kinds(text: str) -> tuple[JobKind, ...]:
    if text == "none":
        return ()
    try:
        return tuple(JobKind(name.strip()) for name in text.split(","))
    except ValueError:
        known = ", ".join(JobKind)
        raise argparse.ArgumentTypeError(f"{text!r} names no jobs; write some of {known}, or none") from None


def _seconds(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write whole seconds, 1 or more")
    return int(text)
