"""A container's inputs as the engine takes them. Pure functions; uploads and waits are not told here."""

import re
from typing import Any

from offline.docker.ownership import declared, labelled
from offline.protocol.failures import Refusal
from offline.protocol.values import Plain

MEGABYTE = 1024 * 1024
SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
OWN_NETWORK = (None, "bridge", "default")


def specification(inputs: Plain, urn: str) -> dict[str, Any]:
    """Return the body of the engine's call that creates the container, without its name."""
    ports = inputs.get("ports", [])
    body = {
        "Image": inputs["image"],
        "Cmd": inputs.get("command"),
        "Entrypoint": inputs.get("entrypoints"),
        "Env": inputs.get("envs"),
        "User": inputs.get("user"),
        "WorkingDir": inputs.get("workingDir"),
        "Hostname": inputs.get("hostname"),
        "Domainname": inputs.get("domainname"),
        "Labels": labelled(inputs.get("labels", []), urn),
        "StopTimeout": inputs.get("stopTimeout"),
        "StopSignal": inputs.get("stopSignal"),
        "Healthcheck": _healthcheck(inputs.get("healthcheck")),
        "ExposedPorts": {_port(port): {} for port in ports},
        "Volumes": _anonymous_volumes(inputs.get("volumes", [])),
        "HostConfig": _present({**_host(inputs), **_mounted(inputs), **limits(inputs)}),
        "NetworkingConfig": _first_network(inputs),
    }
    return _present(body)


def endpoint(network: Plain) -> dict[str, Any]:
    """Return how a container stands in one network."""
    addresses = {"IPv4Address": network.get("ipv4Address"), "IPv6Address": network.get("ipv6Address")}
    return _present({"Aliases": network.get("aliases"), "IPAMConfig": _present(addresses) or None})


def limits(inputs: Plain) -> dict[str, Any]:
    """Return what may change while the container runs: memory, processors, the restart policy."""
    restart = {"Name": inputs["restart"]}
    if inputs["restart"] == "on-failure":
        restart["MaximumRetryCount"] = inputs.get("maxRetryCount", 0)
    found = {
        "Memory": _bytes(inputs.get("memory")),
        "MemoryReservation": _bytes(inputs.get("memoryReservation")),
        "MemorySwap": _bytes(inputs.get("memorySwap")),
        "CpuShares": inputs.get("cpuShares"),
        "CpusetCpus": inputs.get("cpuSet"),
        "NanoCpus": nano_cpus(inputs["cpus"]) if inputs.get("cpus") else None,
        "CpuPeriod": inputs.get("cpuPeriod"),
        "CpuQuota": inputs.get("cpuQuota"),
        "RestartPolicy": restart,
    }
    return _present(found)


def nano_cpus(cpus: str) -> int:
    """Return a number of processors, such as `1.5`, in billionths."""
    try:
        return round(float(cpus) * 1e9)
    except ValueError:
        raise Refusal(f"cpus: {cpus!r} is no number of processors. Write for example '1.5'.") from None


def nanoseconds(duration: str) -> int:
    """Return a duration such as `1m30s` in nanoseconds."""
    parts = re.findall(r"([\d.]+)(h|ms|m|s|us|µs|ns)", duration)
    if not parts or "".join(amount + unit for amount, unit in parts) != duration:
        raise Refusal(f"healthcheck: {duration!r} is no duration. Write for example '5s' or '1m30s'.")
    return round(sum(float(amount) * SECONDS[unit] for amount, unit in parts) * 1e9)


