"""`fate check Pulumi.dev.yaml`."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from config.faults import ConfigurationFault
from config.loading import load
from config.stack_file import values_in
from ops.check.summary import table_of

PURPOSE = "Tell every fault of a stack's file at once, or show its parties."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="such as Pulumi.dev.yaml")


def run(asked: argparse.Namespace) -> int:
    """Check the files. Returns 1 where one is refused, else 0."""
    return max(_check(file) for file in asked.files)


def _check(file: Path) -> int:
    try:
        settings = load(values_in(file))
    except ConfigurationFault as fault:
        print(f"{file} cannot be used: {fault}", file=sys.stderr)
        return 1
    Console().print(table_of(settings))
    return 0
