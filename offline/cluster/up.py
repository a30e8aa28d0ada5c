"""Brings the cluster up: what is missing is made, what has died is started, what runs is left alone."""

import socket
import time
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from offline.cluster import (
    access,
    certificates,
    containers,
    down,
    network,
    objects,
    parts,
    preconditions,
    processes,
    programs,
)
from offline.cluster.addresses import KUBELET_HEALTH_PORT, NODE, NODE_ADDRESS
from offline.cluster.api import Api, ApiError
from offline.cluster.fault import ClusterFault
from offline.cluster.home import Home
from offline.cluster.machine import Machine, this_machine
from offline.cluster.parts import Part
from offline.cluster.progress import say, timed

NODE_PATH = f"/api/v1/nodes/{NODE}"


def up(home: Home) -> None:
    """Bring the cluster up, and wait until its node is ready."""
    preconditions.require_root()
    _clear_remains(home)
    preconditions.require_machine(home)
    built = _programs()
    began = time.monotonic()
    for folder in (home.files, home.logs, home.data, home.volumes, home.root / "run", home.root / "bin"):
        folder.mkdir(parents=True, exist_ok=True)
    certificates.ensure(home.files)
    access.ensure(home)
    _link(home, built)
    changed = network.ensure(home)
    machine = this_machine()
    changed |= _start_all(home, built, machine)
    _wait_until_ready(home)
    took = f" (all of it {time.monotonic() - began:.1f} s)" if changed else ""
    say(f"Kubernetes {programs.KUBERNETES.version} is running: node {NODE} is Ready{took}")


def _clear_remains(home: Home) -> None:
    """Take away what another checkout's cluster left when its processes were ended from outside."""
    owner = network.owner()
    if owner and owner != str(home.root) and not processes.of(Home(Path(owner))):
        say(f"taking away what is left of a cluster that no longer runs, from {owner}; its files stay")
        down.clear(Home(Path(owner)))


def _programs() -> dict[str, Path]:
    built: dict[str, Path] = {}
    for module in programs.CLUSTER:
        folder = programs.ensure(module)
        built.update({file.name: file for file in folder.iterdir()})
    return built


def _link(home: Home, built: Mapping[str, Path]) -> None:
    """Put kubectl where a person finds it."""
    link = home.root / "bin" / "kubectl"
    if not (link.is_symlink() and link.readlink() == built["kubectl"]):
        link.unlink(missing_ok=True)
        link.symlink_to(built["kubectl"])


def _start_all(home: Home, built: Mapping[str, Path], machine: Machine) -> bool:
    """Start what does not run, in the order of need. Says whether anything was started."""
    started = [_ensure(home, part) for part in parts.foundation(home, built, machine)]
    containers.wait(home)
    containers.ensure_pause_image(home, built[programs.PAUSE])
    server = _ensure(home, parts.api_server(home, built))
    api = Api(home)
    if server or not _takes_objects(api):
        with timed("the API server answers"):
            _until(home, parts.API_SERVER, lambda: _takes_objects(api), limit=120)
    objects.ensure(api)
    started += [server, *(_ensure(home, part) for part in parts.rest(home, built, machine))]
    return any(started)


def _ensure(home: Home, part: Part) -> bool:
    """Start a part that does not run, or runs with other settings. Says whether it was started."""
    running = processes.parts(home).get(part.name)
    if running and running.settings == part.settings:
        return False
    if running:
        processes.stop([running.pid])
    for name, text in part.files.items():
        file = home.files / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    processes.start(home, part.name, part.command, part.settings, part.environment)
    say(f"{part.name}: {'started anew, its settings have changed' if running else 'started'}")
    return True


def _takes_objects(api: Api) -> bool:
    """Say whether the API server is ready and has made the namespace that ours go to: it does so after."""
    try:
        return api.ready() and bool(api.get("/api/v1/namespaces/kube-system"))
    except ApiError:
        return False


def _wait_until_ready(home: Home) -> None:
    api = Api(home)
    if not node_is_ready(api):
        with timed(f"node {NODE} is Ready"):
            _until(home, "kubelet", lambda: node_is_ready(api), limit=120)
    _until(home, "kube-controller-manager", lambda: _has_account(api), limit=60)
    _until(home, "coredns", _answers_names, limit=30)
    for part in parts.NAMES:
        if part not in processes.parts(home):
            raise _ended(home, part)


def _ended(home: Home, part: str) -> ClusterFault:
    return ClusterFault(f"{part} has ended: {last_words(home, part)}", f"Look at {home.logs}/{part}.log")


def node_is_ready(api: Api) -> bool:
    """Say whether the node was reported to be ready, and its kubelet is well now: a report outlives it."""
    if not _kubelet_is_well():
        return False
    try:
        conditions = api.get(NODE_PATH)["status"].get("conditions", [])
    except ApiError:
        return False
    return any(found["type"] == "Ready" and found["status"] == "True" for found in conditions)


def _kubelet_is_well() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{KUBELET_HEALTH_PORT}/healthz", timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def _has_account(api: Api) -> bool:
    """Say whether pods can be made: they need their namespace's default account."""
    try:
        api.get("/api/v1/namespaces/default/serviceaccounts/default")
    except ApiError:
        return False
    return True


def _answers_names() -> bool:
    """Say whether CoreDNS takes questions."""
    try:
        socket.create_connection((NODE_ADDRESS, 53), 1).close()
    except OSError:
        return False
    return True


def _until(home: Home, part: str, condition: Callable[[], bool], *, limit: float) -> None:
    end = time.monotonic() + limit
    while not condition():
        if part not in processes.parts(home):
            raise _ended(home, part)
        if time.monotonic() > end:
            raise ClusterFault(
                f"{part} is not ready after {limit:g} s: {last_words(home, part)}",
                f"Look at {home.logs}/{part}.log",
            )
        time.sleep(0.2)


def last_words(home: Home, part: str) -> str:
    """Return the last line of a part's log."""
    lines = (home.logs / f"{part}.log").read_text(errors="replace").splitlines()
    return lines[-1][:200] if lines else "it has said nothing"
