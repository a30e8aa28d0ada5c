"""The pages of a party: a port on a Docker engine, an Ingress or a forwarded port on a cluster."""

from collections.abc import Iterator

from config.catalogue import catalogue
from config.checks.cluster_openings import forwarding
from config.cluster_exposure import IngressExposure
from config.faults import Fault, path
from config.plan import Plan
from config.runtime import DockerSettings


def a_port_on_an_engine(plan: Plan) -> Iterator[Fault]:
    """Refuse, on Docker, a page that nobody could open, and an Ingress, which no engine has."""
    for place, party in plan.parties.items():
        if not isinstance(plan.runtime_of(party), DockerSettings):
            continue
        for key, page in party.pages.items():
            number = catalogue().pages()[key][1].number
            if page.ingress is not None:
                yield Fault(
                    path("parties", place, key, "ingress"),
                    "is for Kubernetes: a Docker engine has no Ingress controller",
                    f"write port: {number}, and let what ends TLS dial it",
                )
            elif page.port is None:
                yield Fault(
                    path("parties", place, key, "port"),
                    "is missing: on a Docker engine a page is opened by a port of the machine",
                    f"write port: {number}",
                )


def no_port_of_a_cluster(plan: Plan) -> Iterator[Fault]:
    """Refuse a port of a machine for a page on a cluster, whose ports are open beyond it."""
    for place, party, runtime in plan.in_clusters():
        for key, page in party.pages.items():
            service, port = catalogue().pages()[key]
            for name in sorted({"port", "bind"} & page.model_fields_set):
                yield Fault(
                    path("parties", place, key, name),
                    "is for Docker: a port of a cluster is open on every node, and a page is no peer's",
                    f"leave {name} out, and write ingress: {{host: ...}}, or run"
                    f" {forwarding(runtime, party, service, port.number)}",
                )


def a_host_a_page(plan: Plan) -> Iterator[Fault]:
    """Refuse a page at a name that something else behind the Ingresses of its cluster has."""
    taken = {(cluster, host): at for at, cluster, host in _hosts_of_gateways(plan)}
    for at, cluster, host in _hosts_of_pages(plan):
        first = taken.setdefault((cluster, host), at)
        if first != at:
            yield Fault(
                at,
                f"{host} is the name at {first} already, and an Ingress chooses by the name",
                "write a name of its own",
            )


def _hosts_of_gateways(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Yield where a stack says the name of a gateway's Ingress, the cluster and the name."""
    for place, party, runtime in plan.in_clusters():
        if isinstance(runtime.exposure, IngressExposure) and party.expose:
            yield path("parties", place, "expose", "host"), runtime.place, party.expose.host


def _hosts_of_pages(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for place, party, runtime in plan.in_clusters():
        for key, page in party.pages.items():
            if page.ingress is not None:
                yield path("parties", place, key, "ingress", "host"), runtime.place, page.ingress.host
