"""The words of a remedy: the names of a party at hand, and the commands of its runtime.

In a remedy `{broker}` is the broker's name, `{broker:restart}` the command that starts it anew: of `docker`
for a party on a Docker engine, of `kubectl` with context and namespace for one on Kubernetes.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from os.path import expanduser

from ops.doctor.kubernetes_pods import LABEL
from ops.doctor.outputs import FORMERLY, DockerParty, KubernetesParty, PartyOutputs

CARRIERS = ("broker", "pulsar", "osx")
"""What the data of jobs goes through, of which a party has one."""
LATER = ("osx", "pulsar", "clustermanager", "sparkmaster", "namenode")
"""Services beside those of every party of before that remedies speak of by name."""


@dataclass(frozen=True)
class Named:
    """A service by the name that its runtime knows, and the commands that concern it."""

    name: str
    commands: Mapping[str, str]

    def __format__(self, command: str) -> str:
        return self.commands[command] if command else self.name


def words(party: str, outputs: PartyOutputs, peer: str = "", service: str = "fateflow") -> dict[str, object]:
    """Return the names that a remedy for `service` of a party speaks of."""
    every = (*FORMERLY, *LATER, *outputs.containers)
    named: dict[str, object] = {each: _named(each, outputs) for each in every}
    common = {"party": party, "peer": peer, "job": "", "service": service, "container": named[service]}
    common |= {"stack": "NAME", "external": outputs.external}
    common["carrier"] = named[next((each for each in CARRIERS if each in outputs.containers), "broker")]
    return _of_cluster(outputs) | named | common


def in_namespace(party: KubernetesParty) -> str:
    """Return how a command for this party's namespace begins."""
    return _kubectl(party, "--namespace", party.namespace)


def _kubectl(party: KubernetesParty, *arguments: str) -> str:
    return f"{_any_context(party)} {shlex.join(['--context', party.context, *arguments])}"


def _any_context(party: KubernetesParty) -> str:
    file = ["--kubeconfig", expanduser(party.kubeconfig)] if party.kubeconfig else []
    return shlex.join(["kubectl", *file])


def _of_cluster(outputs: PartyOutputs) -> dict[str, object]:
    if isinstance(outputs, DockerParty):
        return {"kubectl": ""}
    return {
        "kubectl": in_namespace(outputs),
        "cluster": _kubectl(outputs),
        "kubeconfig": _any_context(outputs),
        "namespace": outputs.namespace,
    }


def _named(service: str, outputs: PartyOutputs) -> Named:
    name = outputs.containers.get(service, service)
    if isinstance(outputs, DockerParty):
        return Named(name, _on_docker(name))
    return Named(name, _on_kubernetes(in_namespace(outputs), service))


def _on_docker(container: str) -> dict[str, str]:
    return {
        "logs": f"docker logs --tail 50 {container}",
        "restart": f"docker restart {container}",
        "start": f"docker start {container}",
        "exec": f"docker exec {container}",
    }


def _on_kubernetes(kubectl: str, service: str) -> dict[str, str]:
    pods = f"--selector {LABEL}={service}"
    return {
        "logs": f"{kubectl} logs --tail 50 {pods}",
        "previous": f"{kubectl} logs --tail 50 --previous {pods}",
        "restart": f"{kubectl} delete pods {pods}",
        "describe": f"{kubectl} describe pods {pods}",
        "exec": f"{kubectl} exec service/{service} --container {service} --",
    }
