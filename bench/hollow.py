"""A node without a machine behind it: its pods are ready as soon as they are placed on it.

For stacks that no single machine could run, where the growth of what Pulumi, the API server and the
controllers do is of interest, not that of containers. Nothing runs on it, and no other pods are placed on it.
"""

import datetime
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bench.kubernetes import HOME
from bench.verdicts import MeasuredFailedError
from clients.kubernetes.failures import KubernetesFailure
from offline.cluster.api import Api
from offline.cluster.layout import NODE

NAME = "fate-bench-hollow"
TAINT = {"key": NAME, "effect": "NoSchedule"}
SCHEDULING = {"node-selector": {NAME: "yes"}, "tolerations": [{**TAINT, "operator": "Exists"}]}
"""What a stack says to have its pods placed there."""
NODES = "/api/v1/nodes"
PODS = f"/api/v1/pods?fieldSelector=spec.nodeName={NAME}"
WAITING = f"{PODS},status.phase=Pending"
ROOM = {"cpu": "1000", "memory": "4000Gi", "pods": "1000", "ephemeral-storage": "4000Gi"}
LOOK_AGAIN = 0.2
HEARTBEAT = 10.0
"""Seconds; Kubernetes gives a node up after 50."""

Tree = dict[str, Any]


@contextmanager
def hollow_node() -> Iterator[None]:
    """Have the node, as long as pods are to be placed on it. Delete the pods before the end.

    Raises MeasuredFailedError where the cluster does not take it.
    """
    api, ending = Api(HOME), threading.Event()
    threads = [
        threading.Thread(target=_repeat, args=(work, pause, ending))
        for work, pause in ((_beat, HEARTBEAT), (_start_pods, LOOK_AGAIN), (_end_pods, 1.0))
    ]
    try:
        api.ensure(NODES, node())
        for thread in threads:
            thread.start()
        yield
    except KubernetesFailure as fault:
        raise MeasuredFailedError(f"the cluster takes no hollow node: {fault}", "Run make cluster") from None
    finally:
        ending.set()
        for thread in threads:
            if thread.is_alive():
                thread.join()
        with suppress(KubernetesFailure):
            api.delete(f"{NODES}/{NAME}")
        api.forget()


def node() -> Tree:
    """Return the node. It bears the real one's host name, which the volumes of that host are tied to."""
    labels = {"kubernetes.io/hostname": NODE, NAME: "yes"}
    metadata = {"name": NAME, "labels": labels}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {"taints": [TAINT]}}


def alive(now: str) -> Tree:
    """Return the status of a node that is well, and has room for every pod."""
    ready = {"type": "Ready", "status": "True", "reason": "Hollow", "lastHeartbeatTime": now}
    return {"status": {"capacity": ROOM, "allocatable": ROOM, "conditions": [ready]}}


def started(pod: Tree, now: str) -> Tree:
    """Return the status of a pod whose containers all run and pass their probes."""
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": now}
        for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    ]
    containers = [
        {
            "name": each["name"],
            "image": each["image"],
            "imageID": "",
            "ready": True,
            "started": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": now}},
        }
        for each in pod["spec"]["containers"]
    ]
    return {
        "status": {
            "phase": "Running",
            "startTime": now,
            "conditions": conditions,
            "containerStatuses": containers,
        }
    }


def _repeat(work: Callable[[Api], None], pause: float, ending: threading.Event) -> None:
    """Do a piece of work again and again; what the API refuses, as for a pod that has just gone, is past."""
    api = Api(HOME)
    while not ending.wait(pause):
        with suppress(KubernetesFailure):
            work(api)
    api.forget()


def _beat(api: Api) -> None:
    api.merge(f"{NODES}/{NAME}/status", alive(_now()))


def _start_pods(api: Api) -> None:
    for pod in api.items(WAITING):
        api.merge(f"{_path(pod)}/status", started(pod, _now()))


def _end_pods(api: Api) -> None:
    """Take away the pods that are to go, as a kubelet does once their containers have ended."""
    for pod in api.items(PODS):
        if "deletionTimestamp" in pod["metadata"]:
            api.delete(f"{_path(pod)}?gracePeriodSeconds=0")


def _path(pod: Tree) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
