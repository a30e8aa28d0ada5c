"""Which kinds a cluster has: their names in paths, and whether they live in namespaces.

Of the built-in kinds that are supported this is known; a cluster is asked for those of other makers only.
"""

import threading
from dataclasses import dataclass

from offline.kubernetes.api_server import ApiServer, Live
from offline.kubernetes.explained import Answer
from offline.kubernetes.kinds import LOOKED_AT, OF_THE_CLUSTER, SUPPORTED, ObjectType

KNOWN = SUPPORTED | LOOKED_AT


class NoSuchKind(Exception):
    """A kind that the cluster does not have, or not yet."""


@dataclass(frozen=True)
class Resource:
    """A kind of a cluster."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of an object, or without a name that of all objects."""
        parts = [group_path(self.api_version)]
        parts += [f"namespaces/{namespace}"] if self.namespaced and namespace else []
        parts += [self.plural, *([name] if name else [])]
        return "/".join(parts)


class Discovery:
    """The kinds of one cluster, asked for once by group and version."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Resource]] = {}

    def resource(self, api_version: str, kind: str) -> Resource:
        """Return a kind as the cluster has it. One that is missing is asked for anew every time."""
        if plural := KNOWN.get(ObjectType(api_version, kind)):
            return Resource(api_version, kind, plural, kind not in OF_THE_CLUSTER)
        with self._lock:
            if kind not in self._known.get(api_version, {}):
                self._known[api_version] = self._asked(api_version)
            found = self._known[api_version].get(kind)
        if found is None:
            raise NoSuchKind(
                f"the cluster has no kind {kind} of {api_version}. "
                "Install its CustomResourceDefinition, or write a version that the cluster has."
            )
        return found

    def _asked(self, api_version: str) -> dict[str, Resource]:
        try:
            listed: Live = self._server.get(group_path(api_version))
        except Answer as answer:
            if answer.missing:
                return {}
            raise
        return {
            each["kind"]: Resource(api_version, each["kind"], each["name"], each["namespaced"])
            for each in listed.get("resources", ())
            if "/" not in each["name"]
        }


def group_path(api_version: str) -> str:
    """Return the path under which a group and version has its kinds."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
