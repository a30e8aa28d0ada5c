"""What a stack wants of Kubernetes clusters: its namespaces, and the claims and kinds of object in each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.runtimes.claims import claim_size, claims_of
from components.runtimes.names import ACCOUNT, DENY_ALL, Names
from components.services.context import PartyContext
from components.services.harbor import PROXY, harbor_services
from components.services.harbor_charted import AUTHORITY, CLAIMS, TEMPLATED, chart_secrets
from components.services.party import party_services
from components.services.registry import registry
from components.services.service import Service
from components.services.star import exchange_service
from config import (
    DistributionMirror,
    GatewayExposure,
    HarborMirror,
    IngressExposure,
    KubernetesSettings,
    LoadBalancerExposure,
    PartySettings,
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
WITH_ENDPOINTS: Kinds = {"": ("pods", "endpoints")}
"""The same where the plugin waits for a load balancer's address."""


@dataclass(frozen=True)
class Wanted:
    """A namespace that a stack uses, where its configuration says so, and what it makes there.

    `claims` are sizes by name; `kinds` are those that not every namespace has; `looked_at` are not made.
    `before` is the name that the namespace may have from earlier.
    """

    path: str
    settings: KubernetesSettings
    namespace: str
    claims: Mapping[str, str]
    kinds: Kinds
    services: Sequence[Service] = ()
    before: str | None = None
    looked_at: Kinds = field(default_factory=lambda: LOOKED_AT)
    charted: bool | None = None
    """Whether a chart makes it; None for what no chart can."""
    named: Mapping[str, Collection[str]] | None = None
    """The names that the stack gives, by resource, where a chart of others names the rest."""
    keeps_key: bool = False
    """Whether what is there opens with the secret key alone that it was made with."""
    templated: Collection[str] = ()
    """The claims that a StatefulSet makes of its template: no update changes their size."""

    @property
    def is_by_chart(self) -> bool:
        """Tell whether a chart has the claims, which Pulumi then never replaces."""
        return bool(self.charted) or self.named is not None

    def names_of(self, resource: str) -> set[str]:
        """Return the names that the stack gives to one of the kinds that are made in every namespace."""
        if self.named is not None:
            return set(self.named.get(resource, ()))
        services = self.services
        match resource:
            case "serviceaccounts":
                return {ACCOUNT}
            case "persistentvolumeclaims":
                return set(self.claims)
            case "configmaps":
                return {service.name for service in services if service.files}
            case "secrets":
                return {service.name for service in services if service.secrets}
            case "statefulsets":
                return {service.name for service in services if service.volumes}
            case "deployments":
                return {service.name for service in services if not service.volumes}
            case "networkpolicies":
                return {DENY_ALL, *(service.name for service in services)}
            case "services":
                return {name for each in services for name in (each.name, f"{each.name}-peers")}
        raise KeyError(resource)


def wanted_namespaces(settings: StackSettings, names: Names) -> list[Wanted]:
    """Return the namespaces of a stack: its mirror's, its exchange's and its parties'."""
    return [
        *_of_the_mirror(settings, names),
        *_of_the_exchange(settings, names),
        *_of_the_parties(settings, names),
    ]


def _of_the_mirror(settings: StackSettings, names: Names) -> Iterator[Wanted]:
    own = settings.runtime
    if isinstance(settings.mirror, HarborMirror) and isinstance(own, KubernetesSettings):
        yield _of_harbor(settings.mirror, own, names)
    if isinstance(settings.mirror, DistributionMirror) and isinstance(own, KubernetesSettings):
        services = (registry(None, login=True),)
        yield Wanted(
            path="fate:runtime",
            settings=own,
            namespace=names.namespace(own, None),
            claims=claims_of(own, services),
            kinds={},
            services=services,
            before=None if own.namespace else names.before(None, "mirror"),
        )


