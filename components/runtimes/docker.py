"""Services as containers of one Docker engine.

Makes networks, volumes and containers from neutral `Service` values. It makes no provider (that is the
stack's), builds no image, and knows no service by name. Case by case reasons: facts/providers-observed.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pulumi
import pulumi_docker as docker
from pulumi import Alias, Input, Output, ResourceOptions

from components.runtimes.docker_filled import filled
from components.runtimes.docker_inputs import (
    Mount,
    container_labels,
    environment,
    healthcheck,
    networks,
    ports,
    uploads,
    volumes,
)
from components.runtimes.names import Names, Part
from components.runtimes.ownership import SERVICE, Ownership
from components.runtimes.runtime import Login, Owner, Run
from components.services.service import Service
from config import DockerSettings
from config.catalogue import claim_name

START_LIMIT = 180
TOLD_BUT_NOT_APPLIED = ["healthcheck", "init"]
"""What the official plugin calls an update and leaves as it is on the engine: only a new container has it."""
FILL = "install -m 0400 /etc/fate/secrets/* /run/secrets/"
FILL_AS_ROOT = "cp -f /etc/fate/secrets/* /run/secrets/ && chmod 0444 /run/secrets/*"
"""For an image that has no folder of its user's there, so that the volume is root's. Only its own container,
where all processes are one user's, has the volume."""

OPEN = "{{ [ ! -O {0} ] || chmod 0777 {0}; }}"
"""For a data volume that is root's. Only containers of services that work on it have the volume."""


class DockerHost:
    """One Docker engine: the network on which gateways and brokers of a stack's parties meet."""

    def __init__(
        self,
        name: str,
        names: Names,
        ownership: Ownership,
        settings: DockerSettings,
        provider: docker.Provider,
        former: Sequence[str],
    ) -> None:
        self.names = names
        self.ownership = ownership
        self.settings = settings
        self.provider = provider
        self.meetings: dict[str, docker.Network] = {}
        """The network on which each party behind the stack's exchange meets it, where both are here."""
        self.pullers: dict[str, docker.Provider] = {}
        """What pulls with a login of its own, by the party's id or `exchange`; the others' is `provider`."""
        self._name = name
        self._former = former

    @cached_property
    def federation(self) -> docker.Network:
        """Make the network, once a party wants it.

        An engine that is not the stack's own has it by the engine's address. One that was named after a
        party, by its `former` name, keeps the name that it has.
        """
        engine = self.settings.place if self._former else None
        return docker.Network(
            f"{self._name}-federation",
            name=self.names.federation(engine),
            labels=_network_labels(self.ownership.labels()),
            opts=ResourceOptions(
                provider=self.provider,
                delete_before_replace=True,
                ignore_changes=["name", "labels"] if self._former else ["labels"],
                aliases=[Alias(name=f"{name}-federation") for name in self._former],
            ),
        )

    def place(
        self, parent: pulumi.Resource, prefix: str, owner: Owner, logins: Sequence[Login] = ()
    ) -> "DockerPlacement":
        """Open a place; a mirror of one service alone has no network. `logins` are the `pullers`'.

        An exchange meets each of its parties on a network of their own, so that they do not meet each other.
        """
        labels = self.ownership.labels(owner.party)
        network = None
        if owner.party is not None:
            network = _network(parent, f"{prefix}-network", self.names.of(owner.party), labels)
        elif owner.part == "exchange" or len(owner.services) > 1:
            network = _network(parent, f"{prefix}-network", self.names.of(None, owner.part), labels)
        for member in owner.members:
            name = self.names.meeting(member)
            self.meetings[member] = _network(parent, f"{prefix}-network-{member}", name, labels)
        return DockerPlacement(self, parent, prefix, owner, labels, network)

    def place_party(
        self, parent: pulumi.Resource, prefix: str, owner: Owner, logins: Sequence[Login] = ()
    ) -> "DockerPlacement":
        """Open the place of a party."""
        return self.place(parent, prefix, owner, logins)

    def domain(self, party: str) -> str:
        """Return what makes the name of a party's service absolute."""
        return self.names.domain(self.settings, party)

    def address(self, party: str | None, part: Part = "mirror") -> Mapping[str, object]:
        """Return the engine's address."""
        return {"host": self.settings.host, "ssh-options": list(self.settings.ssh_options)}


