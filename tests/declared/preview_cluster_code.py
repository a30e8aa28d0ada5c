"""Changes to the program that a stack on Kubernetes sees: together they touch what it declares.

Those of one table touch no property of one object twice, so that one preview of all tells each. What would
replace an object of a name that stays is not among them: there the official plugin's preview itself fails.
"""

from collections.abc import Mapping

from tests.declared.preview_change import Change, code

RUNTIME = "components/runtimes/kubernetes.py"
PODS = "components/runtimes/kubernetes_pods.py"
POLICIES = "components/runtimes/kubernetes_policies.py"
SCOPE = "components/runtimes/kubernetes_scope.py"
SERVICE = "components/services/service.py"
FACTS = "config/catalogue/gateway.yaml"
CATALOGUED = "components/services/catalogued.py"

PORT = "core.v1.ServicePortArgs(name=port.name, port=port.number)"
WORKLOAD = 'f"{scope.prefix}-{service.name}",\n        metadata=scope.about('


def _service(keys: str) -> Change:
    """Declare more of every Service within the cluster."""
    selector = "selector=scope.selector(service.name),"
    return code(RUNTIME, selector, f"{selector} {keys}")


def _pod(keys: str) -> Change:
    """Declare more of every pod."""
    return code(PODS, "enable_service_links=False,", f"enable_service_links=False, {keys}")


def _deployment(keys: str) -> Change:
    """Declare more of every Deployment."""
    return code(RUNTIME, "replicas=replicas, selector", f"{keys} replicas=replicas, selector")


WRITTEN_OTHERWISE: Mapping[str, Change] = {
    "a label that the plugin sets itself": code(
        SCOPE, '"app.kubernetes.io/managed-by": "pulumi"', '"app.kubernetes.io/managed-by": "us"'
    ),
    "a processor's share by another name": code(PODS, '"cpu": "100m"', '"cpu": "0.1"'),
    "a Service's zero value written out": _service("publish_not_ready_addresses=False,"),
    "a pod's zero values written out": _pod("host_network=False, host_pid=False,"),
    "claims that are not kept": code(RUNTIME, "retain=not storage.replace", "retain=False"),
}
"""None of it is a change, but to the pods' own labels."""

OBJECTS: Mapping[str, Change] = {
    "an annotation more": code(
        RUNTIME, "metadata=scope.about(ACCOUNT)", 'metadata=scope.about(ACCOUNT, annotations={"a": "b"})'
    ),
    "a level that nobody is warned of": code(RUNTIME, '"enforce", "audit", "warn"', '"enforce", "audit"'),
    "an account whose token pods get": code(
        RUNTIME, "automount_service_account_token=False", "automount_service_account_token=True"
    ),
    "a file more": code(
        RUNTIME, "data=file_keys(service.files),", 'data={**file_keys(service.files), "more": "text"},'
    ),
    "a secret more": code(
        RUNTIME, "for name in sorted(secrets)},", 'for name in sorted(secrets)} | {"more": _encoded("x")},'
    ),
    "Services that keep a client": _service('session_affinity="ClientIP",'),
    "a port's protocol written out": code(RUNTIME, PORT, f'{PORT[:-1]}, protocol="TCP")'),
    "a rule for callers only": code(POLICIES, 'BOTH = ["Ingress", "Egress"]', 'BOTH = ["Ingress"]'),
    "more pods that may be missing": code(RUNTIME, "max_unavailable=1", "max_unavailable=2"),
    "a root that can be written": code(
        PODS, "read_only_root_filesystem=service.read_only_root", "read_only_root_filesystem=False"
    ),
    "a capability kept": code(PODS, 'drop=["ALL"]', 'add=["CHOWN"], drop=["ALL"]'),
    "no group of its own": code(PODS, "        run_as_group=user,\n", ""),
    "another probe interval": code(SERVICE, "interval: int = 10", "interval: int = 7"),
    "a service that hangs for longer": code(PODS, "HUNG_AFTER = 10", "HUNG_AFTER = 12"),
    "more time to end": code(
        PODS, "termination_grace_period_seconds=30", "termination_grace_period_seconds=60"
    ),
    "an image pulled at every start": code(PODS, '"IfNotPresent"', '"Always"'),
    "another share of a processor": code(PODS, '"cpu": "100m"', '"cpu": "200m"'),
    "secrets that only their owner reads": code(PODS, "default_mode=0o440", "default_mode=0o400"),
    "another command": code(FACTS, "[nginx, -c,", "[nginx, -q, -c,"),
    "two more gateways while others start": _deployment(
        "strategy=apps.v1.DeploymentStrategyArgs("
        "rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=2)),"
    ),
    "a history of two": _deployment("revision_history_limit=2,"),
}
OBJECTS_TOO: Mapping[str, Change] = {
    "a label of every object": code(
        SCOPE, '"app.kubernetes.io/part-of": "fate"', '"app.kubernetes.io/part-of": "federation"'
    ),
    "files that never change": code(
        RUNTIME, "data=file_keys(service.files),", "data=file_keys(service.files), immutable=True,"
    ),
    "a secret's type left out": code(RUNTIME, "type=kind,", ""),
    "another name of a port": code(
        CATALOGUED, "_port(port, each)", '_port("web" if kind == "gateway" else port, each)'
    ),
    "name servers by TCP only": code(POLICIES, '[_port(DNS, "UDP"), _port(DNS)]', "[_port(DNS)]"),
}
RENAMED: Mapping[str, Change] = {
    "workloads of another name": code(
        RUNTIME, f"{WORKLOAD}service.name,", f'{WORKLOAD}f"{{service.name}}-x",'
    ),
    "a secret of another name": code(PODS, "secret_name=service.name", 'secret_name="other"'),
    "another port of a Service": code(RUNTIME, PORT, f"{PORT[:-1]} + 1)"),
}
CLUSTER_CODE: Mapping[str, Mapping[str, Change]] = {
    "written otherwise": WRITTEN_OTHERWISE,
    "objects": OBJECTS,
    "objects, too": OBJECTS_TOO,
    "other names": RENAMED,
}
