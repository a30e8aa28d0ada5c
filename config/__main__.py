"""`python -m config schema|reference`: write what follows from the models: for who changes them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from config import reference, schema


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file that the command line names."""
    match _parser().parse_args(arguments).command:
        case "schema":
            _write(schema.SCHEMA_FILE, schema.render())
        case _:
            for name, page in reference.pages().items():
                _write(reference.DOCS / name, page)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("schema", help=f"write {schema.SCHEMA_FILE.name}, for editors")
    commands.add_parser("reference", help="write the generated pages of docs/")
    return parser


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    print(f"wrote {file.name}")


if __name__ == "__main__":
    sys.exit(main())
