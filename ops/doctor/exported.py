"""The state of a stack, as `pulumi stack export` tells it: what was declared, and where it runs.

Secrets stay closed: their places hold ciphertext, which is never looked at.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

from ops.doctor.outputs import UnreadableOutputs, asked_of_pulumi

CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
STACK = "pulumi:pulumi:Stack"
PROVIDERS = "pulumi:providers:"


@dataclass(frozen=True)
class Resource:
    """One resource of a state: what was declared (`inputs`), and what came of it (`outputs`)."""

    urn: str
    type: str
    id: str
    provider: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return the name that the program gave it."""
        return self.urn.rpartition("::")[2]

    @property
    def is_on_kubernetes(self) -> bool:
        """Tell whether it is an object of a cluster."""
        return self.type.startswith("kubernetes:")

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels that it was declared with, on an engine or on a cluster."""
        if self.is_on_kubernetes:
            return dict((self.inputs.get("metadata") or {}).get("labels") or {})
        listed = self.inputs.get("labels") or ()
        return {one["label"]: one["value"] for one in listed if isinstance(one, dict) and "label" in one}


@dataclass(frozen=True)
class Engine:
    """A Docker engine, as a stack's provider names it."""

    runtime: ClassVar[str] = "docker"
    host: str
    ssh_options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cluster:
    """A Kubernetes cluster, as a stack's provider names it."""

    runtime: ClassVar[str] = "kubernetes"
    context: str
    kubeconfig: str | None = None


Place = Engine | Cluster


@dataclass(frozen=True)
class Pending:
    """An operation that began and whose end nobody wrote down."""

    operation: str
    resource: Resource


class Exported:
    """A stack's state. `pending` are the operations that a killed run left in it.

    What was deleted to be replaced and not made yet is no part of `resources`.
    """

    def __init__(self, tree: Mapping[str, Any]) -> None:
        deployment = tree.get("deployment") or {}
        rows = deployment.get("resources") or ()
        self.resources = tuple(_resource(row) for row in rows if not row.get("pendingReplacement"))
        self.pending = tuple(
            Pending(row["type"], _resource(row["resource"]))
            for row in deployment.get("pending_operations") or ()
        )
        self.outputs = next((one.outputs for one in self.resources if one.type == STACK), {})
        """What the stack exports; empty before its first `up` has ended."""
        self._providers = {f"{one.urn}::{one.id}": one for one in map(_resource, rows) if _is_provider(one)}

    def remembering(self, before: "Exported") -> "Exported":
        """Return this state with the operations that an earlier one tells as pending."""
        self.pending = before.pending
        return self

    def of_party(self, party: str) -> "Exported":
        """Return what belongs to one party, and where it is."""
        return self._only(lambda labels: labels.get("fate.party") == party)

    def of_service(self, service: str) -> "Exported":
        """Return what belongs to a service that is no party's, and where it is."""

        def its_own(labels: Mapping[str, str]) -> bool:
            named = service in (labels.get("fate.service"), labels.get("app.kubernetes.io/name"))
            return named and "fate.party" not in labels

        return self._only(its_own)

    def _only(self, wanted: Callable[[Mapping[str, str]], bool]) -> "Exported":
        part = copy(self)
        part.resources = tuple(one for one in self.resources if wanted(one.labels))
        used = {one.provider for one in part.resources}
        part._providers = {name: one for name, one in self._providers.items() if name in used}
        return part

    def places(self) -> set[Place]:
        """Return the engines and clusters of the stack's providers."""
        return {place for provider in self._providers.values() if (place := _place(provider))}

    def on(self, place: Place) -> Iterator[Resource]:
        """Yield the resources of one engine or cluster."""
        return (one for one in self.resources if self._is_on(place, one))

    def pending_on(self, place: Place) -> Iterator[Resource]:
        """Yield the resources of one engine or cluster whose operation nobody ended."""
        return (one.resource for one in self.pending if self._is_on(place, one.resource))

    def deleting_on(self, place: Place) -> list[Resource]:
        """Return the resources of one engine or cluster whose deletion nobody ended."""
        going = (one.resource for one in self.pending if one.operation == "deleting")
        return [resource for resource in going if self._is_on(place, resource)]

    def _is_on(self, place: Place, resource: Resource) -> bool:
        provider = self._providers.get(resource.provider)
        return provider is not None and _place(provider) == place


def export(stack: str) -> Exported:
    """Ask Pulumi for the state of `stack`. Raises UnreadableOutputs."""
    run = asked_of_pulumi("stack", "export", "--stack", stack)
    if run.returncode != 0:
        raise UnreadableOutputs(f"Pulumi cannot tell the state of stack {stack}:\n{run.stderr.strip()}")
    return Exported(json.loads(run.stdout))


def _resource(row: Mapping[str, Any]) -> Resource:
    return Resource(
        urn=row["urn"],
        type=row["type"],
        id=row.get("id", ""),
        provider=row.get("provider", ""),
        inputs=row.get("inputs") or {},
        outputs=row.get("outputs") or {},
    )


def _is_provider(resource: Resource) -> bool:
    return resource.type.startswith(PROVIDERS)


def _place(provider: Resource) -> Place | None:
    inputs = provider.inputs
    if provider.type == f"{PROVIDERS}docker" and inputs.get("host"):
        return Engine(inputs["host"], tuple(_parsed(inputs.get("sshOpts")) or ()))
    if provider.type == f"{PROVIDERS}kubernetes" and inputs.get("context"):
        return Cluster(inputs["context"], inputs.get("kubeconfig"))
    return None


def _parsed(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return what a provider's input says; lists stand in it as JSON text."""
    return json.loads(value) if isinstance(value, str) else value
