"""The charts that declare parties: whether they are here, and whether they take the operator's values.

Asks no registry: `chart_registries.py` does. What a chart of others takes, only Helm knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from clients.charts import Chart, NoChart, chart_at
from components.party import owner_of
from components.runtimes.chart import Release, party_values
from components.runtimes.chart_overlay import overlay_faults
from components.runtimes.chart_values import PartyValues
from components.runtimes.names import Names
from components.services.context import PartyContext, Route
from config import Fault, KubernetesSettings, PartySettings, StackSettings
from config.chart import NAME, OCI, OURS, ChartSettings, foreign
from config.faults import path, shown

ANY = "known later"
At = tuple[str | int, ...]


def chart_faults(
    settings: StackSettings, names: Names, routes: Mapping[str, Sequence[Route]]
) -> Iterator[Fault]:
    """Yield what is wrong with the charts of a stack's parties, each once."""
    every = (
        fault
        for place, party in enumerate(settings.parties)
        for fault in _of_party(settings, names, place, party, routes[party.id])
    )
    yield from dict.fromkeys(every)


def _of_party(
    settings: StackSettings, names: Names, place: int, party: PartySettings, routes: Sequence[Route]
) -> Iterator[Fault]:
    cluster = settings.runtime_of(party)
    if not isinstance(cluster, KubernetesSettings) or cluster.chart is None:
        return
    chart: ChartSettings = cluster.chart
    at: At = (*(("parties", place, "runtime") if party.runtime else ("runtime",)), "chart")
    if not chart.is_in_a_registry:
        yield from _lying_here(chart, at)
    if chart.is_ours and chart.values:
        values = _values(settings, names, party, cluster, routes)
        yield from overlay_faults(values, chart.values, (*at, "values"), party.id)


def _lying_here(chart: ChartSettings, at: At) -> Iterator[Fault]:
    try:
        lies = chart_at(Path(chart.ref))
    except NoChart as reason:
        remedy = f"write {OURS}, a path from the folder of Pulumi.yaml, or {OCI}host/prefix/{NAME}"
        yield Fault(path(*at, "ref"), str(reason), remedy)
        return
    if problem := foreign(lies.name):
        yield Fault(path(*at, "ref"), f"{shown(chart.ref)} {problem}", f"write {OURS}, or a copy of it")
    yield from of_another_version(chart.ref, chart.version, lies, at)


def of_another_version(ref: str, version: str | None, lies: Chart, at: At) -> Iterator[Fault]:
    """Yield that a chart of this machine is not of the version that the stack says, if it says one."""
    if version is not None and lies.version.removeprefix("v") != version.removeprefix("v"):
        problem = f"{shown(version)} is not the version of {ref}, which is {lies.version}"
        yield Fault(path(*at, "version"), problem, f"write {lies.version}, or leave version out")


def _values(
    settings: StackSettings,
    names: Names,
    party: PartySettings,
    cluster: KubernetesSettings,
    routes: Sequence[Route],
) -> PartyValues:
    """Return a party's values, what stays text whatever it will be in the place of images and revisions."""
    context = PartyContext(
        party,
        settings.release,
        settings.rotation,
        settings.images,
        tuple(routes),
        names.domain(cluster, party.id),
    )
    owner = owner_of(context)
    return party_values(
        Release(
            owner,
            cluster,
            names.namespace(cluster, party.id),
            {},
            {service.kind: ANY for service in owner.services},
            {service.name: ANY for service in owner.services},
            cluster.pull_secrets,
        )
    )
