"""Brings the cluster up: what is missing is made, what has died is started, what runs is left alone."""

import time
from collections.abc import Mapping
from pathlib import Path

from offline.cluster import (
    access,
    certificates,
    containers,
    down,
    health,
    network,
    objects,
    parts,
    processes,
    programs,
)
from offline.cluster.api import Api
from offline.cluster.commands import say, timed
from offline.cluster.layout import NODE, Home
from offline.cluster.machine import Machine, require_machine, require_root, this_machine
from offline.cluster.parts import Part


def up(home: Home) -> None:
    """Bring the cluster up, and wait until its node is ready."""
    require_root()
    _clear_remains(home)
    require_machine(home)
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
    if server or not health.takes_objects(api):
        with timed("the API server answers"):
            health.wait_for(home, parts.API_SERVER, lambda: health.takes_objects(api), limit=120)
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


def _wait_until_ready(home: Home) -> None:
    api = Api(home)
    if not health.node_is_ready(api):
        with timed(f"node {NODE} is Ready"):
            health.wait_for(home, "kubelet", lambda: health.node_is_ready(api), limit=120)
    health.wait_for(home, "kube-controller-manager", lambda: health.has_account(api), limit=60)
    health.wait_for(home, "coredns", health.answers_names, limit=30)
    for part in parts.NAMES:
        if part not in processes.parts(home):
            raise health.ended(home, part)
