"""The resource types of the plugin, and the version of the official one in whose place it stands."""

from collections.abc import Sequence

from diff.values import Plain
from offline.docker.configuration import configured
from offline.docker.container import Container
from offline.docker.engine import DockerEngine
from offline.docker.network import Network
from offline.docker.registry_image import RegistryImage
from offline.docker.remote_image import RemoteImage
from offline.docker.volume import Volume
from offline.protocol.resource import ResourceType

PACKAGE = "docker"
VERSION = "5.1.0"


def resource_types(configuration: Plain) -> Sequence[ResourceType[DockerEngine]]:
    """Return the resource types of one Docker engine."""
    engine = DockerEngine(configured(configuration))
    return [kind(engine) for kind in (Container, Network, RegistryImage, RemoteImage, Volume)]
