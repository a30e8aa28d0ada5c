"""The command line: `python -m offline.cluster up|down|status|load IMAGE...|program NAME`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from offline.cluster import containers, down, health, programs, up
from offline.cluster.commands import ClusterFault, say
from offline.cluster.layout import CONTEXT, Home, home

FAILED, INTERRUPTED = 1, 130


def arguments() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser("python -m offline.cluster", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    commands.add_parser("up", help="bring the cluster up, or what has died of it")
    commands.add_parser("down", help="take it away, with the data of its volumes")
    commands.add_parser("status", help="the parts, the node and the pods")
    load = commands.add_parser(
        "load", help="give it images of the Docker engine; print their names by digest"
    )
    load.add_argument("images", nargs="+", metavar="IMAGE")
    program = commands.add_parser("program", help="build a program, if need be, and print where it is")
    program.add_argument("name", choices=sorted(set(programs.MODULES) - {programs.PAUSE}))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a failure is told in a sentence, with what to do next."""
    asked = arguments().parse_args(argv)
    try:
        return _run(asked, home())
    except ClusterFault as fault:
        print(f"error: {fault}", file=sys.stderr)
        if fault.remedy:
            print(f"       {fault.remedy}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted; run the same again to go on, or: make cluster-down", file=sys.stderr)
        return INTERRUPTED


def _run(asked: argparse.Namespace, place: Home) -> int:
    if asked.command == "up":
        up.up(place)
        _next_steps(place)
    elif asked.command == "down":
        down.down(place)
    elif asked.command == "status":
        return health.show(place)
    elif asked.command == "load":
        for image in asked.images:
            print(containers.load(place, image))
    else:
        print(programs.ensure(programs.MODULES[asked.name]))
    return 0


def _next_steps(place: Home) -> None:
    shown = _short(place.root)
    say(
        "NetworkPolicies are enforced, on pods of this node; a connection that none allows is refused at once"
    )
    say("images: pods pull from a registry on this machine (localhost:5000/...) by plain HTTP;")
    say("  or hand one over from the Docker engine: .venv/bin/python -m offline.cluster load IMAGE")
    say(f"next: export KUBECONFIG={_short(place.kubeconfig)}; {shown}/bin/kubectl get pods -A")
    say(f"  a stack's runtime: {{kind: kubernetes, context: {CONTEXT}}}. Take it away: make cluster-down")


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    sys.exit(main())
