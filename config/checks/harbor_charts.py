"""Whether a Harbor can run on a cluster, where its own chart makes it, and whether it is reached there."""

from collections.abc import Iterator

from config.cluster_exposure import (
    KEPT_INSIDE,
    NODE_PORTS,
    GatewayExposure,
    IngressExposure,
    LoadBalancerExposure,
    NodePortExposure,
)
from config.faults import Fault, path, shown
from config.harbor import HTTPS, HarborMirror
from config.harbor_chart import LINES, line_of
from config.harbor_chart_values import leaves, reserved
from config.kubernetes import KubernetesSettings
from config.plan import Plan
from config.runtime import DockerSettings
from config.text import is_address, is_loopback


def a_chart_on_a_cluster(plan: Plan) -> Iterator[Fault]:
    """Refuse a Harbor on a cluster without the chart that makes it, and one on Docker with a chart."""
    if not isinstance(plan.mirror, HarborMirror) or plan.runtime is None:
        return
    at, is_there = path("mirror", "chart"), plan.mirror.chart is not None
    if isinstance(plan.runtime, DockerSettings) and is_there:
        yield Fault(at, "is for Kubernetes: on Docker this program makes Harbor itself", "leave chart out")
    if isinstance(plan.runtime, KubernetesSettings) and not is_there:
        yield Fault(
            at,
            "is missing: on a cluster Harbor's own chart makes it",
            'write chart: {ref: "https://helm.goharbor.io", version: 1.19.1}, a copy of it as oci://... or a'
            " path; or mirror: {kind: external, address: host/project} for a Harbor that exists",
        )


def a_chart_of_that_harbor(plan: Plan) -> Iterator[Fault]:
    """Refuse a chart of another Harbor than the images: each makes files that the other does not read."""
    if (found := _on_a_cluster(plan)) is None or (chart := found[0].chart) is None:
        return
    harbor = found[0].images.version
    line = LINES[line_of(harbor)]
    if chart.version is not None and line_of(chart.version) != line:
        yield Fault(
            path("mirror", "chart", "version"),
            f"{shown(chart.version)} is no chart of Harbor {harbor}, whose images the stack names",
            f"write one of {line}, such as {line}.1",
        )


def values_that_are_the_operator_s(plan: Plan) -> Iterator[Fault]:
    """Refuse values that follow from the stack, that are drawn at random, or that show a secret."""
    if (found := _on_a_cluster(plan)) is None or (chart := found[0].chart) is None:
        return
    for at, value in leaves(chart.values):
        if reason := reserved(at, value):
            yield Fault(path("mirror", "chart", "values", *at), *reason)


def no_address_to_open_harbor_on(plan: Plan) -> Iterator[Fault]:
    """Refuse an address of a machine for a port that a cluster opens, and a host that is each machine."""
    if (found := _on_a_cluster(plan)) is None:
        return
    mirror, _ = found
    if "bind" in mirror.model_fields_set:
        problem = f"{mirror.bind} is without effect in a cluster: exposure says how the port is opened"
        yield Fault(path("mirror", "bind"), problem, "leave bind out")
    if is_loopback(mirror.host):
        yield Fault(
            path("mirror", "host"),
            f"{mirror.host} is every machine itself: nodes and this machine would ask another one each",
            "write a name that leads to the cluster, such as harbor.bank.example",
        )


def a_port_that_the_cluster_opens(plan: Plan) -> Iterator[Fault]:
    """Refuse ports that the exposure does not open, and an exposure that cannot carry Harbor's TLS."""
    if (found := _on_a_cluster(plan)) is None:
        return
    mirror, cluster = found
    port = path("mirror", "port")
    match cluster.exposure:
        case NodePortExposure() if mirror.port not in NODE_PORTS:
            problem = (
                f"{mirror.port} cannot be opened: nodes open {NODE_PORTS.start} to {NODE_PORTS.stop - 1}"
            )
            yield Fault(port, problem, "write port: 30443, or another exposure")
        case IngressExposure() if mirror.port != HTTPS:
            problem = f"{mirror.port} is no port of an Ingress controller for HTTPS"
            yield Fault(port, problem, "leave port out, for 443, or write another exposure")
        case IngressExposure() if is_address(mirror.host):
            problem = f"{mirror.host} is an address, and an Ingress chooses by a name"
            yield Fault(path("mirror", "host"), problem, "write a name, such as harbor.bank.example")
        case GatewayExposure():
            yield Fault(
                path("runtime", "exposure", "kind"),
                "ends Harbor's TLS at the Gateway, with a certificate that this stack does not know",
                "write node-port, load-balancer or ingress",
            )


def a_balancer_of_harbor_says_who_reaches_it(plan: Plan) -> Iterator[Fault]:
    """Refuse a load balancer of which nothing says whether it is public: on a managed cluster it would be."""
    if (found := _on_a_cluster(plan)) is None:
        return
    exposure = found[1].exposure
    if isinstance(exposure, LoadBalancerExposure) and exposure.reach is None:
        yield Fault(
            path("runtime", "exposure", "reach"),
            "is missing: a managed cluster gives a load balancer a public address unless an annotation keeps"
            " it inside, and nothing says which is wanted for Harbor",
            f"write reach: internal, with your cloud's own annotation, such as {KEPT_INSIDE}; or reach:"
            " public",
        )


def what_no_chart_of_harbor_does(plan: Plan) -> Iterator[Fault]:
    """Refuse what Pulumi does with objects that the program declares, and cannot with those of a chart."""
    if (found := _on_a_cluster(plan)) is None:
        return
    if found[1].storage.replace:
        yield Fault(
            path("runtime", "storage", "replace"),
            "is without effect on Harbor: the claims of a chart always stay",
            "leave it out, and take a claim away by hand",
        )
    if plan.protects:
        yield Fault(
            path("protect"),
            "would protect what stands around the chart and nothing of the chart itself",
            "leave protect out: Harbor's claims stay at a destroy",
        )


def _on_a_cluster(plan: Plan) -> tuple[HarborMirror, KubernetesSettings] | None:
    mirror, runtime = plan.mirror, plan.runtime
    if isinstance(mirror, HarborMirror) and isinstance(runtime, KubernetesSettings):
        return mirror, runtime
    return None
