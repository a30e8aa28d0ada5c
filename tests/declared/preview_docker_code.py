"""Changes to the program that a stack on Docker sees: together they touch what it declares of a resource.

Those of one table touch no property of one resource twice, so that one preview of all tells each.
"""

from collections.abc import Mapping

from tests.declared.preview_change import Change, code

RUNTIME = "components/runtimes/docker.py"
INPUTS = "components/runtimes/docker_inputs.py"
SERVICE = "components/services/service.py"
GATEWAY = "components/services/gateway.py"
FACTS = "config/catalogue/gateway.yaml"
BUILDER = "components/image_builder.py"

UNSAID = "rm=False, attach=False, logs=False, start=True, read_only=False,"
"""What a container's switches are where they are not said."""


def _container(keys: str) -> Change:
    """Declare more of every service's container, and not of the fillers of their secrets."""
    return code(RUNTIME, "wait_timeout=START_LIMIT,", f"wait_timeout=START_LIMIT, {keys}")


def _network(keys: str) -> Change:
    """Declare more of every party's network."""
    labels = "labels=_network_labels(labels),"
    return code(RUNTIME, labels, f"{labels} {keys}")


def _volume(keys: str) -> Change:
    """Declare more of every data volume."""
    name = "name=names.holding(party, role),"
    return code(RUNTIME, name, f"{name} {keys}")


def _pulled(keys: str) -> Change:
    """Declare more of every image that a party pulls."""
    return code(RUNTIME, "name=reference,", f"name=reference, {keys}")


def _built(keys: str) -> Change:
    """Declare more of every build."""
    return code(BUILDER, 'dockerfile="Dockerfile",', f'dockerfile="Dockerfile", {keys}')


def _pushed(keys: str) -> Change:
    """Declare more of every image that the mirror holds."""
    return code(BUILDER, "name=image.name,", f"name=image.name, {keys}")


WRITTEN_OTHERWISE: Mapping[str, Change] = {
    "a container's switches written out": _container(UNSAID),
    "variables in another order": code(INPUTS, "in variables.items())", "in variables.items())[::-1]"),
    "labels in another order": code(
        INPUTS,
        "ContainerLabelArgs(label=key, value=value) for key, value in sorted(labels.items())",
        "ContainerLabelArgs(label=key, value=value) for key, value in sorted(labels.items())[::-1]",
    ),
    "a port's protocol left out": code(INPUTS, ', protocol="tcp"', ""),
    "a volume's defaults left out": code(
        INPUTS, "read_only=mount.read_only", "read_only=mount.read_only or None"
    ),
    "an upload's defaults left out": code(INPUTS, "executable=False,", ""),
    "a network's driver written out": _network('driver="bridge",'),
    "a volume's driver written out": _volume('driver="local",'),
    "a build's defaults written out": _built("remove=True,"),
    "a label of every network": code(
        RUNTIME, "labels=_network_labels(labels)", 'labels=_network_labels({**labels, "fate.changed": "yes"})'
    ),
    "a label of every volume": code(RUNTIME, "SERVICE: service}", 'SERVICE: service, "fate.changed": "yes"}'),
    "volumes that are not kept": code(RUNTIME, "retain_on_delete=True", "retain_on_delete=False"),
}
"""None of it is a change: a network and a volume keep the labels that they were made with."""