@dataclass(frozen=True)
class DockerPlacement:
    """Where the services of one owner run: its component, its prefix, its network."""

    host: DockerHost
    parent: pulumi.Resource
    prefix: str
    owner: Owner
    labels: Mapping[str, str]
    network: docker.Network | None
    running: dict[str, docker.Container] = field(default_factory=dict)
    volumes: dict[str, docker.Volume] = field(default_factory=dict)
    """The data volumes, by what tells one from those of all other services."""
    addresses: Mapping[str, Output[str]] = field(default_factory=dict)
    openings: Sequence[pulumi.Resource] = ()

    def name(self, *parts: str) -> str:
        """Return the name on the engine of what belongs to this owner."""
        return self.host.names.of(self.owner.party, *parts)

    @property
    def names(self) -> Mapping[str, Output[str]]:
        """Return the name of every service's container."""
        return {service: container.name for service, container in self.running.items()}

    def pulled(self, service: str, reference: Input[str]) -> Output[str]:
        """Pull an image on this engine and return its id. `destroy` leaves it: other parties may run it."""
        image = docker.RemoteImage(
            f"{self.prefix}-{service}-image",
            name=reference,
            keep_locally=True,
            opts=ResourceOptions(
                parent=self.parent, provider=self.host.pullers.get(self.owner.party or self.owner.part)
            ),
        )
        return image.image_id

    def run_all(self, runs: Sequence[Run]) -> None:
        """Make services, one after the other."""
        for each in runs:
            self.run(each.service, each.image, each.secrets, each.revision)

    def run(
        self,
        service: Service,
        image: Input[str],
        secrets: Mapping[str, Output[str]],
        revision: Input[str] | None = None,
    ) -> docker.Container:
        """Make one service: its volumes, its secrets' volume, its container, and wait until it is healthy.

        A container is replaced, never changed, when its configuration or the `revision` of its secrets
        changes; its data volumes stay.
        """
        needed: list[Input[pulumi.Resource]] = [self.running[name] for name in service.needs]
        for each in service.volumes:
            self.volumes[claim_name(service.name, each.name)] = _volume(self, service.name, each.name)
        mounts = [_mount(self.volumes[claim_name(service.name, v.name)], v.path) for v in service.volumes]
        lacking = [mount for mount, v in zip(mounts, service.volumes, strict=True) if v.lacking]
        mounts += [_mount(self.volumes[shared.name], shared.path) for shared in service.shares]
        if service.secrets:
            volume, filler = _secrets(self, service, image, secrets, lacking)
            mounts.append(_mount(volume, "/run/secrets", read_only=True))
            needed.append(filled(filler))
        container = _container(self, service, image, mounts, revision, needed)
        self.running[service.name] = container
        return container


def _container(
    place: DockerPlacement,
    service: Service,
    image: Input[str],
    mounts: Sequence[Mount],
    revision: Input[str] | None,
    needed: Sequence[Input[pulumi.Resource]],
) -> docker.Container:
    limits = service.resources
    return docker.Container(
        f"{place.prefix}-{service.name}",
        name=place.name(service.name),
        image=image,
        **_started(service, service.command),
        user=str(service.user_on_docker),
        envs=environment(service.environment),
        labels=container_labels(
            {**place.labels, SERVICE: service.name}
            | ({"fate.secrets": revision} if revision is not None else {})
        ),
        uploads=uploads({file.path: file.text for file in service.files}),
        volumes=volumes(mounts),
        ports=ports(p for p in place.owner.publications if p.service == service.name),
        network_mode="bridge",
        networks_advanced=_networks(place, service),
        healthcheck=healthcheck(service.probe, service.tools),
        wait=True,
        wait_timeout=START_LIMIT,
        must_run=True,
        restart="unless-stopped",
        destroy_grace_seconds=30,
        init=True,
        memory=limits.memory,
        memory_swap=limits.memory,
        shm_size=limits.shared,
        cpus=str(limits.cpus) if limits.cpus else None,
        gpus="all" if limits.gpus else None,
        ulimits=[
            docker.ContainerUlimitArgs(name="nproc", soft=limits.processes, hard=limits.processes),
        ],
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        log_driver="json-file",
        log_opts={"max-size": "10m", "max-file": "3"},
        opts=ResourceOptions(
            parent=place.parent,
            depends_on=list(needed),
            delete_before_replace=True,
            replace_on_changes=TOLD_BUT_NOT_APPLIED,
        ),
    )


