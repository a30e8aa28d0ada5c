"""The plugin's executable: `pulumi-resource-kubernetes ENGINE_ADDRESS`."""

import sys

from offline.kubernetes.provider import KubernetesProvider
from protocol.server import EngineLog, serve
from protocol.wire import provider_pb2_grpc


def main() -> None:
    """Serve Kubernetes objects to the engine at the address that is the first argument."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    provider = KubernetesProvider(EngineLog(addresses[0] if addresses else ""))
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server))


if __name__ == "__main__":
    main()