CONTAINERS: Mapping[str, Change] = {
    "containers without an init": code(RUNTIME, "init=True,", "init=False,"),
    "another restart policy": code(RUNTIME, 'restart="unless-stopped"', 'restart="always"'),
    "CPUs where there were none": code(
        RUNTIME, "cpus=str(limits.cpus) if limits.cpus else None", 'cpus="1.5"'
    ),
    "CPU shares and a CPU set": _container('cpu_shares=512, cpu_set="0",'),
    "memory reserved": _container("memory_reservation=64,"),
    "swap beside the memory": code(RUNTIME, "memory_swap=limits.memory", "memory_swap=2 * limits.memory"),
    "a capability kept": code(RUNTIME, 'drops=["ALL"]', 'adds=["CAP_CHOWN"], drops=["ALL"]'),
    "fewer processes": code(RUNTIME, "soft=limits.processes", "soft=1024"),
    "more log files": code(RUNTIME, '"max-file": "3"', '"max-file": "5"'),
    "another security option": code(
        RUNTIME, '["no-new-privileges"]', '["no-new-privileges", "label=disable"]'
    ),
    "a longer wait": code(RUNTIME, "START_LIMIT = 180", "START_LIMIT = 240"),
    "more time to end": code(RUNTIME, "destroy_grace_seconds=30,", "destroy_grace_seconds=60,"),
    "another user": code(RUNTIME, "user=str(service.user_on_docker)", 'user="7777"'),
    "a host's name": _container("hostname=service.name,"),
    "a working directory": _container('working_dir="/tmp",'),
    "shared memory": code(RUNTIME, "shm_size=limits.shared,", "shm_size=128,"),
    "a file system in memory": _container('tmpfs={"/scratch": "rw"},'),
    "a host more": _container('hosts=[docker.ContainerHostArgs(host="a", ip="127.0.0.2")],'),
    "a signal to stop": _container('stop_signal="SIGINT", stop_timeout=20,'),
    "another health check interval": code(SERVICE, "interval: int = 10", "interval: int = 7"),
    "a label of every container": code(
        RUNTIME, "{**place.labels, ", '{**place.labels, "fate.changed": "yes", '
    ),
    "another name in a network": code(INPUTS, "aliases=[alias]", 'aliases=[alias, "other"]'),
    "files that everybody may write": code(INPUTS, 'permissions="0444"', 'permissions="0666"'),
    "a filler that nobody waits for": code(RUNTIME, "attach=True,", "attach=False,"),
    "a filler with a network": code(RUNTIME, 'network_mode="none"', 'network_mode="bridge"'),
}
CONTAINERS_TOO: Mapping[str, Change] = {
    "restarts that are counted": code(
        RUNTIME, 'restart="unless-stopped"', 'restart="on-failure", max_retry_count=3'
    ),
    "a CPU quota": _container("cpu_period=100000, cpu_quota=50000,"),
    "another log driver": code(RUNTIME, 'log_driver="json-file"', 'log_driver="local"'),
    "no wait": code(RUNTIME, "wait=True,", "wait=False,"),
    "another start period": code(SERVICE, "start_period: int = 90", "start_period: int = 120"),
    "another command": code(FACTS, "[nginx, -c,", "[nginx, -q, -c,"),
    "another user of one service": code(FACTS, "user: 10004", "user: 10014"),
    "another protocol": code(INPUTS, 'protocol="tcp"', 'protocol="udp"'),
    "containers of another name": code(
        RUNTIME, "name=place.name(service.name),", 'name=place.name(service.name, "x"),'
    ),
}
NETWORKS: Mapping[str, Change] = {
    "networks without a way out": _network("internal=True,"),
    "networks with options": _network('options={"com.docker.network.bridge.enable_icc": "true"},'),
    "volumes with options": _volume('driver_opts={"type": "tmpfs"},'),
}
"""Their containers go with them, whatever else is declared of these."""

IMAGES: Mapping[str, Change] = {
    "images for one platform": _pulled('platform="linux/amd64",'),
    "builds that use no cache": _built("no_cache=True,"),
}
MORE_IMAGES: Mapping[str, Change] = {
    "images pulled anew": _pulled('triggers={"again": "yes"},'),
    "another health check": code(GATEWAY, '"/healthz", "ok"', '"/healthz", "o"'),
    "images that go with their party": code(RUNTIME, "keep_locally=True,", "keep_locally=False,"),
    "images that go by force": _pulled("force_remove=True,"),
    "images that the mirror forgets": code(BUILDER, "keep_remotely=True,", "keep_remotely=False,"),
    "a registry whose certificate is not asked for": _pushed("insecure_skip_verify=True,"),
}
OTHER_VOLUMES: Mapping[str, Change] = {
    "volumes of another name": code(
        RUNTIME, "name=names.holding(party, role)", 'name=names.of(party, role, "new")'
    ),
}
OTHER_BUILDS: Mapping[str, Change] = {
    "a label of every build": code(BUILDER, "labels={", 'labels={"changed": "yes", '),
}
DOCKER_CODE: Mapping[str, Mapping[str, Change]] = {
    "written otherwise": WRITTEN_OTHERWISE,
    "containers": CONTAINERS,
    "containers, too": CONTAINERS_TOO,
    "networks and volumes": NETWORKS,
    "images": IMAGES,
    "images, too": MORE_IMAGES,
    "other volumes": OTHER_VOLUMES,
    "other builds": OTHER_BUILDS,
}
