"""A container's state as the engine takes it. Pure functions; uploads and waits are not told here."""

from typing import Any

from diff.docker.container_shape import nanoseconds
from diff.values import Plain
from offline.docker.engine import as_map
from offline.protocol.failures import Refusal

MEGABYTE = 1024 * 1024
BRIDGE = "bridge"
ALL_GPUS = [{"Driver": "", "Count": -1, "Capabilities": [["gpu"]], "Options": {}}]
"""What the official plugin makes of `gpus: all`, by the option --gpus of Docker's own command line."""


def specification(state: Plain) -> dict[str, Any]:
    """Return the body of the engine's call that creates the container, without its name."""
    ports = state.get("ports", [])
    body = {
        "Image": state["image"],
        "Cmd": state.get("command"),
        "Entrypoint": state.get("entrypoints"),
        "Env": state.get("envs"),
        "User": state.get("user"),
        "WorkingDir": state.get("workingDir"),
        "Hostname": state.get("hostname"),
        "Labels": as_map(state.get("labels", [])),
        "StopTimeout": state.get("stopTimeout"),
        "StopSignal": state.get("stopSignal"),
        "Healthcheck": _healthcheck(state.get("healthcheck")),
        "ExposedPorts": {_port(port): {} for port in ports},
        "Volumes": _anonymous_volumes(state.get("volumes", [])),
        "HostConfig": _present({**_host(state), **_mounted(state), **limits(state), **_processors(state)}),
    }
    return _present(body)


def endpoint(network: Plain) -> dict[str, Any]:
    """Return how a container stands in one network."""
    addresses = {"IPv4Address": network.get("ipv4Address"), "IPv6Address": network.get("ipv6Address")}
    return {"Aliases": network.get("aliases"), "IPAMConfig": addresses}


def limits(state: Plain) -> dict[str, Any]:
    """Return what is applied while the container runs: memory, shares of processors, the restart policy."""
    found = {
        "Memory": _bytes(state.get("memory")),
        "MemoryReservation": _bytes(state.get("memoryReservation")),
        "MemorySwap": _bytes(state.get("memorySwap")),
        "CpuShares": state.get("cpuShares"),
        "CpusetCpus": state.get("cpuSet"),
        "RestartPolicy": {"Name": state["restart"], "MaximumRetryCount": state.get("maxRetryCount", 0)},
    }
    return _present(found)


def nano_cpus(cpus: str) -> int:
    """Return a number of processors, such as `1.5`, in billionths."""
    try:
        return round(float(cpus) * 1e9)
    except ValueError:
        raise Refusal(f"cpus: {cpus!r} is no number of processors. Write for example '1.5'.") from None


def _processors(state: Plain) -> dict[str, Any]:
    if state.get("cpus"):
        return {"NanoCpus": nano_cpus(state["cpus"])}
    return {"CpuPeriod": state.get("cpuPeriod"), "CpuQuota": state.get("cpuQuota")}


def _host(state: Plain) -> dict[str, Any]:
    capabilities = state.get("capabilities", {})
    return {
        "NetworkMode": state["networkMode"],
        "PortBindings": _bindings(state.get("ports", [])),
        "ExtraHosts": [f"{host['host']}:{host['ip']}" for host in state.get("hosts", [])],
        "ShmSize": _bytes(state.get("shmSize")),
        "Ulimits": [
            {"Name": limit["name"], "Soft": limit["soft"], "Hard": limit["hard"]}
            for limit in state.get("ulimits", [])
        ],
        "CapAdd": capabilities.get("adds"),
        "CapDrop": capabilities.get("drops"),
        "SecurityOpt": state.get("securityOpts"),
        "Init": state.get("init", False),
        "ReadonlyRootfs": state["readOnly"],
        "AutoRemove": state["rm"],
        "LogConfig": {"Type": state.get("logDriver", ""), "Config": state.get("logOpts")},
        "DeviceRequests": ALL_GPUS if state.get("gpus") else None,
    }


def _mounted(state: Plain) -> dict[str, Any]:
    volumes = state.get("volumes", [])
    return {
        "Binds": [_bind(volume) for volume in volumes if _source(volume)],
        "VolumesFrom": [volume["fromContainer"] for volume in volumes if volume.get("fromContainer")],
        "Tmpfs": state.get("tmpfs"),
    }


def _source(volume: Plain) -> str | None:
    source: str | None = volume.get("hostPath") or volume.get("volumeName")
    return source


def _bind(volume: Plain) -> str:
    return f"{_source(volume)}:{volume['containerPath']}:{'ro' if volume.get('readOnly') else 'rw'}"


def _anonymous_volumes(volumes: list[Plain]) -> dict[str, Any]:
    return {
        volume["containerPath"]: {}
        for volume in volumes
        if not _source(volume) and not volume.get("fromContainer")
    }


def _healthcheck(check: Plain | None) -> dict[str, Any] | None:
    if check is None:
        return None
    times = {"Interval": "interval", "Timeout": "timeout", "StartPeriod": "startPeriod"}
    return {
        "Test": check.get("tests"),
        "Retries": check.get("retries", 0),
        **{name: nanoseconds(check.get(key, "0s")) for name, key in times.items()},
    }


def _bindings(ports: list[Plain]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        external = str(port["external"]) if port.get("external") else ""
        bindings.setdefault(_port(port), []).append({"HostIp": port.get("ip", ""), "HostPort": external})
    return bindings


def _port(port: Plain) -> str:
    return f"{port['internal']}/{port.get('protocol', 'tcp')}"


def _bytes(megabytes: int | None) -> int | None:
    return megabytes if megabytes is None or megabytes < 0 else megabytes * MEGABYTE


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
