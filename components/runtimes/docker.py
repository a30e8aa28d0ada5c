"""Services as containers of one Docker engine.

Makes networks, volumes and containers from neutral `Service` values. It makes no provider (that is the
stack's), builds no image, and knows no service by name. Case by case reasons: facts/providers-observed.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker
from pulumi import Input, Output, ResourceOptions

from components.runtimes.names import named
from components.services.routes import Route
from components.services.service import Probe, Publication, Service
from config import DockerSettings

START_LIMIT = 180
FILL = "install -m 0400 /etc/fate/secrets/* /run/secrets/"


class DockerHost:
    """One Docker engine: the network on which gateways and brokers of a stack's parties meet."""

    kind = "docker"

    def __init__(self, name: str, stack: str, settings: DockerSettings, provider: docker.Provider) -> None:
        self.stack = stack
        self.settings = settings
        self.provider = provider
        self.federation = docker.Network(
            f"{name}-federation",
            name=named(stack, *name.split("-")[1:], "federation"),
            labels=_network_labels({"fate.stack": stack}),
            opts=ResourceOptions(provider=provider, delete_before_replace=True),
        )

    @staticmethod
    def route(party: str, gateway_port: int, broker_port: int) -> Route:
        """Return the way to a party of the same stack on this same engine."""
        return Route(party, f"gateway-{party}", gateway_port, f"broker-{party}", broker_port)


@dataclass(frozen=True)
class Placement:
    """Where the services of one owner (a party, a mirror) run: its component, its name, its network."""

    host: DockerHost
    parent: pulumi.Resource
    prefix: str
    owner: str
    labels: Mapping[str, str]
    network: docker.Network | None
    running: dict[str, docker.Container] = field(default_factory=dict)

    def name(self, *parts: str) -> str:
        """Return the name on the engine of what belongs to this owner."""
        return named(self.host.stack, *(part for part in (self.owner, *parts) if part))


def place(host: DockerHost, parent: pulumi.Resource, prefix: str, party: str | None) -> Placement:
    """Open a place for a party's services, with a private network of its own; a mirror needs none."""
    labels = {"fate.stack": host.stack} | ({"fate.party": party} if party else {})
    network = None
    if party is not None:
        network = docker.Network(
            f"{prefix}-network",
            name=named(host.stack, party),
            labels=_network_labels(labels),
            opts=ResourceOptions(parent=parent, delete_before_replace=True),
        )
    return Placement(host, parent, prefix, party or "", labels, network)


def run(
    place: Placement,
    service: Service,
    image: Input[str],
    secrets: Mapping[str, Output[str]],
    publications: Sequence[Publication],
    revision: Input[str] | None = None,
) -> docker.Container:
    """Make one service: its volumes, its secrets' volume, its container, and wait until it is healthy.

    A container is replaced, never changed, when its configuration or the `revision` of its secrets changes;
    its data volumes stay.
    """
    needed: list[pulumi.Resource] = [place.running[name] for name in service.needs]
    mounts = [_mount(volume_of(place, service.name, v.name), v.path) for v in service.volumes]
    if service.secrets:
        volume, filler = _secrets(place, service, image, secrets)
        mounts.append(_mount(volume, "/run/secrets", read_only=True))
        needed.append(filler)
    limits = service.resources
    container = docker.Container(
        f"{place.prefix}-{service.name}",
        name=place.name(service.name),
        image=image,
        command=list(service.command),
        user=str(service.user),
        envs=[f"{key}={value}" for key, value in sorted(service.environment.items())],
        labels=_container_labels(
            {**place.labels, "fate.service": service.name}
            | ({"fate.secrets": revision} if revision is not None else {})
        ),
        uploads=[_upload(file.path, file.text) for file in service.files],
        volumes=mounts,
        ports=[_published(p) for p in publications if p.service == service.name],
        network_mode="bridge",
        networks_advanced=_networks(place, service),
        healthcheck=_healthcheck(service.probe),
        wait=True,
        wait_timeout=START_LIMIT,
        must_run=True,
        restart="unless-stopped",
        destroy_grace_seconds=30,
        init=True,
        memory=limits.memory,
        memory_swap=limits.memory,
        cpus=str(limits.cpus) if limits.cpus else None,
        ulimits=[
            docker.ContainerUlimitArgs(name="nproc", soft=limits.processes, hard=limits.processes),
        ],
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        log_driver="json-file",
        log_opts={"max-size": "10m", "max-file": "3"},
        opts=ResourceOptions(
            parent=place.parent,
            depends_on=needed,
            delete_before_replace=True,
        ),
    )
    place.running[service.name] = container
    return container


