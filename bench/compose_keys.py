"""A container's inputs of `pulumi_docker` in the keys of a compose service."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bench.verdicts import MeasuredFailedError

Tree = dict[str, Any]
Each = Sequence[Mapping[str, Any]]


class NotComposableError(MeasuredFailedError):
    """A container has an input that this module has no key of compose for."""

    def __init__(self, name: str, unknown: Iterable[str]) -> None:
        keys = ", ".join(unknown)
        super().__init__(f"{name}: compose has no key here for {keys}", "Add it to bench/compose_keys.py")


def service_keys(name: str, inputs: Mapping[str, Any]) -> Tree:
    """Return the keys of one service. Raises NotComposableError rather than leave an input out."""
    unknown = sorted(set(inputs) - set(TRANSLATED))
    if unknown:
        raise NotComposableError(name, unknown)
    keys: Tree = {}
    for key, value in inputs.items():
        keys |= TRANSLATED[key](value)
    if "networks" in keys:
        keys.pop("network_mode", None)
    return keys


def label_map(labels: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return labels as a mapping."""
    return {each["label"]: each["value"] for each in labels}


def _same(key: str) -> Callable[[Any], Tree]:
    return lambda value: {key: value}


def _mebibytes(key: str) -> Callable[[Any], Tree]:
    return lambda value: {key: f"{int(value)}m"}


def _mounts(volumes: Each) -> Tree:
    pairs = [(f"{each['volumeName']}:{each['containerPath']}", each.get("readOnly")) for each in volumes]
    return {"volumes": [f"{pair}:ro" if read_only else pair for pair, read_only in pairs]}


def _ports(ports: Each) -> Tree:
    return {"ports": [f"{each['ip']}:{int(each['external'])}:{int(each['internal'])}" for each in ports]}


def _networks(networks: Each) -> Tree:
    return {"networks": {each["name"]: {"aliases": each["aliases"]} for each in networks}} if networks else {}


def _ulimits(limits: Each) -> Tree:
    pairs = {each["name"]: {"soft": int(each["soft"]), "hard": int(each["hard"])} for each in limits}
    return {"ulimits": pairs}


def _healthcheck(probe: Mapping[str, Any]) -> Tree:
    check = {key: probe[key] for key in ("interval", "timeout")}
    check |= {"test": probe["tests"], "retries": int(probe["retries"]), "start_period": probe["startPeriod"]}
    return {"healthcheck": check}


TRANSLATED: Mapping[str, Callable[[Any], Tree]] = {
    "command": _same("command"),
    "user": _same("user"),
    "envs": _same("environment"),
    "restart": _same("restart"),
    "init": _same("init"),
    "securityOpts": _same("security_opt"),
    "networkMode": _same("network_mode"),
    "destroyGraceSeconds": lambda value: {"stop_grace_period": f"{int(value)}s"},
    "memory": _mebibytes("mem_limit"),
    "memorySwap": _mebibytes("memswap_limit"),
    "cpus": lambda value: {"cpus": float(value)},
    "labels": lambda value: {"labels": label_map(value)},
    "hosts": lambda value: {"extra_hosts": [f"{each['host']}:{each['ip']}" for each in value]},
    "capabilities": lambda value: {"cap_drop": value["drops"]},
    "logDriver": lambda _: {},
    "logOpts": lambda value: {"logging": {"driver": "json-file", "options": value}},
    "volumes": _mounts,
    "ports": _ports,
    "networksAdvanced": _networks,
    "ulimits": _ulimits,
    "healthcheck": _healthcheck,
}
"""For each input, the keys that say the same; `logDriver` is always json-file here."""
