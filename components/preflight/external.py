"""Whether what others run for parties or for Harbor answers, before anything is made. Logs in nowhere.

This machine asks in the place of the containers of its own engine, which leave by it. Pods leave by their
nodes: what is refused here is refused there, but a name that only the cluster knows, or a way that only its
nodes have, says nothing. Behind ssh nothing is asked. `fate doctor` asks from where FATE-Flow stands.
"""

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clients.docker import UNIX
from config import ConfigurationFault, DockerSettings, Fault, HarborMirror, Runtime, StackSettings
from config.exposure import Address
from config.faults import path

TIMEOUT = 5.0
AT_ONCE = 8
REMEDY = "start it, open the way there, or write the host and port at which it answers"


@dataclass(frozen=True)
class Dialled:
    """A host and port that a party dials, where the stack says so, and what the party runs on."""

    path: str
    address: Address
    runtime: Runtime


class NotAsked(OSError):
    """Raised by nobody: who will dial stands elsewhere than this machine."""


def check_answers(settings: StackSettings) -> list[str]:
    """Ask every part that others run; return in words those of which nothing could be learned.

    Raises ConfigurationFault with every one that does not answer.
    """
    every = list(_dialled(settings))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        refused = [(each, why) for each, why in zip(every, pool.map(_asked, every), strict=True) if why]
    if faults := [_fault(each, why) for each, why in refused if _is_certain(each.runtime, why)]:
        raise ConfigurationFault(faults)
    return [f"{each.path} ({each.address.host}:{each.address.port})" for each, _ in refused]


def _dialled(settings: StackSettings) -> Iterator[Dialled]:
    if isinstance(settings.mirror, HarborMirror):
        for key, part in settings.mirror.external.parts_by_key.items():
            yield Dialled(path("mirror", "external", key), part.first, settings.runtime)
    for place, party in enumerate(settings.parties):
        for key, part in party.external.parts.items():
            at = path("parties", place, "external", key)
            for address in part.addresses.values():
                yield Dialled(at, address, settings.runtime_of(party))


def _asked(dialled: Dialled) -> OSError | None:
    runtime = dialled.runtime
    if isinstance(runtime, DockerSettings) and not runtime.host.startswith(UNIX):
        return NotAsked()
    return _refusal(dialled.address)


def _is_certain(runtime: Runtime, error: OSError) -> bool:
    """Tell whether those who will dial would meet the same."""
    if isinstance(runtime, DockerSettings):
        return not isinstance(error, NotAsked)
    return isinstance(error, ConnectionRefusedError)


def _refusal(address: Address) -> OSError | None:
    """Return why nothing answers at an address, None where something does."""
    try:
        socket.create_connection(address, TIMEOUT).close()
    except OSError as error:
        return error
    return None


def _fault(dialled: Dialled, error: OSError) -> Fault:
    host, port = dialled.address
    match error:
        case socket.gaierror():
            reason = "this machine knows no such name"
        case TimeoutError():
            reason = f"no answer within {TIMEOUT:.0f} s"
        case _:
            reason = str(error.strerror or error)
    return Fault(dialled.path, f"nothing answers at {host}:{port}: {reason}", REMEDY)


def unasked(places: Sequence[str]) -> str:
    """Return the warning of parts that nobody could ask yet."""
    return (
        f"whether these answer is not known, as this machine could not ask: {', '.join(places)};"
        " fate doctor asks once FATE-Flow runs"
    )
