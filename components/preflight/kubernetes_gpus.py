"""Whether a cluster's nodes offer the GPUs that a stack's services ask for.

What others use of them is not counted: a pod waits until they are free.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.kubernetes.quantities import amount
from components.preflight.kubernetes_access import ApiServer, Forbidden
from components.preflight.kubernetes_wanted import Wanted
from components.runtimes.names import GPU
from config import Fault

NODES = "/api/v1/nodes"
PLUGIN = "let NVIDIA's device plugin run on the nodes that have GPUs"


@dataclass(frozen=True)
class Unasked(Fault):
    """What this user may not know of a cluster, so that only its pods will tell."""


def gpu_faults(server: ApiServer, wants: Sequence[Wanted]) -> Iterator[Fault]:
    """Refuse more GPUs than a cluster's nodes offer, in all or at one of them. Asks nothing without need."""
    wanted = [service.resources.gpus for want in wants for service in want.services if service.resources.gpus]
    if not wanted:
        return
    try:
        offered = [_offered(node) for node in server.ask(NODES)["items"]]
    except Forbidden:
        yield Unasked(
            "context",
            f"{server.context} was not asked whether its nodes offer {sum(wanted)} {GPU}: this user may not"
            " list nodes",
            f"where a pod stays Pending for want of {GPU}, {PLUGIN}",
        )
        return
    if problem := _lack(wanted, offered):
        remedy = f"{PLUGIN}, write gpus: 0 for a service that needs none, or device: cpu"
        yield Fault("context", f"{server.context}: {problem}", remedy)


def wants_gpus(want: Wanted) -> bool:
    """Tell whether a service of a namespace asks for GPUs."""
    return any(service.resources.gpus for service in want.services)


def _lack(wanted: Sequence[int], offered: Sequence[int]) -> str | None:
    if not any(offered):
        return f"no node offers {GPU}, and pods that ask for it would stay Pending"
    if sum(wanted) > sum(offered):
        return f"the stack asks for {sum(wanted)} {GPU} and all nodes offer {sum(offered)}"
    if max(wanted) > max(offered):
        return f"a service asks for {max(wanted)} {GPU} and no node offers more than {max(offered)}"
    return None


def _offered(node: Mapping[str, Any]) -> int:
    allocatable = node.get("status", {}).get("allocatable") or {}
    return int(amount(str(allocatable.get(GPU, "0"))) or 0)
