"""The plugin's executable: `pulumi-resource-docker ENGINE_ADDRESS`, in the place of the official one."""

import sys
from collections.abc import Sequence

from diff.values import Plain
from offline.docker.configuration import SHAPE, configured
from offline.docker.container import Container
from offline.docker.engine import DockerEngine
from offline.docker.network import Network
from offline.docker.registry_image import RegistryImage
from offline.docker.remote_image import RemoteImage
from offline.docker.volume import Volume
from offline.protocol.provider import Provider
from offline.protocol.resource import ResourceType
from protocol.server import EngineLog, serve
from protocol.wire import provider_pb2_grpc

PACKAGE = "docker"
VERSION = "5.1.0"


def resource_types(configuration: Plain) -> Sequence[ResourceType[DockerEngine]]:
    """Return the resource types of one Docker engine."""
    engine = DockerEngine(configured(configuration))
    return [kind(engine) for kind in (Container, Network, RegistryImage, RemoteImage, Volume)]


def main() -> None:
    """Serve the Docker resource types to the engine at the address that is the first argument."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    log = EngineLog(addresses[0] if addresses else "")
    provider = Provider(PACKAGE, VERSION, SHAPE, resource_types, log)
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server))


if __name__ == "__main__":
    main()
