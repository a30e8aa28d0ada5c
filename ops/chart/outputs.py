"""What `pulumi stack output` would tell of parties that Helm brought up: for `fate doctor --outputs`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.outputs import party_output, services_output
from config import KubernetesSettings, PartySettings, StackSettings
from ops.chart.faults import ChartFault
from ops.chart.stack import StackFile


@dataclass(frozen=True)
class _Released:
    """A party as a release of the chart: a workload a service, which has the service's name."""

    containers: Mapping[str, str]
    api: None = None
    """Nothing of FATE-Flow's API is published on a cluster."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """What a load balancer gives, only the cluster knows."""


def outputs_text(stack: StackFile) -> str:
    """Return the outputs as JSON, parties on Docker left out. Raises ChartFault where no party is left."""
    settings = stack.settings
    parties = dict(_parties(stack, settings))
    if not parties:
        raise ChartFault(f"{stack.file.name} has no party on a cluster, and a chart is for a cluster")
    told: dict[str, Any] = {"release": settings.release, "parties": parties}
    return json.dumps({**told, "services": services_output(settings)}, indent=2) + "\n"


def _parties(stack: StackFile, settings: StackSettings) -> Iterator[tuple[str, Mapping[str, object]]]:
    for party in settings.parties_by_id:
        cluster = settings.runtime_of(party)
        if isinstance(cluster, KubernetesSettings):
            made = _Released({name: name for name in _workloads(party)})
            yield party.id, party_output(settings, party, stack.names.place(cluster, party.id), made)


def _workloads(party: PartySettings) -> Iterator[str]:
    for kind in party.service_names:
        yield from party.instances_of(kind)
