"""What a chart that declares parties cannot be given: what is not known in time, and what it does not do."""

from collections.abc import Iterator

from config.faults import Fault, path
from config.harbor import HarborMirror
from config.images import PackagesImages
from config.kubernetes import KubernetesSettings
from config.mirror import DistributionMirror
from config.plan import Plan
from config.runtime import Runtime

At = tuple[str | int, ...]


def images_that_are_known(plan: Plan) -> Iterator[Fault]:
    """Refuse a registry of the same stack, which names its images when they are pushed, after a preview.

    A Harbor's copies are known by name. One value that is not, and Pulumi previews no object of the chart.
    """
    pushed = isinstance(plan.mirror, HarborMirror) and isinstance(plan.images, PackagesImages)
    if not pushed and not isinstance(plan.mirror, DistributionMirror):
        return
    for at, _ in _charted(plan):
        yield Fault(
            path(*at, "chart"),
            "needs to know its images, and this stack's own mirror has none before the first up: the preview"
            " would show no object",
            "make the mirror in a stack of its own and write mirror: {kind: stack, stack: ...}, or leave"
            " chart out",
        )


def what_no_chart_does(plan: Plan) -> Iterator[Fault]:
    """Refuse what Pulumi does with objects that the program declares, and cannot with those of a chart."""
    for at, runtime in _charted(plan):
        if runtime.storage.replace:
            yield Fault(
                path(*at, "storage", "replace"),
                "is without effect: the claims of a chart always stay",
                "leave it out, and take a claim away by hand",
            )
        if "start_limit" in runtime.model_fields_set:
            yield Fault(
                path(*at, "start-limit"),
                "is without effect: the workloads of a chart are awaited for ten minutes each",
                "leave it out",
            )


def nothing_that_is_protected(plan: Plan) -> Iterator[Fault]:
    """Refuse `protect` beside a chart: a chart hands it on to all of its objects, or to none."""
    if plan.protects and any(_charted(plan)):
        yield Fault(
            path("protect"),
            "would protect every object of a chart, also those that a change makes anew",
            "leave protect out: the claims of a chart stay at a destroy; or leave chart out",
        )


def a_party_for_each_chart(plan: Plan) -> Iterator[Fault]:
    """Refuse a chart where no party runs: exchange and mirror are not of it."""
    places: list[tuple[At, Runtime | None]] = []
    if plan.is_all_read and all(party.runtime for party in plan.parties.values()):
        places.append((("runtime",), plan.runtime))
    if plan.exchange:
        places.append((("exchange", "runtime"), plan.exchange.runtime))
    for at, runtime in places:
        if isinstance(runtime, KubernetesSettings) and runtime.chart is not None:
            problem = "declares parties, and none runs there"
            yield Fault(path(*at, "chart"), problem, "leave chart out, or write it where a party runs")


def _charted(plan: Plan) -> Iterator[tuple[At, KubernetesSettings]]:
    """Yield each runtime with a chart once, by its place."""
    found = {
        plan.runtime_at(place): runtime
        for place, _, runtime in plan.in_clusters()
        if runtime.chart is not None
    }
    yield from found.items()
