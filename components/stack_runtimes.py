"""The engines and clusters of a stack, as what its parties and its mirror run on, each with its provider."""

import os
from collections.abc import Sequence

import pulumi
import pulumi_docker as docker

from components.images import built_images
from components.runtimes.docker import DockerHost
from components.runtimes.runtime import Runtime as RuntimeOfParty
from components.stack import ownership
from components.stack_checks import Found
from config import (
    DistributionMirror,
    DockerSettings,
    HarborMirror,
    KubernetesSettings,
    StackSettings,
)
from config.mirror import OwnMirror
from config.runtime import Runtime

QUESTIONS = 200
"""How many questions a second the Kubernetes plugin may ask. By itself it asks 50, and then a preview of 50
parties waits for that: 28 s instead of 16 s."""


def runtimes(settings: StackSettings, found: Found) -> dict[str, RuntimeOfParty]:
    """Return the runtime of each party by its id, the stack's own under the empty id, and `exchange`.

    Parties on one engine or cluster share a provider, and on one engine a federation network too.
    """
    engines: dict[str, DockerHost] = {}
    clusters: dict[str, pulumi.ProviderResource] = {}

    def runtime(wanted: Runtime) -> RuntimeOfParty:
        if isinstance(wanted, KubernetesSettings):
            return _cluster(settings, wanted, found, clusters)
        if wanted.place not in engines:
            engines[wanted.place] = _engine(settings, wanted, found)
        return engines[wanted.place]

    own = {"": runtime(settings.runtime)}
    own |= {"exchange": runtime(settings.exchange_runtime)} if settings.exchange else {}
    return own | {party.id: runtime(settings.runtime_of(party)) for party in settings.parties_by_id}


def _provider_names(settings: StackSettings, wanted: Runtime) -> tuple[str, list[str]]:
    """Return the name of an engine's or a cluster's provider: the stack's own, or one by its address.

    With those that it may have had when it was named after the first party that the file put there.
    """
    kind = wanted.kind
    if wanted.place == settings.runtime.place:
        return kind, []
    runtimes = {party.id: settings.runtime_of(party) for party in settings.parties_by_id}
    alike = {runtime.place for runtime in settings.runtimes[1:] if runtime.address == wanted.address}
    former = [f"{kind}-{id}" for id, runtime in runtimes.items() if runtime.place == wanted.place]
    return f"{kind}-{wanted.address if len(alike) == 1 else wanted.place}", former


def _engine(settings: StackSettings, wanted: DockerSettings, found: Found) -> DockerHost:
    name, former = _provider_names(settings, wanted)
    engine = wanted.model_copy(update={"host": wanted.place, "ssh_options": settings.ssh_options(wanted)})
    provider = _docker_provider(name, engine, former)
    return DockerHost(name, found.names, ownership(settings), engine, provider, former)


def _cluster(
    settings: StackSettings,
    wanted: KubernetesSettings,
    found: Found,
    made: dict[str, pulumi.ProviderResource],
) -> RuntimeOfParty:
    """Return a cluster, with the provider of its context that is there or a new one.

    pulumi_kubernetes is imported here, for half a second of every preview is its own. The provider changes
    ConfigMaps and Secrets in place, takes back what others changed, and adopts what `destroy` left
    (facts/providers-observed.md).
    """
    import pulumi_kubernetes as kubernetes

    from components.runtimes.kubernetes import Cluster

    if wanted.place not in made:
        name, former = _provider_names(settings, wanted)
        made[wanted.place] = kubernetes.Provider(
            name,
            context=wanted.context,
            kubeconfig=wanted.kubeconfig and os.path.expanduser(wanted.kubeconfig),
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            enable_patch_force=True,
            upsert_existing_objects=True,
            kube_client_settings=kubernetes.KubeClientSettingsArgs(qps=QUESTIONS, burst=2 * QUESTIONS),
            opts=_formerly(former),
        )
    if wanted.chart is not None:
        from components.runtimes.charted import ChartedCluster

        return ChartedCluster(found.names, ownership(settings), wanted, made[wanted.place], found.claims)
    return Cluster(found.names, ownership(settings), wanted, made[wanted.place], found.claims)


def mirror_providers(mirror: DistributionMirror, runtime: RuntimeOfParty) -> list[pulumi.ProviderResource]:
    """Return the mirror's providers: its runtime's, and that of the engine which builds for a cluster."""
    if isinstance(runtime, DockerHost) or not mirror.builds:
        return [runtime.provider]
    return [runtime.provider, _builder(mirror)]


def harbor_builder(settings: StackSettings, runtime: RuntimeOfParty) -> pulumi.ProviderResource | None:
    """Return the provider of the engine that builds for a Harbor; None where nothing is built."""
    if not isinstance(settings.mirror, HarborMirror) or not built_images(settings):
        return None
    return runtime.provider if isinstance(runtime, DockerHost) else _builder(settings.mirror)


def _builder(mirror: OwnMirror) -> docker.Provider:
    """Return the provider of the engine that builds for a mirror on a cluster."""
    return _docker_provider("docker-builder", mirror.builder or DockerSettings())


def _docker_provider(name: str, settings: DockerSettings, former: Sequence[str] = ()) -> docker.Provider:
    options = list(settings.ssh_options) or None
    return docker.Provider(name, host=settings.host, ssh_opts=options, opts=_formerly(former))


def _formerly(names: Sequence[str]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(aliases=[pulumi.Alias(name=name) for name in names])
