"""Clusters for property tests: everything that a stack may say of one, in forms that are accepted."""

from typing import Any

from hypothesis import strategies as st

Values = dict[str, Any]

CONTEXTS = ("prod", "kubernetes-admin@kubernetes")
KUBECONFIGS = ("~/.kube/bank.yaml", "clusters/test")
VOLUMES = ("fateflow-jobs", "fateflow-logs", "fateflow-model", "fateflow-data")
EXPOSURES: tuple[Values, ...] = (
    {"kind": "node-port"},
    {"kind": "node-port"},
    {"kind": "load-balancer", "load-balancer-class": "bank.example/inner", "reach": "internal"},
    {
        "kind": "load-balancer",
        "annotations": {"service.beta.kubernetes.io/internal": "true"},
        "reach": "public",
    },
    {"kind": "ingress", "class": "nginx", "annotations": {"owner": ""}, "broker": {"reach": "internal"}},
    {"kind": "ingress", "tls-secret": "fate-tls", "broker": {"sources": ["192.0.2.0/24"]}},
    {"kind": "gateway-api", "gateway": "public", "gateway-namespace": "gateways", "tcp-section": "amqp"},
)
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
SIZES = st.builds(
    "{}{}".format, st.integers(1, 999), st.sampled_from(["Mi", "Gi", "Ti", "Pi", "M", "G", "T", "P"])
)
STORAGE = st.fixed_dictionaries(
    {},
    optional={
        "class": NAMES,
        "size": st.dictionaries(st.sampled_from(VOLUMES), SIZES),
        "access": st.sampled_from(["ReadWriteOnce", "ReadWriteOncePod"]),
        "replace": st.booleans(),
    },
)
TOLERATIONS = st.one_of(
    st.fixed_dictionaries({"operator": st.just("Exists")}, optional={"key": NAMES}),
    st.fixed_dictionaries(
        {"key": NAMES, "effect": st.just("NoExecute")},
        optional={"value": NAMES, "toleration-seconds": st.integers(0, 3600)},
    ),
)
SCHEDULING = st.fixed_dictionaries(
    {},
    optional={
        "node-selector": st.dictionaries(NAMES, NAMES | st.just(""), max_size=2),
        "tolerations": st.lists(TOLERATIONS, max_size=2),
        "affinity": st.just({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}}),
        "priority-class": NAMES,
    },
)


def clusters(namespaces: tuple[str | None, ...]) -> st.SearchStrategy[Values]:
    """Yield a cluster with one of the namespaces, None for that which each party has of its own."""
    return st.fixed_dictionaries(
        {
            "kind": st.just("kubernetes"),
            "context": st.sampled_from(CONTEXTS),
            "namespace": st.sampled_from(namespaces),
            "exposure": st.sampled_from(EXPOSURES),
        },
        optional={
            "kubeconfig": st.sampled_from(KUBECONFIGS),
            "create-namespace": st.booleans(),
            "security": st.sampled_from(["restricted", "baseline"]),
            "storage": STORAGE,
            "scheduling": SCHEDULING,
            "pull-secrets": st.lists(NAMES, max_size=2),
            "cluster-domain": st.just("bank.internal"),
            "gateway-replicas": st.integers(1, 5),
            "start-limit": st.integers(30, 3600),
        },
    )
