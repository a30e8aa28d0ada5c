"""What a Docker engine must offer before anything is made on it: it answers, has room, free ports, GPUs.

Asks and makes nothing. The engine knows the ports of its containers; those of other programs, and the disk,
are looked at where its machine can be (docker_machine.py), and left to it elsewhere.
"""

import errno
import socket
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from clients.failures import Refused, Unreachable
from components.preflight.docker_access import engine_of, fault_of
from components.preflight.docker_gpus import gpu_faults
from components.preflight.docker_machine import Machine, Told, machine_of
from components.preflight.docker_owners import owned_of
from components.preflight.docker_shell import another_engine, written
from components.preflight.docker_wanted import WantedObject
from components.runtimes.names import Names
from components.runtimes.ownership import Ownership
from components.services.harbor import harbor_publications
from components.services.party import publications
from components.services.registry import PORT as REGISTRY_PORT
from components.services.service import Publication
from components.services.star import exchange_publications
from config import (
    ConfigurationFault,
    DistributionMirror,
    DockerSettings,
    Fault,
    HarborMirror,
    PartySettings,
    StackSettings,
)

ROOM = 2 * 1024**3
"""Bytes that must be free where the engine keeps images: twice the largest image unpacked."""


@dataclass(frozen=True)
class Wanted:
    """A port that a stack opens, where its configuration says so, and the container that opens it."""

    path: str
    container: str
    publication: Publication


def wanted_ports(settings: StackSettings, names: Names) -> dict[str, list[Wanted]]:
    """Return the ports that a stack opens, by the address of the engine that opens them."""
    wanted: dict[str, list[Wanted]] = {}
    if isinstance(settings.runtime, DockerSettings):
        wanted[settings.runtime.host] = [
            Wanted(f"fate:{opened.key}", names.of(None, opened.service), opened)
            for opened in _mirror_ports(settings)
        ]
    engine = settings.exchange_runtime
    if isinstance(engine, DockerSettings):
        opens = (
            Wanted(f"fate:{each.key}", names.of(None, each.service), each)
            for each in exchange_publications(settings)
        )
        wanted.setdefault(engine.host, []).extend(opens)
    for index, party in enumerate(settings.parties):
        engine = settings.runtime_of(party)
        if isinstance(engine, DockerSettings):
            wanted.setdefault(engine.host, []).extend(_party_ports(f"fate:parties[{index}]", names, party))
    return wanted


def _mirror_ports(settings: StackSettings) -> tuple[Publication, ...]:
    match settings.mirror:
        case DistributionMirror() as mirror:
            return (Publication("registry", REGISTRY_PORT, mirror.port, mirror.bind, "mirror.port"),)
        case HarborMirror() as mirror:
            return harbor_publications(mirror)
        case _:
            return ()


def _party_ports(path: str, names: Names, party: PartySettings) -> Iterable[Wanted]:
    for opened in publications(party):
        container = names.of(party.id, opened.service)
        yield Wanted(f"{path}.{opened.key}", container, opened)


def engines_of(settings: StackSettings) -> dict[str, DockerSettings]:
    """Return the engines that a stack runs on, by address, each with the ssh options that hold for it."""
    engines = (engine for engine in settings.runtimes if isinstance(engine, DockerSettings))
    return {
        engine.host: engine.model_copy(update={"ssh_options": settings.ssh_options(engine)})
        for engine in engines
    }


