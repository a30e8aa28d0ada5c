"""What a stack may say: closed, frozen models, one concern a file. Knows nothing of Pulumi or Docker."""

from config.catalogue import Source, catalogue
from config.cluster_exposure import (
    Exposure,
    GatewayExposure,
    IngressExposure,
    LoadBalancerExposure,
    NodePortExposure,
)
from config.engines import Computing, Engines, Federation, Storage, engine_fault
from config.exchange import GatewayExchange, StackExchange, StackMember
from config.exposure import Api, Expose
from config.faults import ConfigurationFault, Fault
from config.harbor import HarborMirror
from config.images import HubImages, ImageReference, PackagesImages, RegistryImages
from config.kubernetes import KubernetesSettings, Scheduling, StorageSettings, Toleration, VolumeName
from config.loading import load
from config.mirror import DistributionMirror, ExternalMirror, StackMirror
from config.party import Mode, PartySettings
from config.peers import ExchangePeer, HostPeer, PartyPeer, Peer, StackPeer
from config.runtime import DockerSettings, Runtime
from config.secret_key import check_secret_key, check_secrets, kept_secret_key
from config.services import ServiceOverride
from config.stack import Rotation, StackSettings
from config.variants import Algorithm, Device

__all__ = [
    "Algorithm",
    "Api",
    "Computing",
    "ConfigurationFault",
    "Device",
    "DistributionMirror",
    "DockerSettings",
    "Engines",
    "ExchangePeer",
    "Expose",
    "Exposure",
    "ExternalMirror",
    "Fault",
    "Federation",
    "GatewayExchange",
    "GatewayExposure",
    "HarborMirror",
    "HostPeer",
    "HubImages",
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
    "Rotation",
    "Runtime",
    "Scheduling",
    "ServiceOverride",
    "Source",
    "StackExchange",
    "StackMember",
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
]
