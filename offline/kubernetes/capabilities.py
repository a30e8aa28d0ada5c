"""What a cluster can do, as charts ask for it: its version, and its kinds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offline.kubernetes.cluster import Cluster
from offline.kubernetes.kinds import ObjectType

AGGREGATED = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    for version in ("v2", "v2beta1")
)
"""All kinds in one answer, which API servers have given since Kubernetes 1.26."""


@dataclass(frozen=True)
class Capabilities:
    """A cluster's version, the names of its API versions and kinds, and which kinds live in namespaces."""

    version: str
    names: tuple[str, ...]
    namespaced: Mapping[ObjectType, bool]


def capabilities(cluster: Cluster) -> Capabilities:
    """Ask a cluster what it can do: anew for each chart, since the one before may have added to it."""
    version = str(cluster.server.get("/version")["gitVersion"])
    names: dict[str, None] = {}
    namespaced = {}
    for api_version, resource in _resources(cluster):
        kind = resource.get("responseKind", {}).get("kind", "")
        names |= dict.fromkeys((api_version, f"{api_version}/{kind}"))
        namespaced[ObjectType(api_version, kind)] = resource.get("scope") == "Namespaced"
        for part in resource.get("subresources", ()):
            names[f"{api_version}/{part.get('responseKind', {}).get('kind', '')}"] = None
    return Capabilities(version, tuple(name for name in names if not name.endswith("/")), namespaced)


def _resources(cluster: Cluster) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in ("/api", "/apis"):
        for group in cluster.server.get(path, accept=AGGREGATED).get("items", ()):
            name = group.get("metadata", {}).get("name")
            for version in group.get("versions", ()):
                api_version = f"{name}/{version['version']}" if name else version["version"]
                for resource in version.get("resources", ()):
                    yield api_version, resource