def pulled(place: Placement, service: str, reference: Input[str]) -> Output[str]:
    """Pull an image on this engine and return its id. `destroy` leaves it: other parties may run it."""
    image = docker.RemoteImage(
        f"{place.prefix}-{service}-image",
        name=reference,
        keep_locally=True,
        opts=ResourceOptions(parent=place.parent),
    )
    return image.image_id


def volume_of(place: Placement, service: str, volume: str) -> docker.Volume:
    """Make a data volume. `destroy` leaves it, and the next `up` takes it again with its content."""
    name = volume if volume == service else f"{service}-{volume}"
    return docker.Volume(
        f"{place.prefix}-{name}",
        name=place.name(name),
        labels=[docker.VolumeLabelArgs(label=k, value=v) for k, v in place.labels.items()],
        opts=ResourceOptions(parent=place.parent, retain_on_delete=True),
    )


def _secrets(
    place: Placement, service: Service, image: Input[str], secrets: Mapping[str, Output[str]]
) -> tuple[docker.Volume, docker.Container]:
    """Make the volume of a service's secrets and the short-lived container that fills it.

    The secrets stand apart from the files that use them: one secret among a container's uploads would hide
    the diff of every other file.
    """
    role = f"{service.name}-secrets"
    volume = docker.Volume(
        f"{place.prefix}-{role}-volume",
        name=place.name(role),
        labels=[docker.VolumeLabelArgs(label=k, value=v) for k, v in place.labels.items()],
        opts=ResourceOptions(parent=place.parent),
    )
    filler = docker.Container(
        f"{place.prefix}-{role}",
        name=place.name(role),
        image=image,
        user=str(service.user),
        command=["sh", "-c", FILL],
        uploads=[_upload(f"/etc/fate/secrets/{name}", secrets[name]) for name in sorted(secrets)],
        volumes=[_mount(volume, "/run/secrets")],
        labels=_container_labels({**place.labels, "fate.service": role}),
        network_mode="none",
        must_run=False,
        attach=True,
        restart="no",
        memory=32,
        memory_swap=32,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        opts=ResourceOptions(parent=place.parent, delete_before_replace=True),
    )
    return volume, filler


def _networks(place: Placement, service: Service) -> list[docker.ContainerNetworksAdvancedArgs]:
    """Return the party's private network, and the shared one for a service that meets peers."""
    if place.network is None:
        return []
    networks = [docker.ContainerNetworksAdvancedArgs(name=place.network.name, aliases=[service.name])]
    if service.meets_peers():
        shared, alias = place.host.federation.name, f"{service.name}-{place.owner}"
        networks.append(docker.ContainerNetworksAdvancedArgs(name=shared, aliases=[alias]))
    return networks


def _published(publication: Publication) -> docker.ContainerPortArgs:
    return docker.ContainerPortArgs(
        internal=publication.number, external=publication.external, ip=publication.bind
    )


def _healthcheck(probe: Probe) -> docker.ContainerHealthcheckArgs:
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", *probe.command],
        interval=f"{probe.interval}s",
        timeout=f"{probe.timeout}s",
        retries=probe.retries,
        start_period=f"{probe.start_period}s",
    )


def _mount(volume: docker.Volume, path: str, read_only: bool = False) -> docker.ContainerVolumeArgs:
    return docker.ContainerVolumeArgs(volume_name=volume.name, container_path=path, read_only=read_only)


def _upload(path: str, text: Input[str]) -> docker.ContainerUploadArgs:
    return docker.ContainerUploadArgs(file=path, content=text, permissions="0444")


def _container_labels(labels: Mapping[str, Input[str]]) -> list[docker.ContainerLabelArgs]:
    return [docker.ContainerLabelArgs(label=key, value=value) for key, value in sorted(labels.items())]


def _network_labels(labels: Mapping[str, str]) -> list[docker.NetworkLabelArgs]:
    return [docker.NetworkLabelArgs(label=key, value=value) for key, value in sorted(labels.items())]
