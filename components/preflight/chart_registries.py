"""The charts that a registry keeps: whether it has the version that a stack names.

Asked by the login that Helm would ask with. A registry that does not answer, or refuses that login, is left
to Helm, which says so in its own words. Where a login is missing, those words tell nobody what to do.
"""

from collections.abc import Iterator
from http import HTTPStatus

from clients.charts import tag_of
from clients.docker_login import helm_login_of
from clients.failures import Failure, Refused
from clients.registry import Registry
from config import Fault, HarborMirror, KubernetesSettings, StackSettings
from config.chart import OCI, ChartSettings
from config.faults import path, shown
from config.harbor_chart import HarborChart

At = tuple[str | int, ...]
CLOSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
PUSH = "fate chart push --to {}"
HARBORS_PUSH = "helm pull harbor --repo https://helm.goharbor.io, and fate chart push ARCHIVE --to {}"


def lacking_charts(settings: StackSettings) -> Iterator[Fault]:
    """Yield each chart whose registry lacks that version, or lets nobody in without a login, once a place."""
    for at, chart in dict(_charts(settings)).items():
        if chart.is_in_a_registry and (fault := _fault(at, chart)):
            yield fault


def _charts(settings: StackSettings) -> Iterator[tuple[At, ChartSettings | HarborChart]]:
    mirror = settings.mirror
    if isinstance(mirror, HarborMirror) and mirror.chart is not None:
        yield ("mirror", "chart"), mirror.chart
    for number, party in enumerate(settings.parties):
        cluster = settings.runtime_of(party)
        if isinstance(cluster, KubernetesSettings) and cluster.chart is not None:
            yield (
                (*(("parties", number, "runtime") if party.runtime else ("runtime",)), "chart"),
                cluster.chart,
            )


def _fault(at: At, chart: ChartSettings | HarborChart) -> Fault | None:
    host, _, name = chart.ref.removeprefix(OCI).partition("/")
    try:
        login = helm_login_of(host)
        registry = Registry(f"{'http' if chart.plain_http else 'https'}://{host}", *(login or ()))
        registry.ask("HEAD", f"{name}:{tag_of(str(chart.version))}")
    except Refused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            return _lacking(at, chart)
        return _closed(at, chart, host) if login is None and refused.status in CLOSED else None
    except Failure:
        return None
    return None


def _lacking(at: At, chart: ChartSettings | HarborChart) -> Fault:
    place = chart.ref.removeprefix(OCI).rpartition("/")[0]
    push = (HARBORS_PUSH if isinstance(chart, HarborChart) else PUSH).format(place)
    problem = f"{shown(chart.version)} is no version that {chart.ref} has"
    return Fault(path(*at, "version"), problem, f"write one that is there, or bring it there: {push}")


def _closed(at: At, chart: ChartSettings | HarborChart, host: str) -> Fault:
    plain = " --plain-http" if chart.plain_http else ""
    return Fault(
        path(*at, "ref"),
        f"{chart.ref} is given to nobody without a login, and this machine has none for {host}",
        f"type: helm registry login {host}{plain}; or docker login {host}",
    )
