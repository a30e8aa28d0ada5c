"""One cluster: its objects, looked at, applied and deleted one at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from clients.kubernetes.api_server import ApiServer, Live, Query, Request
from clients.kubernetes.failures import Misconfigured, Refused
from clients.kubernetes.kubeconfig import Access, access
from diff.kubernetes.configuration import Configuration
from offline.kubernetes.explained import in_words, nowhere
from offline.kubernetes.kinds import Discovery, NoSuchKind, ObjectType, Resource

ATTEMPTS = 5
"""How often a server that is busy is asked."""
DRY = {"dryRun": "All"}


class Server(ApiServer):
    """The cluster's API server. What it refuses comes as `Refused`, what is in the way as `Refusal`."""

    def request(self, asked: Request) -> Live:
        """Ask; what is in the way is told with its remedy."""
        with in_words(self.access):
            return super().request(asked)

    def events(self, path: str, query: Query) -> Iterator[Live]:
        """Yield what happens; where the connection breaks, that is told too."""
        with in_words(self.access):
            yield from super().events(path, query)


@dataclass(frozen=True)
class Target:
    """One object, by its kind, namespace and name."""

    resource: Resource
    namespace: str
    name: str

    @property
    def id(self) -> str:
        """Return the id by which a state knows the object."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def path(self) -> str:
        """Return the object's path at the API server."""
        return self.resource.path(self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.resource.kind} {self.id}"


class Cluster:
    """The cluster that a provider is configured for. Nothing is read or connected before it is needed."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._lock = Lock()

    @cached_property
    def access(self) -> Access:
        """Return the way to the cluster."""
        try:
            return access(self.configuration.kubeconfig, self.configuration.context)
        except Misconfigured as failure:
            raise nowhere(failure) from failure

    @cached_property
    def _connection(self) -> tuple[Server, Discovery]:
        server = Server(self.access, attempts=ATTEMPTS)
        return server, Discovery(server)

    @property
    def server(self) -> Server:
        """Return the API server."""
        with self._lock:
            return self._connection[0]

    @property
    def namespace(self) -> str:
        """Return the namespace of objects that name none."""
        return self.configuration.namespace or self.access.namespace

    def resource(self, kind: ObjectType) -> Resource:
        """Return a kind as the cluster has it; `NoSuchKind` where it has it not."""
        with self._lock:
            discovery = self._connection[1]
        return discovery.resource(kind.api_version, kind.kind)

    def target(self, body: Mapping[str, Any]) -> Target:
        """Return the object that a body declares."""
        resource = self.resource(ObjectType(body["apiVersion"], body["kind"]))
        metadata = body["metadata"]
        namespace = metadata.get("namespace") or self.namespace if resource.namespaced else ""
        return Target(resource, namespace, metadata["name"])

    def found(self, kind: ObjectType, resource_id: str) -> Target:
        """Return the object that a state knows by that id."""
        namespace, _, name = resource_id.rpartition("/")
        resource = self.resource(kind)
        return Target(resource, namespace or (self.namespace if resource.namespaced else ""), name)

    def live(self, target: Target) -> Live | None:
        """Return the object as it is; nothing where there is none."""
        try:
            return self.server.get(target.path)
        except Refused as answer:
            if answer.missing:
                return None
            raise

    def look(self, api_version: str, kind: str, namespace: str, name: str = "", **query: str) -> Live | None:
        """Return an object or a list beside the one that is worked on; nothing where it may not be seen."""
        try:
            resource = self.resource(ObjectType(api_version, kind))
            return self.server.get(resource.path(namespace, name), query)
        except (Refused, NoSuchKind):
            return None

    def make(self, target: Target, body: Live, manager: str, dry: bool) -> Live:
        """Make the object, which must not be there yet; or only ask."""
        path = target.resource.path(target.namespace)
        return self.server.post(path, body, {"fieldManager": manager, **(DRY if dry else {})})

    def apply(self, target: Target, body: Live, manager: str, force: bool, dry: bool) -> Live:
        """Make the object have these fields, or only ask."""
        query = {"fieldManager": manager, "force": "true" if force else "false"}
        return self.server.apply(target.path, body, {**query, **(DRY if dry else {})})

    def owned(self, target: Target, entries: Sequence[Mapping[str, Any]]) -> Live:
        """Make these the managers of the object's fields."""
        operation = {"op": "replace", "path": "/metadata/managedFields", "value": entries}
        return self.server.patch(target.path, [operation])

    def remove(self, target: Target) -> None:
        """Begin to delete the object, what it owns first. One that is gone already is no failure."""
        try:
            self.server.delete(target.path, {"propagationPolicy": "Foreground"})
        except Refused as answer:
            if not answer.missing:
                raise
