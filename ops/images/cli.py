"""`fate images`: what is built here, by hand, and the digests that official images are pinned by."""

import argparse

from images import cli
from ops.images import pin


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    commands = cli.arguments(parser)
    pin.arguments(commands.add_parser("pin", help=pin.PURPOSE))


def run(asked: argparse.Namespace) -> int:
    """Run one command; a failure is told in a sentence, with exit code 1."""
    return cli.run(asked)
