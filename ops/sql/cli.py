"""`fate sql Pulumi.bank.yaml`: what is to be run once in the databases that others run for parties.

FATE-Flow makes its own tables, and Eggroll makes none. A stack's file has no password in plain to print.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from components.services.eggroll_tables import statements
from config.engines import Computing
from config.external import ExternalDatabase
from config.faults import ConfigurationFault
from config.loading import load
from config.party import PartySettings
from config.stack_file import values_in

PURPOSE = "Print what is to be run in each database that others run for a party of a stack."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    parser.add_argument("file", type=Path, metavar="FILE", help="the stack's file, such as Pulumi.bank.yaml")


def run(asked: argparse.Namespace) -> int:
    """Print the statements. Returns 1 where the file is refused, or names no such database."""
    try:
        settings = load(values_in(asked.file))
    except ConfigurationFault as fault:
        print(f"{asked.file} cannot be used: {fault}", file=sys.stderr)
        return 1
    lines = [line for party in settings.parties_by_id for line in _of(party)]
    if not lines:
        print(f"{asked.file} names no external.database: nothing is to be run", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


def _of(party: PartySettings) -> Iterator[str]:
    match party.external.database:
        case ExternalDatabase(host=host, port=port, database=database, user=user):
            schema, account = _quoted(database, "`"), _quoted(user, "'") + "@'%'"
            yield f"-- party {party.id}, at {host}:{port}: as an administrator, the password in its place"
            yield f"CREATE DATABASE IF NOT EXISTS {schema} CHARACTER SET utf8mb4;"
            yield f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY 'PASSWORD';"
            yield "-- of MySQL 8: IDENTIFIED WITH mysql_native_password BY 'PASSWORD'"
            yield f"GRANT ALL ON {schema}.* TO {account};"
            if party.engines.computing is Computing.EGGROLL:
                yield from statements(schema)


def _quoted(name: str, quote: str) -> str:
    return f"{quote}{name.replace(quote, 2 * quote)}{quote}"
