"""Tells how the cluster is: its parts, its node, and how many pods run."""

from offline.cluster import parts, processes, up
from offline.cluster.addresses import NODE
from offline.cluster.api import Api, ApiError
from offline.cluster.home import Home
from offline.cluster.progress import say

NOT_WELL = 1


def show(home: Home) -> int:
    """Print the cluster's state. Returns 0 where all is well."""
    running = processes.parts(home)
    if not running:
        say("not running. Start it: make cluster")
        return NOT_WELL
    for name in parts.NAMES:
        found = running.get(name)
        said = f"process {found.pid}" if found else f"ended: {up.last_words(home, name)}"
        say(f"{name}: {said}")
    ready = _show_node(home)
    if len(running) < len(parts.NAMES) or not ready:
        say("start what has ended: make cluster")
        return NOT_WELL
    return 0


def _show_node(home: Home) -> bool:
    api = Api(home)
    try:
        pods = api.items("/api/v1/pods")
    except ApiError as fault:
        say(f"the API server does not answer: {fault}")
        return False
    ready = up.node_is_ready(api)
    phases = [pod.get("status", {}).get("phase") for pod in pods]
    say(
        f"node {NODE}: {'Ready' if ready else 'not ready'}; {phases.count('Running')} of {len(pods)} pods run"
    )
    return ready
