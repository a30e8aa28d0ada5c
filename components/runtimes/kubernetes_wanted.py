"""What a stack wants of Kubernetes clusters: its namespaces, and the claims and kinds of object in each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.runtimes.claims import claims_of
from components.runtimes.names import namespace
from components.services.party import party_services
from components.services.registry import registry
from config import (
    DistributionMirror,
    GatewayExposure,
    IngressExposure,
    KubernetesSettings,
    LoadBalancerExposure,
    PartySettings,
    ServiceName,
    StackSettings,
)

ROUTES = "gateway.networking.k8s.io"

Kinds = Mapping[str, Sequence[str]]
"""Resources by API group, as the API server names both."""

EVERYWHERE: Kinds = {
    "": ("configmaps", "secrets", "services", "serviceaccounts", "persistentvolumeclaims"),
    "apps": ("deployments", "statefulsets"),
    "networking.k8s.io": ("networkpolicies",),
}
"""What is made in every namespace."""
LOOKED_AT: Kinds = {"": ("pods",)}
"""What is only looked at in every namespace, to tell why a pod does not get ready."""


@dataclass(frozen=True)
class Wanted:
    """A namespace that a stack uses, where its configuration says so, and what it makes there.

    `claims` are sizes by name; `kinds` are those that not every namespace has; `looked_at` are not made.
    """

    path: str
    settings: KubernetesSettings
    namespace: str
    claims: Mapping[str, str]
    kinds: Kinds
    looked_at: Kinds = field(default_factory=lambda: LOOKED_AT)


def wanted_namespaces(settings: StackSettings, stack: str) -> list[Wanted]:
    """Return the namespaces of a stack: its mirror's and its parties'."""
    return [*_of_the_mirror(settings, stack), *_of_the_parties(settings, stack)]


def _of_the_mirror(settings: StackSettings, stack: str) -> Iterator[Wanted]:
    own = settings.runtime
    if isinstance(settings.mirror, DistributionMirror) and isinstance(own, KubernetesSettings):
        claims = claims_of(own, (registry(None),))
        yield Wanted("fate:runtime", own, namespace(stack, own, None), claims, {})


def _of_the_parties(settings: StackSettings, stack: str) -> Iterator[Wanted]:
    for index, party in enumerate(settings.parties):
        runtime = settings.runtime_of(party)
        if isinstance(runtime, KubernetesSettings):
            at = f"fate:parties[{index}].runtime" if party.runtime else "fate:runtime"
            claims = claims_of(runtime, party_services(party, settings.rotation, ()))
            kinds = dict(_more_kinds(party, runtime))
            yield Wanted(
                at, runtime, namespace(stack, runtime, party.id), claims, kinds, _looked_at(party, runtime)
            )


def _looked_at(party: PartySettings, runtime: KubernetesSettings) -> Kinds:
    """Return what the plugin looks at: the endpoints too, where it waits for a load balancer's address."""
    has_broker = ServiceName.BROKER in party.service_names
    match runtime.exposure:
        case LoadBalancerExposure() if party.expose:
            waits = True
        case IngressExposure() if party.expose:
            waits = has_broker
        case _:
            waits = False
    return {"": (*LOOKED_AT[""], "endpoints")} if waits else LOOKED_AT


def _more_kinds(party: PartySettings, runtime: KubernetesSettings) -> Iterator[tuple[str, Sequence[str]]]:
    if runtime.gateway_replicas > 1:
        yield "policy", ("poddisruptionbudgets",)
    if party.expose is None:
        return
    match runtime.exposure:
        case IngressExposure():
            yield "networking.k8s.io", ("ingresses",)
        case GatewayExposure():
            has_broker = ServiceName.BROKER in party.service_names
            yield ROUTES, ("httproutes", *(("tcproutes",) if has_broker else ()))
