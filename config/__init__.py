"""What a stack may say: closed, frozen models, one concern a file. Knows nothing of Pulumi or Docker."""

from config.cluster_exposure import (
    Exposure,
    GatewayExposure,
    IngressExposure,
    LoadBalancerExposure,
    NodePortExposure,
)
from config.cluster_storage import StorageSettings, VolumeName
from config.engines import Computing, Engines, Federation, Storage, engine_fault
from config.exposure import Api, Expose
from config.faults import ConfigurationFault, Fault
from config.images import HubImages, ImageName, ImageReference, PackagesImages, RegistryImages
from config.kubernetes import KubernetesSettings
from config.loading import load
from config.mirror import DistributionMirror, ExternalMirror, StackMirror
from config.party import Mode, PartySettings
from config.peers import HostPeer, PartyPeer, Peer, StackPeer
from config.releases import Release, ReleaseCatalogue, catalogue, release
from config.rotation import Rotation
from config.runtime import DockerSettings, Runtime
from config.scheduling import Scheduling, Toleration
from config.sealed import check_secrets
from config.secret_key import check_secret_key, kept_secret_key
from config.services import ServiceName, ServiceOverride
from config.stack import StackSettings

__all__ = [
    "Api",
    "Computing",
    "ConfigurationFault",
    "DistributionMirror",
    "DockerSettings",
    "Engines",
    "Expose",
    "Exposure",
    "ExternalMirror",
    "Fault",
    "Federation",
    "GatewayExposure",
    "HostPeer",
    "HubImages",
    "ImageName",
    "ImageReference",
    "IngressExposure",
    "KubernetesSettings",
    "LoadBalancerExposure",
    "Mode",
    "NodePortExposure",
    "PackagesImages",
    "PartyPeer",
    "PartySettings",
    "Peer",
    "RegistryImages",
    "Release",
    "ReleaseCatalogue",
    "Rotation",
    "Runtime",
    "Scheduling",
    "ServiceName",
    "ServiceOverride",
    "StackMirror",
    "StackPeer",
    "StackSettings",
    "Storage",
    "StorageSettings",
    "Toleration",
    "VolumeName",
    "catalogue",
    "check_secret_key",
    "check_secrets",
    "engine_fault",
    "kept_secret_key",
    "load",
    "release",
]
