"""A party as the objects of a Helm chart: each is a resource of the stack, with a diff of its own.

Namespace and Secrets are made beside the chart as `kubernetes.py` makes them: a secret among values would
stand in plain text wherever the chart writes it. The chart makes all else, of the values that `fate chart
values` prints and those of the operator over them. Imported only where a stack has a chart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_kubernetes import core
from pulumi_kubernetes.helm.v4 import Chart

from components.runtimes.chart import Release, party_values
from components.runtimes.chart_overlay import laid_over, values_tree
from components.runtimes.kubernetes import Cluster, pull_secret_of, secrets_of
from components.runtimes.kubernetes_exposure import outer_name, told_address
from components.runtimes.kubernetes_openings import OuterService, openings_of
from components.runtimes.kubernetes_scope import Scope
from components.runtimes.names import PULL_SECRET
from components.runtimes.runtime import Login, Owner, PartyPlacement, Run
from config.chart import ChartSettings
from config.cluster_exposure import Reach


class ChartedCluster(Cluster):
    """A cluster whose parties a chart declares; mirror and exchange are native objects, as ever."""

    def place_party(
        self, parent: pulumi.Resource, prefix: str, owner: Owner, logins: Sequence[Login] = ()
    ) -> PartyPlacement:
        """Open a party's namespace, with the Secret that its images are pulled with."""
        chart = self.settings.chart
        assert chart is not None, "a cluster without a chart is a Cluster"
        scope = self.scope(parent, prefix, owner)
        secrets = [pull_secret_of(scope, logins)] if logins else []
        named = (*self.settings.pull_secrets, *((PULL_SECRET,) if logins else ()))
        return ChartPlacement(scope, chart, secrets, named)


@dataclass(frozen=True)
class ChartPlacement:
    """Where a party's chart is installed: nothing of it is there before all its services are known."""

    scope: Scope
    chart: ChartSettings
    guards: Sequence[pulumi.Resource]
    """What the chart waits for, beside the namespace and the Secrets of its services."""
    pull_secrets: Sequence[str]
    addresses: dict[str, Output[str]] = field(default_factory=dict)

    @property
    def names(self) -> Mapping[str, Output[str]]:
        """Return the name of every service's workload: the service's own."""
        return {service.name: Output.from_input(service.name) for service in self.scope.owner.services}

    def pulled(self, service: str, reference: Input[str]) -> Input[str]:
        """Return the reference: the cluster's nodes pull it."""
        return reference

    def run_all(self, runs: Sequence[Run]) -> None:
        """Make the Secrets of all services, then the chart.

        Every value is known in a preview. Were one not, no object of the chart would be previewed.
        """
        scope, chart = self.scope, self.chart
        secrets = [secrets_of(scope, run.service.name, run.secrets) for run in runs if run.service.secrets]
        made = Chart(
            f"{scope.prefix}-chart",
            chart=chart.ref,
            version=chart.version if chart.is_in_a_registry else None,
            plain_http=chart.plain_http or None,
            namespace=scope.namespace,
            resource_prefix=scope.prefix,
            values=self._values(runs),
            opts=ResourceOptions(parent=scope.parent, depends_on=[*scope.before, *self.guards, *secrets]),
        )
        self.addresses.update(self._given(made))

    def _given(self, made: Chart) -> Iterator[tuple[str, Output[str]]]:
        """Yield the address that each load balancer gives, by service."""
        for service in self.scope.owner.services:
            for wanted in openings_of(self.scope.owner, self.scope.settings, service):
                if isinstance(wanted, OuterService) and wanted.type == "LoadBalancer":
                    told = partial(_address, outer_name(service.name), wanted.reach)
                    yield service.name, made.resources.apply(told)

    def _values(self, runs: Sequence[Run]) -> Output[dict[str, Any]]:
        images = {run.service.kind: run.image for run in runs}
        revisions = {run.service.name: run.revision for run in runs if run.revision is not None}
        known = Output.all(images=Output.all(**images), revisions=Output.all(**revisions))
        return known.apply(lambda told: self._with(told["images"], told["revisions"]))

    def _with(self, images: Mapping[str, str], revisions: Mapping[str, str]) -> dict[str, Any]:
        scope = self.scope
        release = Release(
            scope.owner,
            scope.settings,
            scope.namespace,
            scope.ownership.labels(scope.owner.party),
            images,
            revisions,
            self.pull_secrets,
        )
        return laid_over(values_tree(party_values(release)), self.chart.values)


def _address(name: str, reach: Reach, resources: Sequence[object] | None) -> Output[str]:
    """Return the address that a Service among a chart's resources was given; none where it has none such.

    What a chart's resources answer has no types: maps, whose keys the SDK writes with underscores.
    """
    services = [each for each in resources or () if isinstance(each, core.v1.Service)]
    told = Output.all(*(Output.all(each.metadata, each.status) for each in services))

    def found(rows: Sequence[Sequence[Any]]) -> str:
        named = [
            (each, status)
            for each, (about, status) in zip(services, rows, strict=True)
            if about["name"] == name
        ]
        return next((told_address(each, given_to(status), reach) for each, status in named), "")

    return told.apply(found)


def given_to(status: Mapping[str, Any] | None) -> list[str | None]:
    """Return what a load balancer gave to a Service, from its status."""
    ingress = ((status or {}).get("load_balancer") or {}).get("ingress") or ()
    return [entry.get("hostname") or entry.get("ip") for entry in ingress]
