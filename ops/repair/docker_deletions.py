"""Deletions that a killed run began on a Docker engine.

The engine goes on to end a container whose run is gone. Asked meanwhile, it tells of one that works.
"""

from collections.abc import Iterable

from ops.doctor.docker_reach import client_of
from ops.doctor.exported import CONTAINER, Engine, Resource
from ops.repair.docker_leftovers import removal


def end(engine: Engine, going: Iterable[Resource]) -> None:
    """Remove the containers. Of networks and volumes a deletion is over at once.

    Raises Unmended where one stays, and Ailment where the engine does not answer.
    """
    client = client_of(engine.host, engine.ssh_options)
    for resource in going:
        if resource.type == CONTAINER:
            removal(client, resource.id)()
