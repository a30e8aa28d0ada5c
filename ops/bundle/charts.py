"""The charts of a stack's parties and of its Harbor: from what keeps them, or packed from where they lie.

Each is the artifact that Helm reads from a registry. A party without a chart in its runtime has none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from clients.chart_repository import chart_in
from clients.charts import Chart, NoChart, chart_at, tag_of
from clients.docker_login import HUB
from clients.failures import Refused, Unreachable
from config import HarborMirror, KubernetesSettings, StackSettings
from config.chart import OCI, ChartSettings
from config.harbor_chart import HTTPS, NAME, HarborChart
from ops.bundle.archive import memory
from ops.bundle.faults import BundleFault
from ops.bundle.fetched import Fetched, fetch, remedy
from ops.bundle.record import Artifact, blob_path
from ops.bundle.wanted import Access, WantedImage
from ops.doctor.outputs import PROJECT

Declared = ChartSettings | HarborChart


@dataclass(frozen=True)
class WantedChart(WantedImage):
    """A chart in a registry, which its reference always names."""

    @property
    def host(self) -> str:
        """Return the registry's host and port."""
        named = self.reference.partition("/")[0]
        return HUB if named == "docker.io" else named


def fetch_charts(
    settings: StackSettings, access: Access, older: Mapping[str, tuple[str, ...]], of_the_mirror: bool
) -> Fetched:
    """Return the charts that declare parties and, if asked, the mirror, each once; no blobs that `older` has.

    Raises BundleFault for one that cannot be had, and for two that would be one in a registry.
    """
    fetched = Fetched()
    charts = [*_of_parties(settings), *(_of_the_mirror(settings) if of_the_mirror else ())]
    for chart, users in charts:
        if chart.is_in_a_registry:
            plain = replace(access, plain_http=access.plain_http or chart.plain_http)
            reference = f"{chart.ref.removeprefix(OCI)}:{tag_of(chart.version or '')}"
            found = fetch([WantedChart(reference, users)], plain, older)
        else:
            found = _packed(_read(chart, access), chart.ref, users, older)
        _add(found, fetched)
    return fetched


def _of_parties(settings: StackSettings) -> Iterator[tuple[Declared, tuple[str, ...]]]:
    """Yield each chart of a stack with the parties that it declares."""
    found: dict[tuple[str, str | None], tuple[ChartSettings, list[str]]] = {}
    for party in settings.parties_by_id:
        runtime = settings.runtime_of(party)
        if isinstance(runtime, KubernetesSettings) and (chart := runtime.chart):
            found.setdefault((chart.ref, chart.version), (chart, []))[1].append(f"party {party.id}")
    for chart, users in found.values():
        yield chart, tuple(users)


def _of_the_mirror(settings: StackSettings) -> Iterator[tuple[Declared, tuple[str, ...]]]:
    if isinstance(settings.mirror, HarborMirror) and settings.mirror.chart:
        yield settings.mirror.chart, ("the mirror",)


def _packed(
    chart: Chart, source: str, users: tuple[str, ...], older: Mapping[str, tuple[str, ...]]
) -> Fetched:
    manifest = chart.manifest
    artifact = Artifact(name=chart.name, tag=chart.tag, digest=manifest.digest, source=source, users=users)
    fetched = Fetched([artifact], [manifest], {blob_path(manifest.digest): memory(manifest.content)})
    for digest, content in chart.blobs.items():
        if digest in older:
            fetched.left_out[digest] = older[digest]
        else:
            fetched.entries[blob_path(digest)] = memory(content)
    fetched.sizes[manifest.digest] = sum(map(len, chart.blobs.values()))
    return fetched


def _read(settings: Declared, access: Access) -> Chart:
    try:
        if settings.ref.startswith(HTTPS):
            server = access.server(urlsplit(settings.ref).netloc)
            return chart_in(settings.ref, NAME, settings.version or "", server)
        chart = chart_at(PROJECT / settings.ref)
    except NoChart as reason:
        raise BundleFault(f"{reason}. Write where the chart lies into the stack's file.") from None
    except (Refused, Unreachable) as failure:
        told = f"{settings.ref} does not give version {settings.version} of {NAME}: {failure}."
        raise BundleFault(f"{told} {remedy(urlsplit(settings.ref).netloc, failure)}") from None
    if settings.version and settings.version.removeprefix("v") != chart.version.removeprefix("v"):
        raise BundleFault(
            f"{settings.ref} is version {chart.version}, and the stack's file asks for {settings.version}:"
            f" write {chart.version} there, or leave version out."
        )
    return chart


def _add(found: Fetched, fetched: Fetched) -> None:
    """Take a chart over, or its users where it is known. Raises BundleFault for one that differs from it."""
    new, known = found.artifacts[0], fetched.artifacts
    place = next((place for place, each in enumerate(known) if each.label == new.label), None)
    if place is None:
        fetched.add(found)
        return
    if known[place].digest != new.digest:
        raise BundleFault(
            f"{known[place].source} and {new.source} are both {new.label}, with different content: a registry"
            " keeps one of them. Raise version in the Chart.yaml of one."
        )
    known[place] = known[place].model_copy(update={"users": (*known[place].users, *new.users)})
