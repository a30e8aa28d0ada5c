"""What the program asks of Pulumi besides resources: configuration, secrets, stack references, providers."""

import json
from functools import cache
from typing import Any

import pulumi
import pulumi_docker as docker
from pulumi.runtime.config import CONFIG

from components.runtimes.docker import DockerHost
from config import ConfigurationFault, StackSettings, check_secret_key, load

PREFIX = "fate:"
SECRET_KEY = "secret-key"


def read_settings() -> StackSettings:
    """Read the stack's configuration, the secret left out.

    Raises pulumi.RunError with every fault at once, each by its YAML path.
    """
    keys = {key.removeprefix(PREFIX): value for key, value in CONFIG.items() if key.startswith(PREFIX)}
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


@cache
def referenced(stack: str) -> pulumi.StackReference:
    """Return the reference to another stack, one for each stack however often it is named."""
    return pulumi.StackReference(stack)


def docker_hosts(settings: StackSettings) -> dict[str, DockerHost]:
    """Return the engine of each party by its id, and the mirror's under the empty id."""
    stack = pulumi.get_stack()
    by_address: dict[str, DockerHost] = {}

    def host(name: str, address: str, ssh_options: tuple[str, ...]) -> DockerHost:
        if address not in by_address:
            provider = docker.Provider(name, host=address, ssh_opts=list(ssh_options) or None)
            by_address[address] = DockerHost(name, stack, provider)
        return by_address[address]

    runtime = settings.runtime
    hosts = {"": host("docker", runtime.host, runtime.ssh_options)}
    for party in settings.parties:
        own = party.runtime or runtime
        hosts[party.id] = host(f"docker-{party.id}", own.host, own.ssh_options)
    return hosts


def _parsed(value: str) -> Any:
    if value[:1] in ("{", "[") or value in ("true", "false"):
        return json.loads(value)
    return value
