"""The cluster's API, as the administrator asks it."""

from collections.abc import Iterator, Mapping
from typing import Any

from clients.kubernetes.api_server import ApiServer, Request
from clients.kubernetes.failures import KubernetesFailure, Refused
from clients.kubernetes.kubeconfig import access
from offline.cluster.layout import CONTEXT, Home


class Api(ApiServer):
    """The API, with the administrator's token. Every method raises KubernetesFailure."""

    def __init__(self, home: Home, *, limit: float = 10) -> None:
        way = access(str(home.kubeconfig), CONTEXT)
        super().__init__(way, connect_limit=limit, answer_limit=limit, direct=True)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the objects of a list."""
        return list(self.get(path).get("items") or [])

    def ensure(self, path: str, content: dict[str, Any]) -> None:
        """Make an object in a collection, unless one of its name is there."""
        try:
            self.get(f"{path}/{content['metadata']['name']}")
        except Refused as refusal:
            if not refusal.missing:
                raise
            self.post(path, content)

    def delete(self, path: str, body: Mapping[str, Any] | None = None) -> None:
        """Delete an object, if it is there."""
        try:
            super().delete(path, body)
        except Refused as refusal:
            if not refusal.missing:
                raise

    def ready(self) -> bool:
        """Say whether the API server calls itself ready."""
        try:
            self.opened(Request("GET", "/readyz"))
        except KubernetesFailure:
            return False
        return True

    def changes(self, path: str, seconds: int) -> Iterator[None]:
        """Yield at the start, and for every change below a path, for some seconds; not what changed."""
        version = self.get(path, {"limit": 1})["metadata"]["resourceVersion"]
        yield
        for _event in self.events(path, {"resourceVersion": version, "timeoutSeconds": seconds}):
            yield