def _host(inputs: Plain) -> dict[str, Any]:
    capabilities = inputs.get("capabilities", {})
    networks = inputs.get("networksAdvanced", [])
    own = networks and inputs.get("networkMode") in OWN_NETWORK
    return {
        "NetworkMode": networks[0]["name"] if own else inputs.get("networkMode"),
        "PortBindings": _bindings(inputs.get("ports", [])),
        "ExtraHosts": [f"{host['host']}:{host['ip']}" for host in inputs.get("hosts", [])],
        "Dns": inputs.get("dns"),
        "DnsOptions": inputs.get("dnsOpts"),
        "DnsSearch": inputs.get("dnsSearches"),
        "ShmSize": _bytes(inputs.get("shmSize")),
        "Ulimits": [
            {"Name": limit["name"], "Soft": limit["soft"], "Hard": limit["hard"]}
            for limit in inputs.get("ulimits", [])
        ],
        "CapAdd": capabilities.get("adds"),
        "CapDrop": capabilities.get("drops"),
        "SecurityOpt": inputs.get("securityOpts"),
        "GroupAdd": inputs.get("groupAdds"),
        "Sysctls": inputs.get("sysctls"),
        "Init": inputs.get("init"),
        "ReadonlyRootfs": inputs.get("readOnly"),
        "AutoRemove": inputs.get("rm"),
        "LogConfig": _logging(inputs),
    }


def _mounted(inputs: Plain) -> dict[str, Any]:
    volumes = inputs.get("volumes", [])
    return {
        "Binds": [_bind(volume) for volume in volumes if _source(volume)],
        "VolumesFrom": [volume["fromContainer"] for volume in volumes if volume.get("fromContainer")],
        "Mounts": [_mount(mount) for mount in inputs.get("mounts", [])],
        "Tmpfs": inputs.get("tmpfs"),
    }


def _source(volume: Plain) -> str | None:
    source: str | None = volume.get("volumeName") or volume.get("hostPath")
    return source


def _bind(volume: Plain) -> str:
    return f"{_source(volume)}:{volume['containerPath']}:{'ro' if volume.get('readOnly') else 'rw'}"


def _anonymous_volumes(volumes: list[Plain]) -> dict[str, Any]:
    return {
        volume["containerPath"]: {}
        for volume in volumes
        if not _source(volume) and not volume.get("fromContainer")
    }


def _mount(mount: Plain) -> dict[str, Any]:
    volume, tmpfs, bind = (mount.get(f"{kind}Options") for kind in ("volume", "tmpfs", "bind"))
    return _present(
        {
            "Target": mount["target"],
            "Type": mount["type"],
            "Source": mount.get("source"),
            "ReadOnly": mount.get("readOnly"),
            "BindOptions": bind and _present({"Propagation": bind.get("propagation")}),
            "TmpfsOptions": tmpfs
            and _present({"Mode": tmpfs.get("mode"), "SizeBytes": tmpfs.get("sizeBytes")}),
            "VolumeOptions": volume and _volume_options(volume),
        }
    )


def _volume_options(volume: Plain) -> dict[str, Any]:
    driver = {"Name": volume.get("driverName"), "Options": volume.get("driverOptions")}
    labels = declared(volume.get("labels", []))
    return _present(
        {"NoCopy": volume.get("noCopy"), "DriverConfig": _present(driver) or None, "Labels": labels}
    )


def _healthcheck(check: Plain | None) -> dict[str, Any] | None:
    if check is None:
        return None
    times = {"Interval": "interval", "Timeout": "timeout", "StartPeriod": "startPeriod"}
    return {
        "Test": check.get("tests"),
        "Retries": check.get("retries", 0),
        **{name: nanoseconds(check[key]) for name, key in times.items() if check.get(key)},
    }


def _bindings(ports: list[Plain]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        external = str(port["external"]) if port.get("external") else ""
        bindings.setdefault(_port(port), []).append({"HostIp": port.get("ip", ""), "HostPort": external})
    return bindings


def _port(port: Plain) -> str:
    return f"{port['internal']}/{port.get('protocol', 'tcp')}"


def _first_network(inputs: Plain) -> dict[str, Any] | None:
    """Return the network in which the container is created; it is connected to the others afterwards."""
    networks = inputs.get("networksAdvanced", [])
    if not networks or inputs.get("networkMode") not in OWN_NETWORK:
        return None
    return {"EndpointsConfig": {networks[0]["name"]: endpoint(networks[0])}}


def _logging(inputs: Plain) -> dict[str, Any] | None:
    if not inputs.get("logDriver") and not inputs.get("logOpts"):
        return None
    return {"Type": inputs.get("logDriver") or "json-file", "Config": inputs.get("logOpts", {})}


def _bytes(megabytes: int | None) -> int | None:
    return megabytes if megabytes is None or megabytes < 0 else megabytes * MEGABYTE


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
