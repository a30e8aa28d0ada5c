"""`fate chart values|secrets FILE --party 9999`, `fate chart push --to registry.bank.example/charts`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.chart.stack import StackFile

PURPOSE = "A party as a Helm chart: its values, its Secrets, and the chart itself for a registry."
CHART = Path(__file__).parents[2] / "charts" / "fate-party"
FAILED = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.description = PURPOSE
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    values = commands.add_parser("values", help="print a party's values, for helm install -f")
    values.set_defaults(step=_values)
    secrets = commands.add_parser("secrets", help="print a party's Secrets, for kubectl apply -f -")
    secrets.set_defaults(step=_secrets)
    for parser_of in (values, secrets):
        _add_party(parser_of)
    outputs = commands.add_parser("outputs", help="print what fate doctor --outputs reads of the parties")
    _add_file(outputs)
    outputs.set_defaults(step=_told)
    push = commands.add_parser("push", help="bring the chart to a registry, for helm install oci://")
    push.add_argument(
        "chart", nargs="?", type=Path, default=CHART, metavar="CHART", help="its folder or archive"
    )
    push.add_argument("--to", required=True, metavar="ADDRESS", help="the registry: host[:port][/prefix]")
    push.add_argument("--plain-http", action="store_true", help="the registry has no TLS")
    push.add_argument("--ca-file", type=Path, metavar="PEM", help="an authority of your own, to be trusted")
    push.set_defaults(step=_push)


def run(asked: argparse.Namespace) -> int:
    """Print values, Secrets or outputs, or push. Returns 0 where that is done, else 1 and says why."""
    from config import ConfigurationFault
    from ops.chart.faults import ChartFault

    step: Callable[[argparse.Namespace], str] = asked.step
    try:
        print(step(asked), end="")
    except (ChartFault, ConfigurationFault) as fault:
        print(f"chart: {fault}", file=sys.stderr)
        return FAILED
    return 0


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the stack's file, such as Pulumi.dev.yaml")


def _add_party(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    parser.add_argument("--party", required=True, metavar="ID", help="which of the stack's parties")
    parser.add_argument(
        "--outputs",
        action="append",
        type=_outputs,
        default=[],
        metavar="STACK=FILE",
        help="what a stack tells that the file names, saved with pulumi stack output --json; repeat",
    )
    parser.add_argument(
        "--secret-key-file", type=Path, metavar="FILE", help="has the stack's secret key, and nothing else"
    )


def _outputs(text: str) -> tuple[str, Path]:
    stack, found, file = text.partition("=")
    if not (stack and found and file):
        raise argparse.ArgumentTypeError(f"{text!r}: write organization/fate/STACK=FILE")
    return stack, Path(file)


def _values(asked: argparse.Namespace) -> str:
    from components.runtimes.chart import party_values
    from ops.chart.stack import charted
    from ops.chart.writing import values_text

    party = charted(_stack(asked), asked.party)
    return values_text(party_values(party.release), asked.file.name, asked.party)


def _secrets(asked: argparse.Namespace) -> str:
    from ops.chart.secrets import secret_manifests
    from ops.chart.stack import charted
    from ops.chart.writing import manifests_text

    return manifests_text(secret_manifests(charted(_stack(asked), asked.party)))


def _told(asked: argparse.Namespace) -> str:
    from ops.chart.outputs import outputs_text
    from ops.chart.stack import StackFile

    return outputs_text(StackFile(asked.file))


def _stack(asked: argparse.Namespace) -> "StackFile":
    from ops.chart.stack import StackFile

    return StackFile(asked.file, dict(asked.outputs), asked.secret_key_file)


def _push(asked: argparse.Namespace) -> str:
    from ops.chart.push import pushed

    return pushed(asked.chart, asked.to, asked.plain_http, asked.ca_file)
