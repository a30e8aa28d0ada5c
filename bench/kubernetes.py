"""The cluster that measurements are made on: the one of `make cluster`, with what it holds of a stack."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from bench.project import CHECKOUT, run
from bench.stack_files import Values, values_in
from bench.verdicts import CannotMeasureError, MeasuredFailedError
from offline.cluster import containers
from offline.cluster.commands import ClusterFault, succeeds
from offline.cluster.layout import CONTEXT, Home

HOME = Home(CHECKOUT / ".local" / "cluster")
REMEDY = "Run make cluster"
STACK = "bench-pods"
ENDING_LIMIT = "600s"


def require() -> None:
    """Raise CannotMeasureError where no cluster answers."""
    if not HOME.kubeconfig.exists():
        raise CannotMeasureError("there is no cluster", REMEDY)
    try:
        kubectl("get", "--raw", "/readyz")
    except MeasuredFailedError as failed:
        raise CannotMeasureError(f"the cluster does not answer ({failed.remedy})", REMEDY) from None


def kubectl(*arguments: str) -> str:
    """Run kubectl on the cluster and return what it prints. Raises MeasuredFailedError."""
    program = str(HOME.root / "bin" / "kubectl")
    way = ["--kubeconfig", str(HOME.kubeconfig), "--context", CONTEXT]
    return run([program, *way, *arguments], CHECKOUT, os.environ)


def on_the_cluster(address: str) -> Values:
    """Return the stack of two parties on Kubernetes, all of it in the cluster, pulling from `address`."""
    values = values_in((CHECKOUT / "Pulumi.dev-kubernetes.yaml").read_text())
    runtime = {"kind": "kubernetes", "kubeconfig": str(HOME.kubeconfig), "context": CONTEXT}
    parties = [{**party, "runtime": runtime} for party in values["parties"]]
    mirror = {"kind": "external", "address": address}
    return {**values, "runtime": runtime, "mirror": mirror, "parties": parties}


@contextmanager
def cleared(stack: str) -> Iterator[None]:
    """Have no namespace of a stack on the cluster: not before, when a run was interrupted, and not after."""
    clear(stack)
    try:
        yield
    finally:
        clear(stack)


def clear(stack: str, wait: bool = True) -> None:
    """Delete a stack's namespaces, the claims in them and their volumes, without the pods' time to end."""
    mine = ("--selector", f"fate.stack={stack}")
    kubectl("delete", "namespaces", *mine, "--wait=false")
    kubectl("delete", "pods", *mine, "--all-namespaces", "--grace-period=1", "--wait=false")
    if wait:
        kubectl("delete", "namespaces", *mine, "--wait", f"--timeout={ENDING_LIMIT}")


@contextmanager
def on_the_node(images: Sequence[str]) -> Iterator[None]:
    """Give the node images of the Docker engine under the same names, for as long as it is measured."""
    try:
        for image in images:
            containers.load(HOME, image)
        yield
    except ClusterFault as fault:
        raise MeasuredFailedError(str(fault), fault.remedy or "Look at the cluster's log") from None
    finally:
        listed = run([*containers.client(HOME, "images", "list", "--quiet")], CHECKOUT, os.environ)
        succeeds(*containers.client(HOME, "images", "remove", *names_of(images, listed.split())))


def names_of(images: Sequence[str], listed: Iterable[str]) -> list[str]:
    """Return which names of a node are of these images: the node names each by its digest too."""
    repositories = {image.rpartition(":")[0] for image in images}
    return [name for name in listed if {name.rpartition(":")[0], name.partition("@")[0]} & repositories]