def preflight(
    settings: DockerSettings,
    wanted: Sequence[Wanted],
    objects: Sequence[WantedObject],
    ownership: Ownership,
    gpus: Sequence[str] = (),
) -> frozenset[str]:
    """Check an engine; `gpus` are the places of a stack that want its GPUs.

    Raises ConfigurationFault with every fault at once.
    Returns the names of before that data volumes of the stack have.
    """
    with closing(engine_of(settings)) as engine:
        try:
            containers, facts = engine.ask("/containers/json"), engine.ask("/info")
            owned = owned_of(engine.ask, settings.host, objects, ownership)
        except Refused as error:
            raise fault_of(settings.host, error) from None
        except Unreachable as error:
            fault = fault_of(settings.host, error)
            raise _with_the_engine_of_this_shell(fault, settings) from None
    machine = machine_of(settings, facts)
    faults = [
        *_room(machine, str(facts["DockerRootDir"])),
        *_ports(containers, wanted, machine, facts),
        *gpu_faults(gpus, settings, facts),
        *owned.faults,
    ]
    if faults:
        raise ConfigurationFault(faults)
    return owned.kept


def _with_the_engine_of_this_shell(fault: ConfigurationFault, settings: DockerSettings) -> ConfigurationFault:
    """Add where the docker command finds an engine, to a stack that names none and gets none."""
    if (shell := another_engine(settings)) is None:
        return fault
    hint = f"this shell's docker command goes to {shell}: write {written(shell)}"
    return ConfigurationFault([replace(each, remedy=f"{each.remedy}; {hint}") for each in fault.faults])


def _room(machine: Machine | None, folder: str) -> Iterable[Fault]:
    if machine is None or machine.free is None or machine.free >= ROOM:
        return
    yield Fault(
        "fate:runtime.host",
        f"the disk of {folder} is nearly full: {machine.free / 1024**3:.1f} GiB are free, images and data"
        f" want {ROOM / 1024**3:.0f}",
        "Free some: docker image prune, docker volume ls; or move the engine's data-root",
    )


def _ports(
    containers: Sequence[Any], wanted: Sequence[Wanted], machine: Machine | None, facts: Told
) -> Iterable[Fault]:
    for want in wanted:
        holder = _holder(containers, want.publication)
        if holder == want.container:
            continue
        opened = want.publication
        wrong = _taken(f"container {holder}") if holder else _wrong(opened, machine, facts)
        if wrong:
            problem, remedy = wrong
            where = f"port {opened.external} on {opened.bind} cannot be opened"
            yield Fault(want.path, f"{where}: {problem}", remedy)


def _holder(containers: Sequence[Any], publication: Publication) -> str | None:
    for container in containers:
        for port in container["Ports"]:
            if port.get("PublicPort") == publication.external and _same_address(port["IP"], publication.bind):
                return str(container["Names"][0]).lstrip("/")
    return None


def _same_address(one: str, other: str) -> bool:
    everywhere = {"0.0.0.0", "::"}
    return one == other or one in everywhere or other in everywhere


def _taken(holder: str) -> tuple[str, str]:
    return f"{holder} has it", "Write another port here, or stop what holds it"


def _wrong(opened: Publication, machine: Machine | None, facts: Told) -> tuple[str, str] | None:
    """Return why an engine would not open a port that none of its containers has, and what to do."""
    if machine is None:
        return None
    if machine.listens(opened.bind, opened.external):
        return _taken("another program")
    if opened.external < machine.first_open_port and _is_rootless(facts):
        allow = f"sudo sysctl net.ipv4.ip_unprivileged_port_start={opened.external}"
        return (
            f"the engine runs without root, and opens {machine.first_open_port} and above",
            f"Write such a port, or allow this one: {allow}",
        )
    return _refused_here(opened) if machine.here else None


def _is_rootless(facts: Told) -> bool:
    return "name=rootless" in (facts.get("SecurityOptions") or ())


def _refused_here(opened: Publication) -> tuple[str, str] | None:
    """Try a port on this machine. That this user may not open it says nothing: the engine does."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((opened.bind, opened.external))
        except OSError as error:
            match error.errno:
                case errno.EADDRNOTAVAIL:
                    return (
                        "this machine has no such address",
                        "Write one that it has (`ip address`), or 0.0.0.0",
                    )
                case errno.EADDRINUSE:
                    return _taken("another program")
    return None
