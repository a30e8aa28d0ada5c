"""What an Ingress or a Gateway's routes can carry: they stand between a party and its peers."""

import re
from collections.abc import Iterator

from config.catalogue import catalogue
from config.cluster_exposure import GatewayExposure, IngressExposure
from config.exposure import Expose
from config.faults import Fault, path, shown
from config.kubernetes_text import OBJECT
from config.plan import Plan
from config.text import is_address


def a_port_that_an_ingress_answers_on(plan: Plan) -> Iterator[Fault]:
    """Refuse an Ingress whose port is left to chance: this program's default is none of a controller's."""
    for place, service, _, expose in _beside_an_ingress(plan, "http"):
        if f"{service}_port" not in expose.model_fields_set:
            yield Fault(
                path("parties", place, "expose", f"{service}-port"),
                "is missing: with exposure ingress peers dial the Ingress controller, on a port of its own",
                f"write {service}-port: 80, or the port that your controller answers on",
            )


def a_broker_beside_an_ingress(plan: Plan) -> Iterator[Fault]:
    """Refuse one name for two addresses, unless the stack says that they are one.

    The broker gets a load balancer, whose address is seldom the Ingress controller's too.
    """
    for place, service, protocol, expose in _beside_an_ingress(plan, "tcp"):
        if expose.own_host(service) is None:
            yield Fault(
                path("parties", place, "expose", f"{service}-host"),
                f"is missing: the {service} speaks {protocol.upper()}, which no Ingress carries; it gets a"
                " load balancer, at an address of its own",
                f"write {service}-host: the name of that address; {expose.host} again if both share one",
            )


def a_host_that_is_a_name(plan: Plan) -> Iterator[Fault]:
    """Refuse a host by which neither an Ingress nor an HTTPRoute can choose."""
    for place, exposure, expose in _routed(plan):
        if is_address(expose.host) or not re.fullmatch(OBJECT, expose.host):
            yield Fault(
                path("parties", place, "expose", "host"),
                f"{shown(expose.host)} is no name in lower-case letters, and exposure {exposure.kind} routes"
                " by the name that peers dial",
                "write a name such as fate.bank.example, or exposure: {kind: load-balancer}",
            )


def sources_that_are_seen(plan: Plan) -> Iterator[Fault]:
    """Refuse sources where a controller dials the party: every peer hides behind it."""
    for place, exposure, expose in _routed(plan):
        if expose.sources:
            yield Fault(
                path("parties", place, "expose", "sources"),
                f"would shut everybody out: with exposure {exposure.kind} a peer's address is seen by the"
                " controller, not by the party",
                "leave sources out and filter at the controller, or write exposure: {kind: load-balancer}",
            )


def _beside_an_ingress(plan: Plan, speaks: str) -> Iterator[tuple[int, str, str, Expose]]:
    """Yield what peers dial of parties with an Ingress: place, service, its port's name, what is said."""
    for place, exposure, expose in _routed(plan):
        if isinstance(exposure, IngressExposure):
            for service in plan.parties[place].met_by_peers(speaks):
                yield place, service, catalogue().met_by_peers()[service][0], expose


def _routed(plan: Plan) -> Iterator[tuple[int, IngressExposure | GatewayExposure, Expose]]:
    for place, party, runtime in plan.in_clusters():
        if isinstance(runtime.exposure, IngressExposure | GatewayExposure) and party.expose:
            yield place, runtime.exposure, party.expose
