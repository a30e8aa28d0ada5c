"""Stacks with a Harbor on a cluster, by its own chart: those that can work, and those that cannot."""

from typing import Any

from tests.unit.harbor_examples import DATABASE, HOST, REDIS, SECRETS, TLS, harbor
from tests.unit.kubernetes_examples import GATEWAY, cluster
from tests.unit.stack_values import DIGEST, RABBITMQ, Refusal, Values

CHART: Values = {"ref": "https://helm.goharbor.io", "version": "1.19.1"}
BALANCED: Values = {"exposure": {"kind": "load-balancer", "reach": "internal"}}
BY_INGRESS: Values = {"exposure": {"kind": "ingress", "class": "nginx", "annotations": {"a.example/b": "c"}}}


def charted(
    runtime: Values | None = None, chart: Values | None = None, /, port: int | None = 30443, **keys: object
) -> Values:
    """Return a Harbor on a cluster, at a port of every node, and a party there."""
    opened = {"port": port} if port else {}
    return {
        **harbor(**{"chart": CHART | (chart or {}), **opened, **keys}),
        "runtime": cluster(**(runtime or {})),
        "parties": [{"id": "9999", "engines": RABBITMQ, "peers": []}],
    }


def valued(**values: object) -> Values:
    """Return the same with values of the operator's own."""
    return charted(None, {"values": values})


def outside(**parts: Values) -> Values:
    """Return the same with parts that others run."""
    return charted(external=parts) | {"secrets": SECRETS}


def lying(ref: str, **chart: object) -> Values:
    """Return the same with a chart of this machine."""
    made = charted()
    made["mirror"]["chart"] = {"ref": ref, **chart}
    return made


BY_CHART: Values = cluster(chart={"ref": "charts/fate-party"})
BUILT: Values = charted(builder={"kind": "docker", "host": "ssh://fate@builder.example"}) | {
    "release": "2.2.0",
    "images": {"from": "packages"},
}
ACCEPTED_CHARTED_HARBORS: dict[str, Values] = {
    "a Harbor on a cluster": charted(),
    "a Harbor on a cluster, by its load balancer": charted(BALANCED, port=None),
    "a Harbor on a cluster, by its Ingress": charted(BY_INGRESS, port=None),
    "a Harbor on a cluster with all that is its operator's": charted(
        {
            "storage": {"class": "fast", "size": {"harborregistry": "300Gi"}},
            "scheduling": {
                "node-selector": {"pool": "fate"},
                "tolerations": [{"key": "fate", "operator": "Exists"}],
                "priority-class": "fate",
            },
            "pull-secrets": ["hub"],
            "namespace": "fate",
        },
        images={"prefix": "registry.bank.example/goharbor", "digests": {"harbor-core": DIGEST}},
        replicate={"from": {"url": "https://hub.bank.example:5000"}},
        tls=TLS,
    )
    | {"secrets": SECRETS},
    "a Harbor on a cluster with a database and a Redis elsewhere": outside(database=DATABASE, redis=REDIS),
    "a Harbor on a cluster with a Redis that asks for nothing": outside(redis={"host": REDIS["host"]}),
    "a Harbor on a cluster that holds what is built here": BUILT,
    "a Harbor of a chart that lies here": lying("own/harbor"),
    "a Harbor of a chart in a registry": charted(
        None, {"ref": "oci://registry.bank.example/charts/harbor", "plain-http": True}
    ),
    "a Harbor with values of its operator's": valued(
        logLevel="warning",
        core={"replicas": 2, "podAnnotations": {"team": "a"}, "resources": {"limits": {"memory": "1Gi"}}},
        ipFamily={"ipv6": {"enabled": False}},
        persistence={"imageChartStorage": {"type": "s3", "s3": {"existingSecret": "bucket"}}},
    ),
}


def _at(key: str) -> str:
    return f"fate:mirror.chart.values.{key}"


