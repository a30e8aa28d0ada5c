"""Small Pulumi projects that run with the real CLI on the offline Kubernetes plugin and a real cluster."""

import json
import textwrap
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offline.cluster.layout import PAUSE_IMAGE
from tests.cluster.kubectl import CONTEXT, KUBECONFIG, kubectl
from tests.engine.plugin_project import Project, _command

PREAMBLE = """
import json
import os

import pulumi
import pulumi_kubernetes as k8s
from pulumi import CustomTimeouts, Output, ResourceOptions

settings = json.loads(os.environ["PLUGIN_TEST"])
prefix = settings["prefix"]
provider = k8s.Provider(
    "cluster", kubeconfig=settings["kubeconfig"], context=settings["context"], namespace=prefix,
    **{name: True for name in settings.get("provider", "").split()},
)
place = k8s.core.v1.Namespace(
    "place",
    metadata={"name": prefix, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    opts=ResourceOptions(provider=provider),
)
restricted = {
    "runAsNonRoot": True, "runAsUser": 1000, "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def options(*before, **more):
    return ResourceOptions(provider=provider, depends_on=[place, *before], **more)


def limit(seconds):
    return CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s", delete="60s")


def meta(name, **more):
    return {"name": name, "namespace": prefix, **more}


def pod(name="web", volumes=(), annotations={}, **spec):
    main = {
        "name": "main", "image": settings["image"], "securityContext": restricted,
        "volumeMounts": [{"name": each["name"], "mountPath": f"/{each['name']}"} for each in volumes],
    }
    return {
        "metadata": {"labels": {"app": name}, "annotations": annotations},
        "spec": {
            "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False, "containers": [main],
            "volumes": [*volumes], **spec,
        },
    }


def workload(name="web", replicas=1, **more):
    return {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": pod(name, **more)}
"""


@dataclass
class KubernetesProject(Project):
    """A project whose resources live in a namespace of its own."""

    def write(self, program: str) -> None:
        """Write the program, after what every program here begins with."""
        (self.folder / "__main__.py").write_text(PREAMBLE + textwrap.dedent(program))

    def start(self, image: str = PAUSE_IMAGE) -> None:
        """Make the stack `t`, and the plugin's place in a PULUMI_HOME of its own.

        The image is one that the cluster has: it does nothing, and ends at once when it is told to.
        """
        plugin = self.folder / "home/plugins/resource-kubernetes-v4.32.0/pulumi-resource-kubernetes"
        _command(plugin, "offline.kubernetes")
        _command(self.folder / "bin/pulumi-language-python", "offline.language_host")
        (self.folder / "Pulumi.yaml").write_text("name: plugged\nruntime: python\n")
        own = {"prefix": self.prefix, "image": image, "kubeconfig": str(KUBECONFIG), "context": CONTEXT}
        self.settings = {**own, **self.settings}
        (self.folder / "state").mkdir()
        assert self.run("stack", "init", "t").code == 0

    def kubectl(self, *arguments: str) -> str:
        """Do something behind Pulumi's back, in the project's namespace."""
        return kubectl("--namespace", self.prefix, *arguments)

    def live(self, kind: str, name: str) -> dict[str, Any]:
        """Return an object as it is."""
        found: dict[str, Any] = json.loads(self.kubectl("get", kind, name, "--output", "json"))
        return found

    def pods(self) -> list[str]:
        """Return the names of the pods of the workload `web`."""
        return self.kubectl("get", "pods", "--selector=app=web", "--output=name").split()

    def state(self) -> str:
        """Return the stack's state, as text."""
        return self.run("stack", "export", "--stack", "t").text


def project(folder: Path, program: str, **settings: str) -> KubernetesProject:
    """Make a project with a stack."""
    made = KubernetesProject(folder, f"plugin-{uuid.uuid4().hex[:6]}", dict(settings))
    made.write(program)
    made.start()
    return made
