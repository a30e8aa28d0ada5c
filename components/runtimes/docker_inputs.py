"""What is declared of a container, in the one order and completeness that the official plugin answers with.

The plugin orders a set by its content, and tells a changed element alone only where every field of it was
declared: else the preview shows whole lists. So the order of a stack file reaches no resource.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import pulumi_docker as docker
from pulumi import Input

from components.runtimes.probes import command_of, go_duration
from components.services.service import Probe, Publication


@dataclass(frozen=True)
class Mount:
    """A volume by its name, and where in a container it lies."""

    path: str
    volume: Input[str]
    read_only: bool = False


def environment(variables: Mapping[str, str]) -> list[str]:
    """Return `KEY=VALUE` for each variable. The plugin does not tell that the last one went."""
    return sorted(f"{key}={value}" for key, value in variables.items())


def container_labels(labels: Mapping[str, Input[str]]) -> list[docker.ContainerLabelArgs]:
    """Return a container's labels."""
    return [docker.ContainerLabelArgs(label=key, value=value) for key, value in sorted(labels.items())]


def uploads(texts: Mapping[str, Input[str]]) -> list[docker.ContainerUploadArgs]:
    """Return the files of a container by their paths, readable by all.

    They stand in the order of their texts; those that are known only later stand last, by path.
    """
    return [
        docker.ContainerUploadArgs(
            file=path,
            content=text,
            content_base64="",
            executable=False,
            permissions="0444",
            source="",
            source_hash="",
        )
        for path, text in sorted(texts.items(), key=_by_content)
    ]


def _by_content(upload: tuple[str, Input[str]]) -> tuple[bool, bytes, str]:
    """Return what the plugin orders uploads by; a text counts as Go's `%q` writes it."""
    path, text = upload
    if not isinstance(text, str):
        return True, b"", path
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return False, f'{quoted}"'.encode(), path


def volumes(mounts: Iterable[Mount]) -> list[docker.ContainerVolumeArgs]:
    """Return the volumes of a container."""
    return [
        docker.ContainerVolumeArgs(
            volume_name=mount.volume, container_path=mount.path, read_only=mount.read_only
        )
        for mount in sorted(mounts, key=lambda mount: mount.path)
    ]


def networks(joined: Mapping[str, Input[str]]) -> list[docker.ContainerNetworksAdvancedArgs]:
    """Return the networks of a container, by the name that it has in each."""
    return [
        docker.ContainerNetworksAdvancedArgs(name=network, aliases=[alias])
        for alias, network in sorted(joined.items())
    ]


def ports(opened: Iterable[Publication]) -> list[docker.ContainerPortArgs]:
    """Return the ports of a container that its engine opens."""
    return [
        docker.ContainerPortArgs(internal=port.number, external=port.external, ip=port.bind, protocol="tcp")
        for port in sorted(opened, key=lambda port: (port.number, port.external, port.bind))
    ]


def healthcheck(probe: Probe, tools: Container[str]) -> docker.ContainerHealthcheckArgs:
    """Return a container's health check."""
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", *command_of(probe.check, tools)],
        interval=go_duration(probe.interval),
        timeout=go_duration(probe.timeout),
        retries=probe.retries,
        start_period=go_duration(probe.start_period),
    )
