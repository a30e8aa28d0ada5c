"""Whose addresses may dial what a party opens."""

from collections.abc import Iterator

from config.faults import Fault
from config.paths import path
from config.plan import Plan
from config.runtime import DockerSettings


def sources_need_a_cluster(plan: Plan) -> Iterator[Fault]:
    """Refuse sources on Docker, where everybody could dial all the same."""
    for place, party in plan.parties.items():
        if party.expose and party.expose.sources and isinstance(plan.runtime_of(party), DockerSettings):
            yield Fault(
                path("parties", place, "expose", "sources"),
                "is for Kubernetes: a Docker engine does not filter by source, and everybody could dial",
                "leave sources out, and filter in the firewall of the machine or of its network",
            )
