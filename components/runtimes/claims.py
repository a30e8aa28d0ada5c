"""The claims of a service's volumes on a Kubernetes cluster: their names and sizes."""

from collections.abc import Mapping, Sequence

from components.services.service import Service
from config import KubernetesSettings, catalogue
from config.catalogue import claim_name

ClaimId = tuple[str, str, str]
"""The place of a cluster, a namespace in it, and the name of a claim."""

Kept = Mapping[ClaimId, str]
"""The storage class of each claim that is there and stays."""


def claim_size(settings: KubernetesSettings, claim: str) -> str:
    """Return what a claim asks for."""
    return settings.storage.size.get(claim) or catalogue().volumes()[claim]


def claims_of(settings: KubernetesSettings, services: Sequence[Service]) -> dict[str, str]:
    """Return the size of every claim of some services, by name."""
    names = [claim_name(service.name, volume.name) for service in services for volume in service.volumes]
    return {name: claim_size(settings, name) for name in names}
