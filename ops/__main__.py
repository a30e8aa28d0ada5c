"""`fate`: the one command of operators."""

import argparse
import sys
from collections.abc import Container, Sequence
from importlib import import_module
from typing import NamedTuple

import shtab
from rich_argparse import RichHelpFormatter

PURPOSE = "What operators of a FATE federation run beside pulumi. Each command has its own --help."
SHELLS = 'print the completion of a shell: eval "$(fate --completion bash)"'


class Command(NamedTuple):
    """A subcommand: the module that has its `arguments` and its `run`, and what it is for."""

    module: str
    summary: str


COMMANDS = {
    "check": Command("ops.check.cli", "is a stack's file right? every fault at once, without Pulumi"),
    "preview": Command("ops.preview.cli", "what does a change do to every stack? without an engine"),
    "sql": Command("ops.sql.cli", "what an external database wants: schema, account, Eggroll's tables"),
    "doctor": Command("ops.doctor.cli", "does the federation work? with real FATE jobs"),
    "repair": Command("ops.repair.cli", "put a stack right after a killed run, and what Pulumi cannot see"),
    "migrate": Command("ops.migrate.cli", "write stack files from KubeFATE's"),
    "images": Command("ops.images.cli", "images: list, build, bills of materials; pin official ones"),
    "chart": Command("ops.chart.cli", "a party as a Helm chart: its values, its Secrets, the chart itself"),
    "bundle": Command("ops.bundle.cli", "everything that a stack needs behind an air gap, in one file"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; return its exit code."""
    given = sys.argv[1:] if argv is None else argv
    first = next((word for word in given if not word.startswith("-")), "")
    everything = any(word.startswith("--completion") for word in given)
    asked = parser(COMMANDS if everything else {first}).parse_args(given)
    code: int = import_module(COMMANDS[asked.command].module).run(asked)
    return code


def parser(whole: Container[str]) -> argparse.ArgumentParser:
    """Return the parser of the command line; only the subcommands that are to be `whole` have theirs."""
    made = argparse.ArgumentParser("fate", description=PURPOSE, formatter_class=RichHelpFormatter)
    shtab.add_argument_to(made, "--completion", help=SHELLS)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.summary, formatter_class=RichHelpFormatter)
        if name in whole:
            import_module(command.module).arguments(own)
    return made


if __name__ == "__main__":
    sys.exit(main())
