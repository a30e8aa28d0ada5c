"""The claims of a service's volumes on a Kubernetes cluster: their names and sizes."""

from collections.abc import Mapping, Sequence

from components.services.service import Service
from config import KubernetesSettings

ClaimId = tuple[str, str, str]
"""The place of a cluster, a namespace in it, and the name of a claim."""

Kept = Mapping[ClaimId, str]
"""The storage class of each claim that is there and stays."""

SIZES: Mapping[str, str] = {
    "fateflow-jobs": "5Gi",
    "fateflow-logs": "10Gi",
    "fateflow-model": "10Gi",
    "fateflow-data": "50Gi",
    "database": "20Gi",
    "broker": "10Gi",
    "registry": "50Gi",
}
"""What a claim asks for unless the stack says another size."""


def claim_name(service: str, volume: str) -> str:
    """Return the name of the claim of a service's volume."""
    return volume if volume == service else f"{service}-{volume}"


def claim_size(settings: KubernetesSettings, claim: str) -> str:
    """Return what a claim asks for."""
    return settings.storage.size.get(claim, SIZES[claim])


def claims_of(settings: KubernetesSettings, services: Sequence[Service]) -> dict[str, str]:
    """Return the size of every claim of some services, by name."""
    names = [claim_name(service.name, volume.name) for service in services for volume in service.volumes]
    return {name: claim_size(settings, name) for name in names}
