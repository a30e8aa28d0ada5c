"""What a plan declares by `docker-compose`: the same containers, health checks, volumes, files and order.

Files that Pulumi uploads into a container are bind mounts here, filled before; a password is any text, the
same wherever the same party's secret has the same name.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import docker
import yaml

from bench.project import TIME_LIMIT, run
from bench.saved_plan import Resource, is_sealed
from bench.verdicts import CannotMeasureError, MeasuredFailedError

PACKAGE = "docker-compose"
PROJECT = "fate-bench-compose"
LOOK_AGAIN = 0.1
OWN = frozenset({"name", "image", "uploads", "wait", "waitTimeout", "mustRun", "attach"})
"""Inputs that this module says in other places, or that compose does without being told."""

Tree = dict[str, Any]
Each = Sequence[Mapping[str, Any]]


class NotComposableError(MeasuredFailedError):
    """A container has an input that this module has no key of compose for."""

    def __init__(self, name: str, unknown: Iterable[str]) -> None:
        keys = ", ".join(unknown)
        super().__init__(f"{name}: compose has no key here for {keys}", "Add it to bench/compose.py")


@dataclass(frozen=True)
class ComposeProject:
    """A folder with a compose file."""

    folder: Path
    client: docker.DockerClient

    def up(self) -> None:
        """Run `docker-compose up`, and wait for the health checks that nothing depends on."""
        self._compose("up", "--detach")
        deadline = time.monotonic() + TIME_LIMIT
        while waiting := self._waiting():
            if time.monotonic() > deadline:
                raise MeasuredFailedError(f"not healthy: {', '.join(waiting)}", "Look at docker-compose logs")
            time.sleep(LOOK_AGAIN)

    def down(self) -> None:
        """Take everything away, volumes included."""
        self._compose("down", "--volumes", "--timeout", "5")

    def _compose(self, *arguments: str) -> None:
        run([PACKAGE, "--project-name", PROJECT, *arguments], self.folder, os.environ)

    def _waiting(self) -> list[str]:
        label = f"com.docker.compose.project={PROJECT}"
        containers = self.client.api.containers(all=True, filters={"label": label})
        return unready({container["Names"][0]: container["Status"] for container in containers})


@contextmanager
def composed(resources: Sequence[Resource], client: docker.DockerClient) -> Iterator[ComposeProject]:
    """Make a compose project of a plan's resources in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="fate-bench-") as name:
        composition = compose(resources, name)
        for path, text in composition.files.items():
            file = Path(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o444)
        (Path(name) / "docker-compose.yaml").write_text(yaml.safe_dump(composition.tree, sort_keys=False))
        yield ComposeProject(Path(name), client)


def require() -> None:
    """Install Debian's docker-compose where there is none. Raises CannotMeasureError if it may not."""
    if shutil.which(PACKAGE):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotMeasureError(f"no {PACKAGE} on PATH", f"Run apt-get install {PACKAGE} as root")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGE]
    run(command, Path("/"), quiet)


def unready(statuses: Mapping[str, str]) -> list[str]:
    """Return which containers neither pass their health check nor have ended well, by the engine's words."""
    done = ("(healthy)", "Exited (0)")
    return [name for name, status in statuses.items() if not any(words in status for words in done)]


@dataclass
class Composition:
    """A compose file, and the files that it mounts, by their path below `folder`."""

    folder: str
    tree: Tree = field(default_factory=lambda: {"services": {}, "networks": {}, "volumes": {}})
    files: dict[str, str] = field(default_factory=dict)


def compose(resources: Sequence[Resource], folder: str) -> Composition:
    """Return the compose file of a plan's networks, volumes and containers.

    Raises NotComposableError for an input of a container that compose would ignore.
    """
    composition = Composition(folder)
    tree = composition.tree
    by_urn = {resource.urn: resource for resource in resources}
    for resource in resources:
        match resource.kind:
            case "Network" | "Volume" as kind:
                labels = label_map(resource.inputs["labels"])
                tree[f"{kind.lower()}s"][resource.inputs["name"]] = {"labels": labels}
            case "Container":
                tree["services"][resource.name] = _escaped(_service(resource, by_urn, composition))
    return composition


def _service(resource: Resource, by_urn: Mapping[str, Resource], composition: Composition) -> Tree:
    needed = [by_urn[urn] for urn in resource.dependencies if urn in by_urn]
    keys = service_keys(resource.name, {k: v for k, v in resource.inputs.items() if k not in OWN})
    files = [_uploaded(upload, resource, composition) for upload in resource.inputs.get("uploads", ())]
    return {
        **keys,
        "image": next(each.inputs["name"] for each in needed if each.kind == "RemoteImage"),
        "depends_on": {each.name: _condition(each) for each in needed if each.kind == "Container"},
        "volumes": [*keys.get("volumes", ()), *files],
    }


def _condition(resource: Resource) -> Tree:
    ends = resource.inputs.get("mustRun") is False
    return {"condition": "service_completed_successfully" if ends else "service_healthy"}


def _uploaded(upload: Mapping[str, Any], resource: Resource, composition: Composition) -> str:
    content, target = upload["content"], upload["file"]
    party = label_map(resource.inputs["labels"]).get("fate.party", "")
    if is_sealed(content):
        content = hashlib.sha256(f"{party}/{PurePath(target).name}".encode()).hexdigest()[:48]
    path = f"{resource.name}{target}"
    composition.files[path] = content
    return f"{composition.folder}/{path}:{target}:ro"


def _escaped(value: Any) -> Any:  # noqa: ANN401 - any value of a compose file
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _escaped(inner) for key, inner in value.items()}
    return [_escaped(inner) for inner in value] if isinstance(value, list) else value


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
