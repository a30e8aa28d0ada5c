"""`python -m config`: check a stack's file, write its JSON schema and the reference of its keys."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from config import reference, schema
from config.faults import ConfigurationFault
from config.loading import load
from config.stack_file import values_in
from config.summary import table_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says. Return 1 for a file that is refused, else 0."""
    asked = _parser().parse_args(arguments)
    match asked.command:
        case "check":
            return max(_check(file) for file in asked.files)
        case "schema":
            return _write(schema.SCHEMA_FILE, schema.render())
        case _:
            return _write(reference.REFERENCE_FILE, reference.render())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="tell every fault of a stack's file, or show its parties")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="such as Pulumi.dev.yaml")
    commands.add_parser("schema", help=f"write {schema.SCHEMA_FILE.name}, for editors")
    commands.add_parser("reference", help=f"write docs/{reference.REFERENCE_FILE.name}")
    return parser


def _check(file: Path) -> int:
    try:
        settings = load(values_in(file))
    except ConfigurationFault as fault:
        print(f"{file} cannot be used: {fault}", file=sys.stderr)
        return 1
    Console().print(table_of(settings))
    return 0


def _write(file: Path, text: str) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    print(f"wrote {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
