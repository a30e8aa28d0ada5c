"""The way into a party's pods through the API server of their cluster.

A service's pods bear its name in the label `app.kubernetes.io/name`, and its container is named so too.
"""

from collections.abc import Sequence

from ops.doctor.kubernetes_api import Cluster, cluster
from ops.doctor.kubernetes_pods import LABEL, Pod, best, living, worst
from ops.doctor.outputs import KubernetesParty
from ops.doctor.reach import Answer, State
from ops.doctor.symptoms import Ailment, Symptom


class KubernetesReach:
    """The way into a party's namespace."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Run a command inside a service's pod; a ready one, where there are several."""
        name = best(self._pods(service))["metadata"]["name"]
        return self._cluster.run(self._namespace, name, service, argv, limit)

    def script(self, service: str, text: str) -> Answer:
        """Run a shell script inside a service's pod."""
        name = best(self._pods(service))["metadata"]["name"]
        return self._cluster.script(self._namespace, name, service, text)

    def state(self, service: str) -> State:
        """Return the state of a service; that of its worst pod, where there are several."""
        return worst(self._pods(service))

    def _pods(self, service: str) -> list[Pod]:
        pods = living(self._cluster.pods(self._namespace, f"{LABEL}={service}"))
        if not pods:
            raise Ailment(Symptom.MISSING, f"there is no pod of {service} in the namespace {self._namespace}")
        return pods


def reach_of(party: KubernetesParty) -> KubernetesReach:
    """Return the way into a party. Raises Ailment where its cluster does not answer this account."""
    reached = cluster(party.kubeconfig, party.context)
    reached.pods(party.namespace, LABEL)
    return KubernetesReach(reached, party.namespace)
