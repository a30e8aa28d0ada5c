"""What a resource is there for: its party and service, told from its place in the program, and what it does.

It may hold data, run a service, open a port or name an image.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.preview.resource import Resource

COMPONENT = "fate:index:"
PARTY = "fate:index:Party"
CONTAINER = "docker:index/container:Container"
VOLUME = "docker:index/volume:Volume"
PROVIDER = "pulumi:providers:"
LEADING = ("host", "context", "kubeconfig", "cluster")
"""The settings of a provider that say which engine or cluster it leads to."""
PULLED_IMAGE = "docker:index/remoteImage:RemoteImage"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SERVICE = "kubernetes:core/v1:Service"
CHART = "kubernetes:helm.sh/v4:Chart"
"""A chart, or a service in its values, which has an image."""
NOT_OF_THE_POD = frozenset(
    {"replicas", "claims", "ports", "headless", "outside", "ingress", "route", "admits", "dials"}
)
"""What a service in the values of a chart may change without a start of its pods."""
WORKLOADS = frozenset(f"kubernetes:apps/v1:{kind}" for kind in ("Deployment", "StatefulSet", "DaemonSet"))
ROUTES = frozenset({"Ingress", "HTTPRoute", "TCPRoute", "Gateway"})
OF_SECRETS = "-secrets-volume"
"""How the name of a volume ends that holds derived passwords and nothing else."""


@dataclass(frozen=True, order=True)
class Owner:
    """The component that holds a resource, and the service it serves; both empty for the stack's own."""

    component: str
    service: str


def owner_of(resource: Resource) -> Owner:
    """Return the owner of a resource; a component owns itself."""
    if resource.type.startswith(COMPONENT):
        return Owner(_title(resource.type, resource.name), "")
    _, _, path, name = resource.parent.split("::", 3) if resource.parent else ("", "", "", "")
    kind = path.rpartition("$")[2]
    if not kind.startswith(COMPONENT):
        return Owner("", "")
    role = resource.name.removeprefix(f"{name}-")
    return Owner(_title(kind, name), role.partition("-")[0])


def _title(kind: str, name: str) -> str:
    return f"party {name.removeprefix('party-')}" if kind == PARTY else name


@dataclass(frozen=True, order=True)
class Opening:
    """A port at an address from which others can connect."""

    address: str
    port: str

    @property
    def outside(self) -> bool:
        """Tell whether other machines can reach it."""
        return not (self.address.startswith("127.") or self.address in ("localhost", "::1"))

    def __str__(self) -> str:
        return f"port {self.port} at {self.address}" if self.port else self.address


def holds_data(resource: Resource) -> bool:
    """Tell whether a resource keeps what a job or a user wrote."""
    if resource.type == VOLUME:
        return not resource.name.endswith(OF_SECRETS)
    return resource.type == CLAIM or (resource.type == CHART and bool(resource.inputs.get("claims")))


def runs_service(resource: Resource) -> bool:
    """Tell whether a resource runs a service for good, rather than a short task."""
    if resource.type == CONTAINER:
        return resource.inputs.get("mustRun") is not False
    return resource.type in WORKLOADS or _is_charted(resource)


def rolls(changed: Mapping[str, Any], resource: Resource) -> bool:
    """Tell whether a change in place starts a service's processes anew."""
    if _is_charted(resource):
        return not changed.keys() <= NOT_OF_THE_POD
    paths = (path for inside in changed.values() for path in inside)
    return resource.type in WORKLOADS and any(path.startswith("spec.template") for path in paths)


def leads_to(provider: Mapping[str, Any]) -> str:
    """Return where a provider's settings lead, as a reader knows it."""
    found = [str(provider[name]) for name in LEADING if name in provider]
    return " of ".join(found) or "the default"


def openings(resource: Resource) -> frozenset[Opening]:
    """Return the ports that a resource opens."""
    return frozenset(_openings(resource))


def images(resource: Resource) -> tuple[str, ...]:
    """Return the references of the images that a resource pulls, as far as they are known."""
    inputs = resource.inputs
    if resource.type == PULLED_IMAGE and "build" not in inputs:
        return _texts([inputs.get("name")])
    if _is_charted(resource):
        return _texts([inputs.get("image")])
    if resource.type in WORKLOADS:
        pod = _at(inputs, "spec", "template", "spec")
        rows = [*_rows(pod.get("initContainers")), *_rows(pod.get("containers"))]
        return _texts([row.get("image") for row in rows])
    return ()


def _openings(resource: Resource) -> Iterator[Opening]:
    if resource.type == CONTAINER:
        for port in _rows(resource.inputs.get("ports")):
            yield Opening(str(port.get("ip", "0.0.0.0")), str(port.get("external", "of the engine's choice")))
    elif resource.type == SERVICE:
        spec = _at(resource.inputs, "spec")
        if spec.get("type") in ("NodePort", "LoadBalancer"):
            yield from (_service_opening(spec, port) for port in _rows(spec.get("ports")))
    elif resource.type == CHART:
        yield from _charted_openings(resource)
    elif resource.type.rpartition(":")[2] in ROUTES:
        yield Opening(f"the {resource.type.rpartition(':')[2]} {resource.name}", "")


def _charted_openings(service: Resource) -> Iterator[Opening]:
    outside = _at(service.inputs, "outside")
    for port in _at(outside, "ports").values():
        if outside["type"] == "NodePort":
            yield Opening("every node", str(port.get("nodePort", "of the cluster's choice")))
        else:
            yield Opening(f"a load balancer, for {_audience(outside.get('sources'))}", str(port.get("port")))
    if host := _at(service.inputs, "ingress").get("host"):
        yield Opening(f"the Ingress of {host}", "")
    if kind := _at(service.inputs, "route").get("kind"):
        yield Opening(f"the {kind} {service.name}", "")


def _is_charted(resource: Resource) -> bool:
    return resource.type == CHART and "image" in resource.inputs


def _service_opening(spec: Mapping[str, Any], port: Mapping[str, Any]) -> Opening:
    if spec["type"] == "NodePort":
        return Opening("every node", str(port.get("nodePort", "of the cluster's choice")))
    audience = _audience(spec.get("loadBalancerSourceRanges"))
    return Opening(f"a load balancer, for {audience}", str(port.get("port")))


def _audience(sources: object) -> str:
    return ", ".join(map(str, sources)) if isinstance(sources, list) and sources else "everybody"


def _at(value: object, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _texts(values: list[object]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str))
