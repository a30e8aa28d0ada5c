"""What of a container is no longer as declared. Pure functions of what the engine tells about it."""

from collections.abc import Mapping
from typing import Any

from offline.docker.container_spec import OWN_NETWORK, limits
from offline.docker.ownership import drifted
from offline.protocol.values import Plain

LIMITS = {
    "memory": "Memory",
    "memoryReservation": "MemoryReservation",
    "memorySwap": "MemorySwap",
    "cpuShares": "CpuShares",
    "cpuSet": "CpusetCpus",
    "cpus": "NanoCpus",
    "cpuPeriod": "CpuPeriod",
    "cpuQuota": "CpuQuota",
}
NOT_KEPT = (0, -1, "")
"""What the engine tells of a limit that its kernel does not know: no drift, since nothing can repair it."""


def drift(seen: Mapping[str, Any], inputs: Plain) -> dict[str, Any]:
    """Return the inputs that the container no longer has; None for one that is gone altogether."""
    found = {
        **_state(seen, inputs),
        **_limits(seen["HostConfig"], inputs),
        **_networks(seen["NetworkSettings"]["Networks"], inputs),
    }
    name = seen["Name"].removeprefix("/")
    if name != inputs.get("name"):
        found["name"] = name
    labels = drifted(inputs.get("labels", []), seen["Config"]["Labels"])
    if labels is not None:
        found["labels"] = labels
    return found


def computed(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs that only the running container has."""
    state, networks = seen["State"], seen["NetworkSettings"]["Networks"]
    found: dict[str, Any] = {
        "hostname": seen["Config"]["Hostname"],
        "bridge": seen["NetworkSettings"].get("Bridge", ""),
        "networkDatas": [_network_data(name, networks[name]) for name in sorted(networks)],
    }
    if not state["Running"]:
        found["exitCode"] = state["ExitCode"]
    return found


def _state(seen: Mapping[str, Any], inputs: Plain) -> dict[str, Any]:
    """Tell that a container does not run though it must, and then has no ports either."""
    if not inputs.get("mustRun") or not inputs.get("start", True):
        return {}
    if not seen["State"]["Running"]:
        return {"mustRun": False, **({"ports": None} if inputs.get("ports") else {})}
    kept = [port for port in inputs.get("ports", []) if _bound(seen["NetworkSettings"]["Ports"] or {}, port)]
    return {} if kept == inputs.get("ports", []) else {"ports": kept}


def _bound(bindings: Mapping[str, Any], port: Plain) -> bool:
    bound = bindings.get(f"{port['internal']}/{port.get('protocol', 'tcp')}") or []
    return any(
        binding["HostIp"] in (port.get("ip", binding["HostIp"]), "0.0.0.0")
        and str(port.get("external", binding["HostPort"])) == binding["HostPort"]
        for binding in bound
    )


def _limits(host: Mapping[str, Any], inputs: Plain) -> dict[str, Any]:
    wanted = limits({"restart": "no", **inputs})
    found: dict[str, Any] = {}
    for name, key in LIMITS.items():
        if name in inputs and host[key] not in (wanted[key], *NOT_KEPT):
            found[name] = _as_input(name, host[key])
    policy = host["RestartPolicy"]
    if (policy["Name"] or "no") != wanted["RestartPolicy"]["Name"]:
        found["restart"] = policy["Name"] or "no"
    retries = policy.get("MaximumRetryCount", 0)
    if "maxRetryCount" in inputs and retries != wanted["RestartPolicy"].get("MaximumRetryCount", 0):
        found["maxRetryCount"] = retries
    return found


def _as_input(name: str, value: Any) -> Any:  # noqa: ANN401 -- a limit is a number or a text
    if name == "cpus":
        return f"{value / 1e9:g}"
    return value // (1024 * 1024) if name.startswith("memory") and value > 0 else value


def _networks(attached: Mapping[str, Any], inputs: Plain) -> dict[str, Any]:
    """Tell networks that the container left, or came into, by another hand."""
    declared = inputs.get("networksAdvanced", [])
    if not declared or inputs.get("networkMode") not in OWN_NETWORK:
        return {}
    rest = dict(attached)
    seen = []
    for network in declared:
        name = _attached_as(network["name"], attached)
        if name is not None:
            seen.append(_endpoint(network, rest.pop(name, attached[name])))
    seen += [{"name": name} for name in sorted(rest)]
    return {} if seen == declared else {"networksAdvanced": seen}


def _attached_as(network: str, attached: Mapping[str, Any]) -> str | None:
    """Return the name of an attached network that was declared by its name or its id."""
    if network in attached:
        return network
    return next((name for name, found in attached.items() if found["NetworkID"] == network), None)


def _endpoint(declared: Plain, seen: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(declared)
    if "aliases" in declared:
        kept = set(seen.get("Aliases") or [])
        found["aliases"] = [alias for alias in declared["aliases"] if alias in kept]
    for name, key in (("ipv4Address", "IPv4Address"), ("ipv6Address", "IPv6Address")):
        if name in declared:
            found[name] = (seen.get("IPAMConfig") or {}).get(key, "")
    return found


def _network_data(name: str, network: Mapping[str, Any]) -> dict[str, Any]:
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
