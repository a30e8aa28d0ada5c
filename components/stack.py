"""What the program asks of Pulumi besides resources: configuration, the secret, providers."""

import json

import pulumi
import pulumi_docker as docker
from pulumi.runtime.config import CONFIG

from components.runtimes.docker import DockerHost
from config import ConfigurationFault, DockerSettings, StackSettings, check_secret_key, load
from config.runtime import Runtime

PREFIX = "fate:"
SECRET_KEY = "secret-key"


def read_settings() -> StackSettings:
    """Read the stack's configuration, the secret left out.

    Raises pulumi.RunError with every fault at once, each by its YAML path.
    """
    keys = {key.removeprefix(PREFIX): value for key, value in CONFIG.get().items() if key.startswith(PREFIX)}
    secret = keys.pop(SECRET_KEY, None)
    try:
        settings = load({key: _parsed(value) for key, value in keys.items()})
        check_secret_key(secret)
    except ConfigurationFault as fault:
        raise pulumi.RunError(f"Pulumi.{pulumi.get_stack()}.yaml cannot be used.\n{fault}") from None
    return settings


def secret_key() -> pulumi.Output[str]:
    """Return the stack's one secret."""
    return pulumi.Config("fate").require_secret(SECRET_KEY)


def docker_hosts(settings: StackSettings) -> dict[str, DockerHost]:
    """Return the engine of each party by its id, and the stack's own under the empty id.

    Parties that name the same engine share one provider and one federation network.
    """
    made: dict[str, DockerHost] = {}

    def host(name: str, wanted: Runtime) -> DockerHost:
        if not isinstance(wanted, DockerSettings):
            raise pulumi.RunError(f"fate:runtime: {wanted.kind} has no runtime here; write kind: docker")
        if wanted.host not in made:
            provider = docker.Provider(name, host=wanted.host, ssh_opts=list(wanted.ssh_options) or None)
            made[wanted.host] = DockerHost(name, pulumi.get_stack(), wanted, provider)
        return made[wanted.host]

    own = {"": host("docker", settings.runtime)}
    return own | {p.id: host(f"docker-{p.id}", p.runtime or settings.runtime) for p in settings.parties}


def _parsed(value: str) -> object:
    structured = value[:1] in ("{", "[") or value in ("true", "false")
    return json.loads(value) if structured else value
