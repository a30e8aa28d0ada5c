"""The claims of a service's volumes on a Kubernetes cluster: their names and sizes."""

from collections.abc import Mapping, Sequence

from components.services.service import Service
from config import KubernetesSettings, catalogue
from config.catalogue import claim_name

ClaimId = tuple[str, str, str]
"""The place of a cluster, a namespace in it, and the name of a claim."""

Kept = Mapping[ClaimId, str]
"""The storage class of each claim that is there and stays."""


def claim_size(settings: KubernetesSettings, service: Service, volume: str) -> str:
    """Return what a claim asks for: the same for all instances of a kind."""
    claim = claim_name(service.kind, volume)
    return settings.storage.size.get(claim) or catalogue().volumes()[claim]


def claims_of(settings: KubernetesSettings, services: Sequence[Service]) -> dict[str, str]:
    """Return the size of every claim of some services, by name."""
    return {
        claim_name(service.name, volume.name): claim_size(settings, service, volume.name)
        for service in services
        for volume in service.volumes
    }
