"""The plugin's executable: `pulumi-resource-docker ENGINE_ADDRESS`."""

import sys

from offline.docker.configuration import SHAPE
from offline.docker.resource_types import PACKAGE, VERSION, resource_types
from offline.protocol.provider import Provider
from offline.protocol.server import EngineLog, serve
from offline.protocol.wire import provider_pb2_grpc


def main() -> None:
    """Serve the Docker resource types to the engine at the address that is the first argument."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    log = EngineLog(addresses[0] if addresses else "")
    provider = Provider(PACKAGE, VERSION, SHAPE, resource_types, log)
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server))


if __name__ == "__main__":
    main()
