"""What the engine tells of a container, as the official plugin reads it. Pure functions.

It reads neither labels nor environment, uploads, volumes and networks: what happens to those is not seen.
"""

from collections.abc import Mapping
from typing import Any

from diff.docker.container_shape import SHAPE, as_duration
from diff.state import ordered
from diff.values import Plain

MEGABYTE = 1024 * 1024
SIZES = {"memory": "Memory", "memoryReservation": "MemoryReservation", "memorySwap": "MemorySwap"}
UNTOLD: dict[str, Plain] = {"networksAdvanced": {"gwPriority": 0}, "volumes": {"readOnly": False}}
"""Fields that a program left out, and that a state has only once the container was looked at again."""


def seen(inspected: Mapping[str, Any], state: Plain) -> Plain:
    """Return the properties that the engine tells; None for one that it tells not to be there."""
    config, host = inspected["Config"], inspected["HostConfig"]
    found: Plain = {
        **_running(inspected, state),
        **_sizes(host),
        **_networks(inspected["NetworkSettings"]),
        **_listening(inspected, state),
        "name": inspected["Name"].removeprefix("/"),
        "image": inspected["Image"] if state["image"].startswith("sha256:") else config["Image"],
        "hostname": config["Hostname"],
        "command": config["Cmd"] or [],
        "entrypoints": config["Entrypoint"] or [],
        "user": config["User"],
        "workingDir": config["WorkingDir"],
        "stopSignal": config.get("StopSignal") or "",
        "stopTimeout": config.get("StopTimeout") or 0,
        "healthcheck": _healthcheck(config.get("Healthcheck")),
        "restart": host["RestartPolicy"]["Name"],
        "maxRetryCount": host["RestartPolicy"]["MaximumRetryCount"],
        "rm": host["AutoRemove"],
        "readOnly": host["ReadonlyRootfs"],
        "init": bool(host["Init"]),
        "securityOpts": host["SecurityOpt"] or [],
        **({"tmpfs": host.get("Tmpfs") or {}} if "tmpfs" in state else {}),
        "networkMode": host["NetworkMode"],
        "logDriver": host["LogConfig"]["Type"],
        **({"logOpts": host["LogConfig"]["Config"] or {}} if state.get("logOpts") else {}),
        **_privileges(host, state),
        **_gpus(host, state),
    }
    return {name: value if value is None else _in_order(name, value) for name, value in found.items()}


def looked_at_again(state: Plain) -> Plain:
    """Return what a state of its own accord has more of from the second look on."""
    elements = {
        name: [{**fields, **element} for element in state[name]]
        for name, fields in UNTOLD.items()
        if name in state
    }
    return {"tmpfs": {}, **elements}


def _in_order(name: str, value: Any) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    return ordered(SHAPE[name], value) if name in SHAPE else value


def _running(inspected: Mapping[str, Any], state: Plain) -> Plain:
    if inspected["State"]["Running"]:
        return {}
    stopped: Plain = {"mustRun": False} if state["mustRun"] else {}
    return {"exitCode": inspected["State"]["ExitCode"], **stopped}


def _listening(inspected: Mapping[str, Any], state: Plain) -> Plain:
    """Return the ports that are bound now: none of a container that stands still or has left its network."""
    if not state.get("ports") or not (inspected["State"]["Running"] or state["mustRun"]):
        return {}
    bound = inspected["NetworkSettings"]["Ports"] or {}
    return {
        "ports": [
            {
                "internal": int(key.split("/")[0]),
                "external": int(binding["HostPort"]),
                "ip": binding["HostIp"],
                "protocol": key.split("/")[1],
            }
            for key in sorted(bound, key=lambda key: (int(key.split("/")[0]), key))
            for binding in bound[key] or ()
        ]
    }


def _networks(settings: Mapping[str, Any]) -> Plain:
    networks = settings["Networks"]
    return {
        "bridge": settings.get("Bridge", ""),
        "networkDatas": [_network(name, networks[name]) for name in sorted(networks)],
    }


def _network(name: str, network: Mapping[str, Any]) -> Plain:
    return {
        "networkName": name,
        "ipAddress": network["IPAddress"],
        "ipPrefixLength": network["IPPrefixLen"],
        "gateway": network["Gateway"],
        "macAddress": network["MacAddress"],
        "ipv6Gateway": network["IPv6Gateway"],
        "globalIpv6Address": network["GlobalIPv6Address"],
        "globalIpv6PrefixLength": network["GlobalIPv6PrefixLen"],
    }


def _sizes(host: Mapping[str, Any]) -> Plain:
    sizes = {name: _megabytes(host[key]) for name, key in SIZES.items()}
    cpus: Plain = (
        {"cpus": f"{host['NanoCpus'] / 1e9:.9f}".rstrip("0").rstrip(".")} if host["NanoCpus"] else {}
    )
    return {
        **sizes,
        **cpus,
        "shmSize": host["ShmSize"] // MEGABYTE,
        "cpuShares": host["CpuShares"],
        "cpuSet": host["CpusetCpus"],
    }


def _megabytes(amount: int) -> int:
    return amount // MEGABYTE if amount > 0 else amount


def _privileges(host: Mapping[str, Any], state: Plain) -> Plain:
    found: Plain = {}
    if host["CapAdd"] or host["CapDrop"]:
        found["capabilities"] = {"adds": host["CapAdd"] or [], "drops": host["CapDrop"] or []}
    if state.get("ulimits"):
        found["ulimits"] = [
            {"name": limit["Name"], "soft": limit["Soft"], "hard": limit["Hard"]}
            for limit in host["Ulimits"] or ()
        ]
    hosts = (entry.partition(":") for entry in host["ExtraHosts"] or ())
    found["hosts"] = [{"host": name, "ip": address} for name, _, address in hosts]
    return found


def _gpus(host: Mapping[str, Any], state: Plain) -> Plain:
    """Return that a container with GPUs has lost them; what it has else is told as declared."""
    return {"gpus": ""} if state.get("gpus") and not host.get("DeviceRequests") else {}


def _healthcheck(check: Mapping[str, Any] | None) -> Plain | None:
    if not check:
        return None
    times = {"interval": "Interval", "timeout": "Timeout", "startPeriod": "StartPeriod"}
    return {
        "tests": check.get("Test") or [],
        "retries": check.get("Retries", 0),
        "startInterval": "0s",
        **{name: as_duration(check.get(key, 0)) for name, key in times.items()},
    }
