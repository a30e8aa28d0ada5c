"""`fate bundle --stack dev --output dev.tar`, `fate bundle load dev.tar --to registry.bank.example/fate`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

PURPOSE = "Put everything that a stack needs on the far side of an air gap into one file; load it there."
FAILED, USAGE, INTERRUPTED = 1, 2, 130
WITHOUT = ("wheels", "pulumi", "mirror")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    parser.add_argument("--stack", metavar="NAME", help="the Pulumi stack whose images are bundled")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="the bundle; a stopped run is gone on with"
    )
    parser.add_argument("--since", type=Path, metavar="OLD", help="leave out what an older bundle has")
    parser.add_argument(
        "--without", action="append", choices=WITHOUT, default=[], help="leave a part out; repeat"
    )
    parser.add_argument("--sign-key", type=Path, metavar="KEY", help="sign with a private SSH key")
    _add_access(parser)
    parser.set_defaults(step=_make)
    commands = parser.add_subparsers(metavar="COMMAND")
    loading = "check a bundle whole, and bring its images into a registry, those of a mirror onto an engine"
    _add_load(commands.add_parser("load", help=loading))
    listing = commands.add_parser("list", help="show what a bundle has, without checking it")
    listing.add_argument("file", type=Path, metavar="FILE")
    listing.set_defaults(step=_list)


def run(asked: argparse.Namespace) -> int:
    """Make, load or show a bundle.

    Returns 0 where it is done, 1 where not, 2 where the command line is wrong, 130 where it was interrupted.
    """
    from ops.bundle.faults import BundleFault

    step: Callable[[argparse.Namespace], int] = asked.step
    try:
        return step(asked)
    except BundleFault as fault:
        print(f"bundle: {fault}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("bundle: interrupted; the same command goes on from there", file=sys.stderr)
        return INTERRUPTED


def _add_access(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plain-http", action="store_true", help="registries have no TLS (Docker Hub has)")
    parser.add_argument("--ca-file", type=Path, metavar="PEM", help="an authority of your own, to be trusted")


def _add_load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--to",
        metavar="ADDRESS",
        help="the registry, as fate:mirror.address: host[:port][/prefix]",
    )
    parser.add_argument(
        "--into-engine",
        nargs="?",
        const="",
        metavar="HOST",
        help="put what the mirror itself runs onto a Docker engine, by its address, or DOCKER_HOST's; without"
        " this and --to only check",
    )
    parser.add_argument(
        "--signed-by", type=Path, metavar="KEY", help="the public SSH key that must have signed it"
    )
    _add_access(parser)
    parser.set_defaults(step=_load)


def _make(asked: argparse.Namespace) -> int:
    from ops.bundle.board import Board
    from ops.bundle.make import Wish, make
    from ops.bundle.wanted import Access

    if not (asked.stack and asked.output):
        print("bundle: write --stack NAME and --output FILE, or load FILE, or list FILE", file=sys.stderr)
        return USAGE
    access = Access(asked.plain_http, asked.ca_file)
    wish = Wish(asked.stack, asked.output, asked.without, asked.since, asked.sign_key, access)
    with Board() as board:
        record = make(wish, board.progress)
    board.made(asked.output, record)
    return 0


def _load(asked: argparse.Namespace) -> int:
    from ops.bundle.board import Board
    from ops.bundle.engine import EngineTarget, load_into
    from ops.bundle.load import Target, load, verified
    from ops.bundle.wanted import Access

    target = None
    engine = None if asked.into_engine is None else EngineTarget(asked.into_engine)
    if asked.to and "://" in asked.to:
        address = asked.to.partition("://")[2]
        print(
            f"bundle: --to {asked.to}: write --to {address}, and --plain-http if it has no TLS",
            file=sys.stderr,
        )
        return USAGE
    if asked.to:
        host, _, prefix = asked.to.rstrip("/").partition("/")
        target = Target(Access(asked.plain_http, asked.ca_file).server(host), f"{prefix}/" if prefix else "")
    with Board() as board:
        bundle = verified(asked.file, asked.signed_by, board.progress)
        put = load_into(bundle, engine, board.progress) if engine else None
        loaded = load(bundle, target, board.progress) if target else None
    board.verified(bundle, bool(asked.signed_by))
    if engine and put is not None:
        board.put(bundle, put, engine)
    if target and loaded:
        board.loaded(bundle, loaded, target)
    if not (engine or target):
        board.checked(bundle)
    return 0


def _list(asked: argparse.Namespace) -> int:
    from rich.console import Console

    from ops.bundle.opened import open_bundle
    from ops.bundle.record import LIST, SIGNATURE

    bundle = open_bundle(asked.file)
    told = bundle.read(LIST).decode(errors="replace")
    signed = "signed" if SIGNATURE in bundle.members else "not signed"
    told += f"\nIt is the bundle {bundle.identity}, {signed}."
    Console().print(told, markup=False, highlight=False, soft_wrap=True)
    return 0
