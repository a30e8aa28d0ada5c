"""Stacks whose parties a chart declares: those that can work, and those that cannot."""

from tests.unit.kubernetes_examples import MIRROR, cluster, one_in, two_in
from tests.unit.stack_values import Refusal, Values

REGISTRY = "oci://registry.bank.example/charts/fate-party"


def charted(runtime: Values | None = None, /, **chart: object) -> Values:
    """Return one organisation's party, which a chart declares."""
    return one_in(cluster(**{"chart": chart, **(runtime or {})}))


def of_the_stack(**changes: object) -> Values:
    return two_in(cluster(chart={}), **changes)


ACCEPTED_CHARTS: dict[str, Values] = {
    "a chart": charted(),
    "a chart of a registry": charted(ref=REGISTRY, version="0.1.0"),
    "a chart of a registry without TLS": charted(
        **{"ref": "oci://localhost:5000/fate-party", "version": "v1.2.3-rc.1", "plain-http": True}
    ),
    "a chart of the operator's own": charted(ref="../charts/fate-party-0.1.0.tgz"),
    "a chart with values": charted(values={"services": {"gateway": {"replicas": 2}}}),
    "charts of two parties": of_the_stack(),
    "a chart of one party": two_in(
        parties=[
            {**party, "runtime": cluster(chart={})} if party["id"] == "9999" else party
            for party in two_in()["parties"]
        ]
    ),
}
REFUSED_CHARTS: dict[str, Refusal] = {
    "a chart of a registry without a version": (
        charted(ref=REGISTRY),
        "fate:runtime.chart.version",
        "is missing",
        "such as 0.1.0",
    ),
    "a chart's version that is a range": (
        charted(ref=REGISTRY, version="^0.1"),
        "fate:runtime.chart.version",
        "chosen anew at every preview",
        "three numbers",
    ),
    "a chart's version without quotes": (
        charted(ref=REGISTRY, version=0.1),
        "fate:runtime.chart.version",
        "must be text",
        '"0.1.0"',
    ),
    "a chart with a login in its address": (
        charted(ref="oci://fate:secret@registry.bank.example/charts/fate-party", version="0.1.0"),
        "fate:runtime.chart.ref",
        "has a login in it",
        "helm registry login",
    ),
    "a chart of a web server": (
        charted(ref="https://registry.bank.example/fate-party-0.1.0.tgz"),
        "fate:runtime.chart.ref",
        "of no registry that keeps charts",
        "oci://host/prefix/fate-party",
    ),
    "a chart of a registry that is another": (
        charted(ref="oci://registry.bank.example/charts/nginx", version="0.1.0"),
        "fate:runtime.chart.ref",
        "no value of it",
        "/fate-party",
    ),
    "the chart of KubeFATE": (
        charted(ref="oci://registry.bank.example/charts/fate", version="2.0.0"),
        "fate:runtime.chart.ref",
        "passwords from its values into ConfigMaps",
        "/fate-party",
    ),
    "no TLS where no registry is asked": (
        charted(**{"plain-http": True}),
        "fate:runtime.chart.plain-http",
        "no registry is asked",
        "leave it out",
    ),
    "a chart beside a mirror of the same stack": (
        of_the_stack(mirror=MIRROR),
        "fate:runtime.chart",
        "no object",
        "a stack of its own",
    ),
    "claims of a chart that are replaced": (
        charted({"storage": {"replace": True}}),
        "fate:runtime.storage.replace",
        "always stay",
        "by hand",
    ),
    "a limit for the start of a chart's workloads": (
        charted({"start-limit": 600}),
        "fate:runtime.start-limit",
        "ten minutes",
        "leave it out",
    ),
    "a chart that is protected": (
        of_the_stack(protect=True),
        "fate:protect",
        "every object of a chart",
        "stay at a destroy",
    ),
    "a chart where no party runs": (
        two_in(cluster(chart={}), parties=[{**party, "runtime": cluster()} for party in two_in()["parties"]]),
        "fate:runtime.chart",
        "none runs there",
        "where a party runs",
    ),
}