def _of_harbor(mirror: HarborMirror, own: KubernetesSettings, names: Names) -> Wanted:
    """Return what a Harbor needs. The objects of its chart do not say whose they are."""
    services = harbor_services(mirror)
    exposure, claims = own.exposure, {}
    for service in services:
        if service.name in CLAIMS:
            claims[CLAIMS[service.name]] = claim_size(own, service, service.volumes[0].name)
    by_ingress = isinstance(exposure, IngressExposure)
    return Wanted(
        path="fate:runtime",
        settings=own,
        namespace=names.namespace(own, None),
        claims=claims,
        kinds={"networking.k8s.io": ("ingresses",)} if by_ingress else {},
        looked_at=WITH_ENDPOINTS if isinstance(exposure, LoadBalancerExposure) else LOOKED_AT,
        services=services,
        before=None if own.namespace else names.before(None, "mirror"),
        named={
            "serviceaccounts": [ACCOUNT],
            "networkpolicies": [DENY_ALL, *(service.name for service in services)],
            "secrets": [*chart_secrets(mirror), AUTHORITY],
            "services": [f"{PROXY}-peers"],
        },
        keeps_key=True,
        templated=[CLAIMS[name] for name in TEMPLATED],
    )


def _of_the_exchange(settings: StackSettings, names: Names) -> Iterator[Wanted]:
    exchange, runtime = settings.exchange, settings.exchange_runtime
    if exchange and isinstance(runtime, KubernetesSettings):
        waits = exchange.expose and isinstance(runtime.exposure, LoadBalancerExposure)
        yield Wanted(
            path="fate:exchange.runtime" if exchange.runtime else "fate:runtime",
            settings=runtime,
            namespace=names.namespace(runtime, None, "exchange"),
            claims={},
            kinds={},
            looked_at=WITH_ENDPOINTS if waits else LOOKED_AT,
            services=(exchange_service(settings),),
        )


def _of_the_parties(settings: StackSettings, names: Names) -> Iterator[Wanted]:
    for index, party in enumerate(settings.parties):
        runtime = settings.runtime_of(party)
        if isinstance(runtime, KubernetesSettings):
            at = f"fate:parties[{index}].runtime" if party.runtime else "fate:runtime"
            context = PartyContext(party, settings.release, settings.rotation, settings.images)
            services = party_services(context)
            yield Wanted(
                path=at,
                settings=runtime,
                namespace=names.namespace(runtime, party.id),
                claims=claims_of(runtime, services),
                kinds=dict(_more_kinds(party, runtime)),
                looked_at=_looked_at(party, runtime),
                services=services,
                before=None if runtime.namespace else names.before(party.id),
                charted=runtime.chart is not None,
            )


def _looked_at(party: PartySettings, runtime: KubernetesSettings) -> Kinds:
    """Return what the plugin looks at: the endpoints too, where it waits for a load balancer's address."""
    match runtime.exposure:
        case LoadBalancerExposure() if party.expose:
            waits = True
        case IngressExposure() if party.expose:
            waits = bool(party.met_by_peers("tcp"))
        case _:
            waits = False
    return WITH_ENDPOINTS if waits else LOOKED_AT


def _more_kinds(party: PartySettings, runtime: KubernetesSettings) -> Iterator[tuple[str, Sequence[str]]]:
    if any(runtime.replicas_of(name) > 1 for name in party.service_names):
        yield "policy", ("poddisruptionbudgets",)
    for_peers = runtime.exposure if party.expose else None
    by_ingress = isinstance(for_peers, IngressExposure) and bool(party.met_by_peers("http"))
    if by_ingress or any(page.ingress for page in party.pages.values()):
        yield "networking.k8s.io", ("ingresses",)
    match for_peers:
        case GatewayExposure():
            kinds = {"httproutes": "http", "tcproutes": "tcp"}
            yield ROUTES, tuple(kind for kind, speaks in kinds.items() if party.met_by_peers(speaks))
