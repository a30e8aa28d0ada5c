"""What waits until a service's secrets are written: Docker's plugin takes a filler that failed for made."""

import pulumi
import pulumi_docker as docker
from pulumi import Output


def filled(filler: docker.Container) -> Output[docker.Container]:
    """Return the container that writes a service's secrets, once it has ended with 0, for what depends on it.

    Raises pulumi.RunError where it ended otherwise. A preview that is to make it does not know yet.
    """
    return Output.all(filler.exit_code, filler.name).apply(lambda told: _ended_well(filler, *told))


def _ended_well(filler: docker.Container, code: float | None, name: str) -> docker.Container:
    if not code:
        return filler
    raise pulumi.RunError(
        f"{name} ended with {code:g}: the secrets that it writes are not where their service reads them\n"
        f"   see why: docker logs {name}; then let it run again: docker rm {name}, pulumi up --refresh"
    )
