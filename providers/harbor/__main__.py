"""The plugin's executable: `pulumi-resource-fate-harbor ENGINE_ADDRESS`."""

import sys

import urllib3

from protocol.server import EngineLog, serve
from protocol.wire import provider_pb2_grpc
from providers.harbor.garbage_collection import GarbageCollection
from providers.harbor.project import Project
from providers.harbor.registry import Registry
from providers.harbor.replicated import Replicated
from providers.harbor.replication import Replication
from providers.harbor.retention import Retention
from providers.harbor.robot import Robot
from providers.harbor.servicer import HarborProvider
from providers.harbor.settings import Settings

WORKERS = 32
RESOURCES = (Project, Registry, Replication, Replicated, Robot, Retention, GarbageCollection, Settings)


def main() -> None:
    """Serve what is in a Harbor to the engine at the address that is the first argument."""
    urllib3.disable_warnings()  # who sets `verify` to false knows; the log would say it each time
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    provider = HarborProvider(RESOURCES, EngineLog(addresses[0] if addresses else ""))
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server), WORKERS)


if __name__ == "__main__":
    main()
