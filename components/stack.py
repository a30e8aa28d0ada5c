"""What the program asks of Pulumi besides resources: configuration, the secret, providers."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pulumi
import pulumi_docker as docker

from components.images import brought_images, built_images, pulled_images, pushed_images
from components.other_stacks import StackOutput
from components.preflight import docker_shell
from components.preflight.docker import engines_of, wanted_ports
from components.preflight.docker import preflight as docker_preflight
from components.preflight.docker_gpus import wanted_gpus
from components.preflight.docker_wanted import wanted_objects
from components.preflight.external import check_answers, unasked
from components.preflight.harbor_chart import harbor_chart_faults
from components.preflight.harbor_pushes import one_of, pushers_of
from components.preflight.kubernetes import preflight as kubernetes_preflight
from components.preflight.kubernetes_wanted import wanted_namespaces
from components.preflight.mirror import (
    FILL_IT,
    TRUST_IT,
    askers_of,
    check_held,
    check_held_at_home,
    check_loaded,
)
from components.runtimes.claims import Kept
from components.runtimes.docker import DockerHost
from components.runtimes.names import Names, name_faults
from components.runtimes.ownership import Ownership
from components.runtimes.runtime import Runtime as RuntimeOfParty
from components.services.context import Route
from components.services.passwords import owner_fingerprint
from config import (
    ConfigurationFault,
    DistributionMirror,
    DockerSettings,
    Fault,
    HarborMirror,
    KubernetesSettings,
    StackExchange,
    StackMirror,
    StackPeer,
    StackSettings,
    check_secret_key,
    check_secrets,
    kept_secret_key,
    load,
)
from config.mirror import OwnMirror, ReachedMirror
from config.runtime import Runtime
from config.secrets import SECRETS, sealed_again, values_of
from images.recipes import image_reference

PREFIX = "fate:"
SECRET_KEY = "secret-key"
QUESTIONS = 200
"""How many questions a second the Kubernetes plugin may ask. By itself it asks 50, and then a preview of 50
parties waits for that: 28 s instead of 16 s."""


def read_settings() -> StackSettings:
    """Read the stack's configuration, every secret left out.

    Raises pulumi.RunError with every fault at once, each by its YAML path.
    """
    given = pulumi.runtime.get_config_env()
    keys = {key.removeprefix(PREFIX): value for key, value in given.items() if key.startswith(PREFIX)}
    keys.pop(SECRET_KEY, None)
    secrets = keys.pop(SECRETS, None)
    try:
        check_secrets([key for key in keys if pulumi.runtime.is_config_secret(PREFIX + key)], _file())
        values = {key: _parsed(value) for key, value in keys.items()}
        if secrets is not None:
            values[SECRETS] = sealed_again(secrets, pulumi.runtime.is_config_secret(PREFIX + SECRETS))
        settings = load(values)
        check_secret_key(_secret_key())
    except ConfigurationFault as fault:
        raise pulumi.RunError(f"{_file()} cannot be used.\n{fault}") from None
    return settings


def _file() -> Path:
    return Path(f"Pulumi.{pulumi.get_stack()}.yaml")


def secret_key() -> pulumi.Output[str]:
    """Return the stack's one secret."""
    return pulumi.Output.secret(_secret_key() or "")


def given_secrets() -> dict[str, pulumi.Output[str]]:
    """Return the value of each secret that the stack was given, by its name."""
    opened = pulumi.Config("fate").get(SECRETS)
    values = values_of(opened) if opened is not None else {}
    return {name: pulumi.Output.secret(value) for name, value in values.items()}


def _secret_key() -> str | None:
    """Return the secret that stands in the stack's file, else the one that this checkout keeps for it."""
    return pulumi.Config("fate").get(SECRET_KEY) or kept_secret_key(pulumi.get_stack())


async def outputs_of_others(settings: StackSettings) -> StackOutput:
    """Return the plain values of what the other stacks that this one names tell; None where one has none.

    Plain, so that a peer that cannot be reached is refused before anything is made.
    """
    peers = [peer for party in settings.parties for peer in settings.peers_of(party)]
    members = settings.exchange.parties if settings.exchange else ()
    wanted = {(peer.stack, "parties") for peer in (*peers, *members) if isinstance(peer, StackPeer)}
    exchanges = (party.exchange for party in settings.parties)
    wanted |= {(each.stack, "exchange") for each in exchanges if isinstance(each, StackExchange)}
    if isinstance(settings.mirror, StackMirror):
        wanted.add((settings.mirror.stack, "images" if settings.images.source == "packages" else "mirror"))
    references = {stack: pulumi.StackReference(stack) for stack in sorted({stack for stack, _ in wanted})}
    values = {(stack, name): await _plain(stack, references[stack], name) for stack, name in sorted(wanted)}
    return lambda stack, name: values[stack, name]


async def _plain(stack: str, reference: pulumi.StackReference, name: str) -> object:
    details = await reference.get_output_details(name)
    if details.secret_value is not None:
        raise pulumi.RunError(f"output {name} of stack {stack} is secret; this program exports it in plain")
    return details.value


def ownership(settings: StackSettings) -> Ownership:
    """Return what names the stack as the owner of what it makes: never the secret, only its fingerprint."""
    key = owner_fingerprint(_secret_key() or "")
    return Ownership(pulumi.get_project(), pulumi.get_stack(), key, settings.adopts)


@dataclass(frozen=True)
class Found:
    """What engines and clusters have of the stack already: claims that stay, and the names in use."""

    claims: Kept
    names: Names


