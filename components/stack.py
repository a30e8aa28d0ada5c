"""What the program asks of Pulumi besides resources: configuration, the secret, providers."""

import json
import os
from collections.abc import Callable
from functools import cache

import pulumi
import pulumi_docker as docker
from pulumi.runtime.config import CONFIG
from pulumi.runtime.sync_await import _sync_await

from components.images import check_source, pulled_images
from components.mirror_preflight import askers_of, check_held
from components.runtimes import docker_shell
from components.runtimes.claims import Kept
from components.runtimes.docker import DockerHost
from components.runtimes.docker_preflight import engines_of, wanted_ports
from components.runtimes.docker_preflight import preflight as docker_preflight
from components.runtimes.kubernetes_preflight import preflight as kubernetes_preflight
from components.runtimes.kubernetes_wanted import wanted_namespaces
from components.runtimes.names import name_faults
from components.runtimes.runtime import Runtime as RuntimeOfParty
from config import (
    ConfigurationFault,
    DistributionMirror,
    DockerSettings,
    KubernetesSettings,
    PartySettings,
    StackSettings,
    check_secret_key,
    load,
)
from config.mirror import ReachedMirror
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


def output_of(stack: str, name: str) -> object:
    """Return the plain value of another stack's output, None where it has none.

    Plain, so that a peer that cannot be reached is refused before anything is made.
    """
    details = _sync_await(_reference(stack).get_output_details(name))
    if details.secret_value is not None:
        raise pulumi.RunError(f"output {name} of stack {stack} is secret; this program exports it in plain")
    return details.value


@cache
def _reference(stack: str) -> pulumi.StackReference:
    return pulumi.StackReference(stack)


def check_runtimes(settings: StackSettings) -> Kept:
    """Ask every engine and cluster of the stack for what it must offer, before anything is made.

    Returns the claims that are there and stay; what the stack allows to be lost is a warning.
    `FATE_PREFLIGHT=off` leaves out all but the names, for a preview where none can be reached.
    Raises pulumi.RunError with every fault of the names, of an engine, or of all clusters, at once.
    """
    if impossible := list(name_faults(pulumi.get_stack(), settings)):
        raise pulumi.RunError(str(ConfigurationFault(impossible)))
    if os.environ.get("FATE_PREFLIGHT") == "off":
        return {}
    ports = wanted_ports(settings, pulumi.get_stack())
    namespaces = wanted_namespaces(settings, pulumi.get_stack())
    try:
        for host, engine in engines_of(settings).items():
            docker_preflight(engine, ports.get(host, ()))
        examined = kubernetes_preflight(namespaces)
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None
    for warning in (*docker_shell.warnings(settings), *map(str, examined.losses)):
        pulumi.warn(warning)
    return examined.kept


def check_mirror(settings: StackSettings) -> None:
    """Ask a mirror that exists already whether it holds the stack's images; `FATE_PREFLIGHT=off` as above."""
    check_source(settings)
    mirror = settings.mirror
    if not isinstance(mirror, ReachedMirror) or os.environ.get("FATE_PREFLIGHT") == "off":
        return
    try:
        check_held(pulled_images(settings, output_of), askers_of(settings, mirror))
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None


def protect_what_is_kept() -> None:
    """Let `destroy` fail, and any `up` that would delete or replace a data volume, a claim or its namespace.

    What holds no data is left free: containers are replaced at every change of their files. So `destroy`
    takes them away before it fails, and the next `up` brings them back.
    """
    pulumi.runtime.register_stack_transformation(_protected_if_kept)


def _protected_if_kept(
    declared: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    if not declared.opts.retain_on_delete:
        return None
    options = pulumi.ResourceOptions.merge(declared.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformationResult(declared.props, options)


def runtimes(settings: StackSettings, kept: Kept) -> dict[str, RuntimeOfParty]:
    """Return the runtime of each party by its id, and the stack's own under the empty id.

    Parties on one engine or cluster share a provider, and on one engine a federation network too.
    """
    engines: dict[str, DockerHost] = {}
    clusters: dict[str, pulumi.ProviderResource] = {}

    def runtime(name: str, wanted: Runtime) -> RuntimeOfParty:
        if isinstance(wanted, KubernetesSettings):
            return _cluster(name, wanted, clusters, kept)
        if wanted.host not in engines:
            provider = _docker_provider(name, wanted)
            engines[wanted.host] = DockerHost(name, pulumi.get_stack(), wanted, provider)
        return engines[wanted.host]

    own = {"": runtime(settings.runtime.kind, settings.runtime)}
    return own | {p.id: _runtime_of(settings, p, runtime) for p in settings.parties}


def _runtime_of(
    settings: StackSettings, party: PartySettings, runtime: Callable[[str, Runtime], RuntimeOfParty]
) -> RuntimeOfParty:
    wanted = settings.runtime_of(party)
    return runtime(f"{wanted.kind}-{party.id}", wanted)


def _cluster(
    name: str,
    settings: KubernetesSettings,
    made: dict[str, pulumi.ProviderResource],
    kept: Kept,
) -> RuntimeOfParty:
    """Return a cluster, with the provider of its context that is there or a new one.

    pulumi_kubernetes is imported here, for half a second of every preview is its own. The provider changes
    ConfigMaps and Secrets in place, takes back what others changed, and adopts what `destroy` left
    (facts/providers-observed.md).
    """
    import pulumi_kubernetes as kubernetes

    from components.runtimes.kubernetes import Cluster

    if settings.place not in made:
        made[settings.place] = kubernetes.Provider(
            name,
            context=settings.context,
            kubeconfig=settings.kubeconfig and os.path.expanduser(settings.kubeconfig),
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            enable_patch_force=True,
            upsert_existing_objects=True,
        )
    return Cluster(pulumi.get_stack(), settings, made[settings.place], kept)


def mirror_providers(mirror: DistributionMirror, runtime: RuntimeOfParty) -> list[pulumi.ProviderResource]:
    """Return the mirror's providers: its runtime's, and that of the engine which builds for a cluster."""
    if isinstance(runtime, DockerHost):
        return [runtime.provider]
    return [runtime.provider, _docker_provider("docker-builder", mirror.builder or DockerSettings())]


def _docker_provider(name: str, settings: DockerSettings) -> docker.Provider:
    return docker.Provider(name, host=settings.host, ssh_opts=list(settings.ssh_options) or None)


def _parsed(value: str) -> object:
    structured = value[:1] in ("{", "[") or value in ("true", "false")
    return json.loads(value) if structured else value