def _started(service: Service, command: Sequence[str]) -> dict[str, Any]:
    """Return what a container runs; an entrypoint of a foreign image would take it for its arguments."""
    if service.foreign:
        return {"entrypoints": [command[0]], "command": list(command[1:])}
    return {"command": list(command)}


def _volume(place: DockerPlacement, service: str, volume: str) -> docker.Volume:
    """Make a data volume. `destroy` leaves it, and the next `up` takes it again with its content."""
    role, names, party = claim_name(service, volume), place.host.names, place.owner.party
    renamed = names.before(party, role) != names.of(party, role)
    return docker.Volume(
        f"{place.prefix}-{role}",
        name=names.holding(party, role),
        labels=_volume_labels({**place.labels, SERVICE: service}),
        opts=ResourceOptions(
            parent=place.parent,
            retain_on_delete=True,
            ignore_changes=["name", "labels"] if renamed else ["labels"],
        ),
    )


def _secrets(
    place: DockerPlacement,
    service: Service,
    image: Input[str],
    secrets: Mapping[str, Output[str]],
    lacking: Sequence[Mount],
) -> tuple[docker.Volume, docker.Container]:
    """Make the volume of a service's secrets and the short-lived container that fills it.

    The secrets stand apart from the files that use them: one secret among a container's uploads would hide
    the diff of every other file. Data volumes whose folders the image is `lacking` are root's: it opens them.
    """
    role = f"{service.name}-secrets"
    own_folder = service.user_on_docker == service.user and not service.foreign
    fill = FILL if own_folder else " && ".join((FILL_AS_ROOT, *(OPEN.format(m.path) for m in lacking)))
    volume = docker.Volume(
        f"{place.prefix}-{role}-volume",
        name=place.name(role),
        labels=_volume_labels({**place.labels, SERVICE: role}),
        opts=ResourceOptions(parent=place.parent, ignore_changes=["labels"]),
    )
    filler = docker.Container(
        f"{place.prefix}-{role}",
        name=place.name(role),
        image=image,
        user=str(service.user if own_folder else 0),
        **_started(service, ("sh", "-c", fill)),
        uploads=uploads({f"/etc/fate/secrets/{name}": secret for name, secret in secrets.items()}),
        volumes=volumes([_mount(volume, "/run/secrets"), *lacking]),
        labels=container_labels({**place.labels, SERVICE: role}),
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


def _networks(place: DockerPlacement, service: Service) -> list[docker.ContainerNetworksAdvancedArgs]:
    """Return the owner's private network, and for a service that meets peers those on which it does."""
    if place.network is None:
        return []
    joined: dict[str, Input[str]] = {service.name: place.network.name}
    if service.meets_peers():
        joined |= {f"{service.name}-{party}": network.name for party, network in _meetings(place).items()}
    return networks(joined)


def _meetings(place: DockerPlacement) -> Mapping[str, docker.Network]:
    """Return the networks on which a place's services meet peers, by whose name they bear there."""
    host, owner = place.host, place.owner
    if owner.party is None:
        return {member: host.meetings[member] for member in owner.members}
    if owner.behind_an_exchange:
        return {owner.party: host.meetings[owner.party]} if owner.party in host.meetings else {}
    return {owner.party: host.federation}


def _mount(volume: docker.Volume, path: str, read_only: bool = False) -> Mount:
    return Mount(path, volume.name, read_only)


def _network(parent: pulumi.Resource, resource: str, name: str, labels: Mapping[str, str]) -> docker.Network:
    return docker.Network(
        resource,
        name=name,
        labels=_network_labels(labels),
        opts=ResourceOptions(parent=parent, delete_before_replace=True, ignore_changes=["labels"]),
    )


def _network_labels(labels: Mapping[str, str]) -> list[docker.NetworkLabelArgs]:
    return [docker.NetworkLabelArgs(label=key, value=value) for key, value in sorted(labels.items())]


def _volume_labels(labels: Mapping[str, str]) -> list[docker.VolumeLabelArgs]:
    return [docker.VolumeLabelArgs(label=key, value=value) for key, value in sorted(labels.items())]
