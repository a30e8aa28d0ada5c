"""The charts that a registry keeps: whether it has the version that a stack names.

Asked by this machine's login for it, as `docker login` left it. A registry that does not let that in, or does
not answer, is left to Helm, which has a login of its own and says so in its own words.
"""

from collections.abc import Iterator
from http import HTTPStatus

from clients.charts import tag_of
from clients.docker_login import login_of
from clients.failures import Failure, Refused
from clients.registry import Registry
from config import Fault, KubernetesSettings, StackSettings
from config.chart import OCI, ChartSettings
from config.faults import path, shown

At = tuple[str | int, ...]


def lacking_charts(settings: StackSettings) -> Iterator[Fault]:
    """Yield each chart of a party whose registry answers that it has no such version, once a place."""
    asked = {at: chart for at, chart in _charts(settings) if chart.is_in_a_registry}
    for at, chart in asked.items():
        if _is_lacking(chart):
            place = chart.ref.removeprefix(OCI).rpartition("/")[0]
            yield Fault(
                path(*at, "version"),
                f"{shown(chart.version)} is no version that {chart.ref} has",
                f"write one that is there, or bring it there: fate chart push --to {place}",
            )


def _charts(settings: StackSettings) -> Iterator[tuple[At, ChartSettings]]:
    for number, party in enumerate(settings.parties):
        cluster = settings.runtime_of(party)
        if isinstance(cluster, KubernetesSettings) and cluster.chart is not None:
            yield (
                (*(("parties", number, "runtime") if party.runtime else ("runtime",)), "chart"),
                cluster.chart,
            )


def _is_lacking(chart: ChartSettings) -> bool:
    host, _, name = chart.ref.removeprefix(OCI).partition("/")
    try:
        registry = Registry(f"{'http' if chart.plain_http else 'https'}://{host}", *login_of(host))
        registry.ask("HEAD", f"{name}:{tag_of(str(chart.version))}")
    except Refused as refused:
        return refused.status == HTTPStatus.NOT_FOUND
    except Failure:
        return False
    return False