def _of_the_stack(key: str, values: dict[str, Any], problem: str, remedy: str) -> Refusal:
    return valued(**values), _at(key), problem, remedy


BY_KEY = "follows from the secret key"
PLAIN = "would stand in plain text"
REFUSED_CHARTED_HARBORS: dict[str, Refusal] = {
    "a Harbor on a cluster without its chart": (
        {**charted(), "mirror": {"kind": "harbor", "host": HOST, "port": 30443}},
        "fate:mirror.chart",
        "is missing: on a cluster Harbor's own chart makes it",
        'chart: {ref: "https://helm.goharbor.io", version: 1.19.1}',
    ),
    "what is built here for a Harbor, and a party by a chart": (
        {**BUILT, "parties": [{"id": "9999", "engines": RABBITMQ, "peers": [], "runtime": BY_CHART}]},
        "fate:parties[0].runtime.chart",
        "needs to know its images, and this stack's own mirror has none before the first up",
        "mirror: {kind: stack, stack: ...}",
    ),
    "a chart of Harbor on Docker": (
        harbor(chart=CHART),
        "fate:mirror.chart",
        "is for Kubernetes",
        "leave chart out",
    ),
    "a chart of Harbor from a repository, of no version": (
        lying("https://helm.goharbor.io"),
        "fate:mirror.chart.version",
        "is missing: its newest chart would be taken",
        "such as 1.19.1",
    ),
    "a chart of Harbor without TLS": (
        charted(None, {"ref": "http://helm.goharbor.io"}),
        "fate:mirror.chart.ref",
        "is asked without TLS",
        "write https://",
    ),
    "a chart of Harbor with a login": (
        charted(None, {"ref": "https://ann:word@helm.goharbor.io"}),
        "fate:mirror.chart.ref",
        "has a login in it",
        "helm registry login",
    ),
    "a chart of Harbor as a file of a repository": (
        charted(None, {"ref": "https://helm.goharbor.io/harbor-1.19.1.tgz"}),
        "fate:mirror.chart.ref",
        "is a file in a repository",
        "write the repository",
    ),
    "a chart of Harbor from a repository, asked like a registry": (
        charted(None, {"plain-http": True}),
        "fate:mirror.chart.plain-http",
        "no registry of oci:// is asked",
        "leave it out",
    ),
    "a chart of another Harbor": (
        charted(None, {"version": "1.18.2"}),
        "fate:mirror.chart.version",
        '"1.18.2" is no chart of Harbor 2.15.2',
        "such as 1.19.1",
    ),
    "a Harbor on a cluster at an address of a machine": (
        charted(bind="0.0.0.0"),
        "fate:mirror.bind",
        "is without effect in a cluster",
        "leave bind out",
    ),
    "a Harbor on a cluster by the name localhost": (
        charted(host="localhost"),
        "fate:mirror.host",
        "is every machine itself",
        "leads to the cluster",
    ),
    "a Harbor on a port that no node opens": (
        charted(port=None),
        "fate:mirror.port",
        "443 cannot be opened: nodes open 30000 to 32767",
        "write port: 30443",
    ),
    "a Harbor behind an Ingress on another port": (
        charted(BY_INGRESS, port=8443),
        "fate:mirror.port",
        "8443 is no port of an Ingress controller",
        "leave port out",
    ),
    "a Harbor behind an Ingress by an address": (
        charted(BY_INGRESS, port=None, host="192.0.2.7"),
        "fate:mirror.host",
        "an Ingress chooses by a name",
        "harbor.bank.example",
    ),
    "a Harbor behind a Gateway": (
        charted({"exposure": GATEWAY}, port=None),
        "fate:runtime.exposure.kind",
        "ends Harbor's TLS at the Gateway",
        "node-port, load-balancer or ingress",
    ),
    "a Harbor on a load balancer that may be public": (
        charted({"exposure": {"kind": "load-balancer"}}, port=None),
        "fate:runtime.exposure.reach",
        "nothing says which is wanted for Harbor",
        "reach: internal",
    ),
    "a Harbor whose claims are to be replaced": (
        charted({"storage": {"replace": True}}),
        "fate:runtime.storage.replace",
        "the claims of a chart always stay",
        "leave it out",
    ),
    "a Harbor of a chart that is to be protected": (
        charted() | {"protect": True},
        "fate:protect",
        "nothing of the chart itself",
        "leave protect out",
    ),
    "a Harbor on a node's port of a party": (
        charted()
        | {
            "parties": [
                {
                    "id": "9999",
                    "engines": RABBITMQ,
                    "peers": [{"id": "1", "host": "fate.partner.example"}],
                    "expose": {"host": "fate.bank.example", "gateway-port": 30443, "broker-port": 30672},
                }
            ]
        },
        "fate:parties[0].expose.gateway-port",
        "is opened for the mirror already",
        "write another port",
    ),
    "a way in beside the stack's": _of_the_stack(
        "expose.type", {"expose": {"type": "nodePort"}}, "follows from the runtime's exposure", "exposure"
    ),
    "certificates drawn at random": _of_the_stack(
        "internalTLS.enabled", {"internalTLS": {"enabled": True}}, "at random", "leave it out"
    ),
    "pods that nobody reaches": _of_the_stack(
        "trivy.enabled", {"trivy": {"enabled": True}}, "no policy lets anybody reach", "leave it out"
    ),
    "a default password": _of_the_stack(
        "harborAdminPassword", {"harborAdminPassword": "Harbor12345"}, BY_KEY, "harbor-login"
    ),
    "a Secret of somebody's": _of_the_stack(
        "core.existingXsrfSecret", {"core": {"existingXsrfSecret": "own"}}, BY_KEY, "leave it out"
    ),
    "a whole part of the chart taken away": _of_the_stack("core", {"core": None}, BY_KEY, "leave it out"),
    "an image beside the stack's": _of_the_stack(
        "registry.controller.image.tag",
        {"registry": {"controller": {"image": {"tag": "v2.15.0"}}}},
        "follows from mirror.images",
        "write mirror.images",
    ),
    "a claim beside the stack's": _of_the_stack(
        "persistence.persistentVolumeClaim.registry.size",
        {"persistence": {"persistentVolumeClaim": {"registry": {"size": "1Ti"}}}},
        "follows from the runtime",
        "write runtime.storage",
    ),
    "a proxy with a login": _of_the_stack(
        "proxy.httpsProxy",
        {"proxy": {"httpsProxy": "http://ann:word@proxy.bank.example:3128"}},
        PLAIN,
        "leave it out",
    ),
    "pods by another name": _of_the_stack(
        "nameOverride", {"nameOverride": "own"}, "out of reach of their policies", "leave it out"
    ),
    "labels taken away": _of_the_stack(
        "core.podLabels", {"core": {"podLabels": None}}, "whose the pods are", "write keys below it"
    ),
    "a container that may do more": _of_the_stack(
        "containerSecurityContext.runAsNonRoot",
        {"containerSecurityContext": {"runAsNonRoot": False}},
        "admits no such pod",
        "leave it out",
    ),
    "no rules for containers": _of_the_stack(
        "containerSecurityContext",
        {"containerSecurityContext": None},
        "what the namespace asks of pods",
        "leave it out",
    ),
    "a pod of another's": _of_the_stack(
        'core.podLabels["fate.stack"]',
        {"core": {"podLabels": {"fate.stack": "own"}}},
        "follows from the stack",
        "write another key",
    ),
    "a key of a bucket in plain text": _of_the_stack(
        "persistence.imageChartStorage.s3.secretkey",
        {"persistence": {"imageChartStorage": {"s3": {"secretkey": "word"}}}},
        PLAIN,
        "an existingSecret of the chart",
    ),
}