def check_runtimes(settings: StackSettings) -> Found:
    """Ask every engine and cluster of the stack for what it must offer, before anything is made.

    What the stack allows to be lost is a warning, and so is what may not be asked.
    `FATE_PREFLIGHT=off` leaves out all but the names, for a preview where none can be reached.
    Raises pulumi.RunError with every fault of the names, of all engines, or of all clusters, at once.
    """
    names = Names(pulumi.get_project(), pulumi.get_stack())
    if impossible := list(name_faults(names, settings)):
        raise pulumi.RunError(str(ConfigurationFault(impossible)))
    if os.environ.get("FATE_PREFLIGHT") == "off":
        return Found({}, names)
    try:
        kept = _check_engines(settings, names)
        examined = kubernetes_preflight(wanted_namespaces(settings, names), ownership(settings))
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None
    for warning in (*docker_shell.warnings(settings), *map(str, examined.warnings)):
        pulumi.warn(warning)
    return Found(examined.kept, replace(names, kept=kept | examined.names))


def _check_engines(settings: StackSettings, names: Names) -> frozenset[str]:
    """Check every engine; return the names of before that data volumes have.

    Raises ConfigurationFault with every fault of every engine.
    """
    ports, objects = wanted_ports(settings, names), wanted_objects(settings, names)
    gpus, owner = wanted_gpus(settings), ownership(settings)
    kept: set[str] = set()
    faults: list[Fault] = []
    for host, engine in engines_of(settings).items():
        try:
            kept |= docker_preflight(
                engine, ports.get(host, ()), objects.get(host, ()), owner, gpus.get(host, ())
            )
        except ConfigurationFault as fault:
            faults += fault.faults
    if faults:
        raise ConfigurationFault(faults)
    return frozenset(kept)


def check_mirror(settings: StackSettings, output_of: StackOutput) -> None:
    """Ask a mirror that is filled elsewhere whether it holds the images; `FATE_PREFLIGHT=off` as above.

    One of the stack's own that cannot be asked is a warning: it may not be up yet. What this run copies or
    pushes to a Harbor may be lacking; whether it is trusted by those who push is asked all the same. What a
    registry starts from must be on its engine where nothing builds it.
    """
    mirror = settings.mirror
    builds = isinstance(mirror, DistributionMirror) and mirror.builds
    if mirror is None or builds or os.environ.get("FATE_PREFLIGHT") == "off":
        return
    images, askers = pulled_images(settings, output_of), askers_of(settings, mirror)
    coming = brought_images(settings)
    try:
        if isinstance(mirror, ReachedMirror):
            check_held(images, askers, coming)
            return
        if isinstance(mirror, DistributionMirror) and isinstance(settings.runtime, DockerSettings):
            check_loaded(engines_of(settings)[settings.runtime.host], image_reference("registry"))
        not_yet = TRUST_IT if isinstance(mirror, HarborMirror) else FILL_IT
        warnings = check_held_at_home(images, askers, not_yet, coming)
        if isinstance(mirror, HarborMirror) and (pushed := pushed_images(settings)):
            warnings += check_held_at_home(one_of(pushed), pushers_of(settings, mirror), not_yet, coming)
        for warning in dict.fromkeys(warnings):
            pulumi.warn(warning)
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None


def check_chart_registries(settings: StackSettings) -> None:
    """Ask registries whether they have the charts of parties and of a Harbor; `FATE_PREFLIGHT=off` as above.

    Raises pulumi.RunError with every chart that one lacks. Imported here, as a cluster is.
    """
    runtimes = (settings.runtime_of(party) for party in settings.parties)
    charts = [each.chart for each in runtimes if isinstance(each, KubernetesSettings)]
    of_harbor = [settings.mirror.chart] if isinstance(settings.mirror, HarborMirror) else []
    asked = any(chart.is_in_a_registry for chart in (*charts, *of_harbor) if chart)
    if os.environ.get("FATE_PREFLIGHT") == "off" or not asked:
        return
    from components.preflight.chart_registries import lacking_charts

    if faults := list(lacking_charts(settings)):
        raise pulumi.RunError(str(ConfigurationFault(faults)))


def check_external(settings: StackSettings) -> None:
    """Ask what others run for the parties whether it answers; `FATE_PREFLIGHT=off` as above."""
    if os.environ.get("FATE_PREFLIGHT") == "off":
        return
    try:
        unknown = check_answers(settings)
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None
    if unknown:
        pulumi.warn(unasked(unknown))


def check_charts(settings: StackSettings, names: Names, routes: Mapping[str, Sequence[Route]]) -> None:
    """Look at the charts that declare Harbor and parties, and at the values that the stack gives these.

    Raises pulumi.RunError with everything that is wrong with them. Imported here, as a cluster is.
    """
    faults: list[Fault] = []
    if isinstance(settings.mirror, HarborMirror):
        faults += harbor_chart_faults(settings.mirror)
    runtimes = (settings.runtime_of(party) for party in settings.parties)
    if any(isinstance(each, KubernetesSettings) and each.chart for each in runtimes):
        from components.preflight.charts import chart_faults

        faults += chart_faults(settings, names, routes)
    if faults:
        raise pulumi.RunError(str(ConfigurationFault(faults)))


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


def _parsed(value: str) -> object:
    structured = value[:1] in ("{", "[") or value in ("true", "false")
    return json.loads(value) if structured else value
