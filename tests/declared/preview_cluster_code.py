"""Changes to the program that a stack on Kubernetes sees: together they touch what it declares."""

from collections.abc import Mapping

from tests.declared.preview_change import Change, code

RUNTIME = "components/runtimes/kubernetes.py"
PODS = "components/runtimes/kubernetes_pods.py"
POLICIES = "components/runtimes/kubernetes_policies.py"
SCOPE = "components/runtimes/kubernetes_scope.py"
SERVICE = "components/services/service.py"
GATEWAY = "components/services/gateway.py"

PORT = "core.v1.ServicePortArgs(name=port.name, port=port.number)"
STATELESS = "replicas=replicas, selector"


def _service(keys: str) -> Change:
    """Declare more of every Service within the cluster."""
    return code(
        RUNTIME, "selector=scope.selector(service.name),", f"selector=scope.selector(service.name), {keys}"
    )


def _pod(keys: str) -> Change:
    """Declare more of every pod."""
    return code(PODS, "enable_service_links=False,", f"enable_service_links=False, {keys}")


OBJECTS: Mapping[str, Change] = {
    "a label that the plugin sets itself": code(
        SCOPE, '"app.kubernetes.io/managed-by": "pulumi"', '"app.kubernetes.io/managed-by": "us"'
    ),
    "a label of every object": code(
        SCOPE, '"app.kubernetes.io/part-of": "fate"', '"app.kubernetes.io/part-of": "federation"'
    ),
    "a label by which pods are chosen": code(
        SCOPE,
        '{"app.kubernetes.io/name": service',
        '{"fate.changed": "yes", "app.kubernetes.io/name": service',
    ),
    "an annotation more": code(
        RUNTIME,
        "metadata=scope.about(service.name, service.name),",
        'metadata=scope.about(service.name, service.name, {"a": "b"}),',
    ),
    "a Pod Security level that nobody is warned of": code(
        RUNTIME, '"enforce", "audit", "warn"', '"enforce", "audit"'
    ),
    "an account whose token pods get": code(
        RUNTIME, "automount_service_account_token=False", "automount_service_account_token=True"
    ),
    "files that never change": code(
        RUNTIME, "data=file_keys(service.files),", "data=file_keys(service.files), immutable=True,"
    ),
    "a file more": code(
        RUNTIME, "data=file_keys(service.files),", 'data={**file_keys(service.files), "more": "text"},'
    ),
    "a secret more": code(
        RUNTIME, "for name in sorted(secrets)},", 'for name in sorted(secrets)} | {"more": _encoded("x")},'
    ),
    "a secret's type left out": code(RUNTIME, 'type="Opaque",', ""),
    "claims of another access": code(
        RUNTIME, "access_modes=[storage.access]", 'access_modes=["ReadWriteMany"]'
    ),
}
SERVICES: Mapping[str, Change] = {
    "Services without an address": _service('cluster_ip="None",'),
    "Services that keep a client": _service('session_affinity="ClientIP",'),
    "a port's protocol written out": code(RUNTIME, PORT, PORT.replace(")", ', protocol="TCP")')),
    "another name of a port": code(GATEWAY, 'Port("http"', 'Port("web"'),
    "another port of a Service": code(
        RUNTIME, PORT, PORT.replace("port=port.number", "port=port.number + 1")
    ),
    "a zero value written out": _service("publish_not_ready_addresses=False,"),
}
POLICY: Mapping[str, Change] = {
    "a rule for callers only": code(POLICIES, 'BOTH = ["Ingress", "Egress"]', 'BOTH = ["Ingress"]'),
    "name servers by TCP only": code(POLICIES, '[_port(DNS, "UDP"), _port(DNS)]', "[_port(DNS)]"),
    "more pods that may be missing": code(RUNTIME, "max_unavailable=1", "max_unavailable=2"),
}
PODS_CODE: Mapping[str, Change] = {
    "a root that can be written": code(
        PODS, "read_only_root_filesystem=True", "read_only_root_filesystem=False"
    ),
    "a capability kept": code(PODS, 'drop=["ALL"]', 'add=["CHOWN"], drop=["ALL"]'),
    "no group of its own": code(PODS, "        run_as_group=user,\n", ""),
    "another probe interval": code(SERVICE, "interval: int = 5", "interval: int = 7"),
    "a service that hangs for longer": code(PODS, "HUNG_AFTER = 10", "HUNG_AFTER = 12"),
    "more time to end": code(
        PODS, "termination_grace_period_seconds=30", "termination_grace_period_seconds=60"
    ),
    "an image pulled at every start": code(PODS, '"IfNotPresent"', '"Always"'),
    "a processor's share by another name": code(PODS, '"cpu": "100m"', '"cpu": "0.1"'),
    "another share of a processor": code(PODS, '"cpu": "100m"', '"cpu": "200m"'),
    "secrets that only their owner reads": code(PODS, "default_mode=0o440", "default_mode=0o400"),
    "another command": code(GATEWAY, '("nginx", "-c", CONF)', '("nginx", "-q", "-c", CONF)'),
    "an empty list written out": _pod("tolerations=[],"),
    "a host's network written out": _pod("host_network=False,"),
}
WORKLOADS: Mapping[str, Change] = {
    "gateways that end before others start": code(
        RUNTIME, STATELESS, f'strategy=apps.v1.DeploymentStrategyArgs(type="Recreate"), {STATELESS}'
    ),
    "a history of two": code(RUNTIME, STATELESS, f"revision_history_limit=2, {STATELESS}"),
    "pods that start in order": code(
        RUNTIME, 'pod_management_policy="Parallel"', 'pod_management_policy="OrderedReady"'
    ),
    "pods that are replaced by hand": code(
        RUNTIME,
        "service_name=service.name,",
        'service_name=service.name, update_strategy=apps.v1.StatefulSetUpdateStrategyArgs(type="OnDelete"),',
    ),
    "pods behind another Service": code(RUNTIME, "service_name=service.name,", 'service_name="other",'),
    "workloads of another name": code(
        RUNTIME,
        'f"{scope.prefix}-{service.name}",\n        metadata=scope.about(service.name, service.name)',
        'f"{scope.prefix}-{service.name}",\n        metadata=scope.about(f"{service.name}-x", service.name)',
    ),
}
CLUSTER_CODE: Mapping[str, Change] = OBJECTS | SERVICES | POLICY | PODS_CODE | WORKLOADS
