"""Stacks on Kubernetes, and on Kubernetes and Docker: those that can work, and those that cannot."""

from tests.unit.stack_values import (
    DIGEST,
    DROP,
    EXTERNAL,
    PULSAR,
    RABBITMQ,
    STANDALONE,
    Refusal,
    Values,
    eggroll,
    stack,
    two,
)

IMAGE = f"registry.bank.example/registry:2.8@{DIGEST}"
OTHER_STACK = {"kind": "stack", "stack": "organization/fate/dev"}
NODE_PORTS = {"gateway-port": 30300, "broker-port": 30672}
EXPOSED = {"host": "nodes.bank.example", **NODE_PORTS}
PEER = {"id": "1", "host": "fate.partner.example"}
MIRROR: Values = {"kind": "distribution", "port": 30500, "image": IMAGE}
GATEWAY = {"kind": "gateway-api", "gateway": "public", "gateway-namespace": "gateways"}
BALANCED: Values = {"kind": "load-balancer", "reach": "internal"}
INGRESS: Values = {"kind": "ingress", "broker": {"reach": "internal"}}
BY_NAME = {"gateway-port": 80, "broker-host": "amqp.bank.example"}
BRIDGE = "172.17.0.1"


def cluster(context: str = "prod", /, **more: object) -> Values:
    return {"kind": "kubernetes", "context": context, **more}


def two_in(runtime: Values | None = None, **changes: object) -> Values:
    return stack(**{"runtime": runtime or cluster(), "mirror": OTHER_STACK, **changes})


def one_in(runtime: Values | None = None, **party: object) -> Values:
    return two_in(runtime, parties=[{"id": "9999", "engines": RABBITMQ, **party}])


def out(exposure: Values, **expose: object) -> Values:
    """Return one organisation's party, with a peer elsewhere."""
    return one_in(cluster(exposure=exposure), expose={"host": "fate.bank.example"} | expose, peers=[PEER])


def each(first: Values, second: Values, **changes: object) -> Values:
    """Return two parties, each with a runtime of its own and node ports."""
    return two(
        {"runtime": first, "expose": EXPOSED},
        {"runtime": second, "expose": {**EXPOSED, "gateway-port": 30301, "broker-port": 30673}},
        **{"mirror": EXTERNAL, **changes},
    )


def hybrid(mirror: Values, **expose: object) -> Values:
    return two(
        {"expose": {"host": BRIDGE, "bind": BRIDGE}},
        {"runtime": cluster("fate-cluster"), "expose": {"host": BRIDGE, **NODE_PORTS, **expose}},
        mirror=mirror,
    )


def scheduled(**scheduling: object) -> Values:
    return one_in(cluster(scheduling=scheduling))


def page_of(id: str, host: str) -> Values:
    """Return a party whose notebook an Ingress opens."""
    return {"id": id, "engines": RABBITMQ, "notebook": {"ingress": {"host": host}}}


def sized(party: Values | None = None, **size: object) -> Values:
    sizes = {key.replace("_", "-"): value for key, value in size.items()}
    return one_in(cluster(storage={"size": sizes}), **(party or {}))


def mirrored(**mirror: object) -> Values:
    return two_in(mirror={key: value for key, value in {**MIRROR, **mirror}.items() if value is not DROP})


ACCEPTED_ON_KUBERNETES: dict[str, Values] = {
    "the dev stack on Kubernetes": two_in(),
    "a page that a forwarded port opens": one_in(notebook={}),
    "a page behind an Ingress": one_in(
        notebook={"ingress": {"host": "notebook.bank.example", "class": "nginx", "tls-secret": "pages"}}
    ),
    "a party on each of Docker and Kubernetes": hybrid({"kind": "distribution", "bind": BRIDGE}),
    "a mirror by the name that each node has for it": hybrid(
        {"kind": "distribution", "address": "localhost:5000"}
    ),
    "one organisation's party on its cluster": out(
        {
            "kind": "load-balancer",
            "annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"},
            "load-balancer-class": "service.k8s.aws/nlb",
        },
        sources=["192.0.2.0/24", "2001:db8::/32"],
    ),
    "a load balancer for everybody, said so": out({"kind": "load-balancer", "reach": "public"}),
    "an Ingress, and a broker for some addresses": out(
        {
            "kind": "ingress",
            "broker": {"sources": ["192.0.2.0/24"], "load-balancer-class": "bank.example/l4"},
        },
        **BY_NAME,
    ),
    "a load balancer that no party has": two_in(cluster(exposure={"kind": "load-balancer"})),
    "an Ingress": out(
        {"kind": "ingress", "class": "nginx", "tls-secret": "fate-tls", "broker": {"reach": "internal"}},
        **{"gateway-port": 80, "broker-host": "amqp.bank.example", "broker-port": 80},
    ),
    "an Ingress, and Pulsar for some addresses": one_in(
        cluster(exposure={"kind": "ingress", "pulsar": {"sources": ["192.0.2.0/24"]}}),
        engines=PULSAR,
        expose={"host": "fate.bank.example", "gateway-port": 80, "pulsar-host": "pulsar.bank.example"},
        peers=[PEER],
    ),
    "a Gateway": out({**GATEWAY, "http-section": "http", "tcp-section": "amqp"}),
    "a party alone in a namespace that exists": one_in(
        cluster(namespace="fate-9999", kubeconfig="~/bank.yaml", **{"create-namespace": False})
    ),
    "one namespace in two clusters": each(cluster("a", namespace="fate"), cluster("b", namespace="fate")),
    "one context of two kubeconfigs": each(
        cluster(namespace="fate", kubeconfig="a"), cluster(namespace="fate", kubeconfig="b")
    ),
    "two namespaces of one cluster": two(
        {"runtime": cluster(namespace="fate-a")}, {"runtime": cluster(namespace="fate-b")}, mirror=EXTERNAL
    ),
    "one node port in two clusters": two(
        {"runtime": cluster("a"), "expose": EXPOSED},
        {"runtime": cluster("b"), "expose": EXPOSED},
        mirror=EXTERNAL,
    ),
    "a mirror in the cluster": mirrored(),
    "a mirror in the cluster, built elsewhere and pulled by its name": mirrored(
        address="fate.bank.example", builder={"kind": "docker", "host": "ssh://a@b.example"}
    ),
    "a mirror in the cluster that others fill": mirrored(builds=False),
    "a cache in the cluster": mirrored(upstream="https://registry.bank.example")
    | {"images": {"from": "registry", "prefix": "registry.bank.example/fate"}},
    "claims": sized(fateflow_data="50Gi", fateflow_jobs="1.5Ti", database="500Mi", broker="1G"),
    "a claim of the mirror": mirrored() | {"runtime": cluster(storage={"size": {"registry": "20Gi"}})},
    "claims of one pod in a class": one_in(
        cluster(storage={"class": "fast.ssd", "access": "ReadWriteOncePod", "replace": True})
    ),
    "nodes": scheduled(
        **{
            "node-selector": {"topology.kubernetes.io/zone": "a", "fate": ""},
            "tolerations": [
                {"key": "fate", "value": "true", "effect": "NoExecute", "toleration-seconds": 60},
                {"operator": "Exists"},
            ],
            "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
            "priority-class": "system-cluster-critical",
        }
    ),
    "the other settings of a cluster": one_in(
        cluster(
            security="baseline",
            **{
                "pull-secrets": ["registry"],
                "cluster-domain": "bank.internal",
                "gateway-replicas": 2,
                "start-limit": 900,
            },
        ),
        database="sqlite",
        services={"fateflow": {"memory": 4096}},
    ),
}

RUNTIME = "fate:runtime"
OF_CLUSTERS: dict[str, Refusal] = {
    "a cluster without a context": (
        two_in({"kind": "kubernetes"}),
        f"{RUNTIME}.context",
        "is missing",
        "never the current one unasked",
    ),
    "a setting of Docker in a cluster": (
        two_in(cluster(host="ssh://a@b.example")),
        f"{RUNTIME}.host",
        "not a key",
        "the keys here are kind, context",
    ),
    "a namespace in capitals": (
        one_in(cluster(namespace="FATE")),
        f"{RUNTIME}.namespace",
        "not the name of a namespace",
        "fate-9999",
    ),
    "a namespace of 64 letters": (
        one_in(cluster(namespace="f" * 64)),
        f"{RUNTIME}.namespace",
        "1 to 63",
        "fate-9999",
    ),
    "a namespace that is a number": (
        one_in(cluster(namespace=9999)),
        f"{RUNTIME}.namespace",
        "9999 is a number",
        '"9999", in quotes',
    ),
    "an unknown Pod Security level": (
        two_in(cluster(security="restrictd")),
        f"{RUNTIME}.security",
        "not one of restricted | baseline",
        "write restricted",
    ),
    "a volume that no service has": (
        sized(fateflow_dta="1Gi"),
        f"{RUNTIME}.storage.size.fateflow-dta",
        "not a volume of any service",
        "write fateflow-data",
    ),
    "a size without a unit": (
        sized(database="10"),
        f"{RUNTIME}.storage.size.database",
        "not an amount of storage",
        "10Gi",
    ),
    "a size that is a number": (
        sized(database=10),
        f"{RUNTIME}.storage.size.database",
        "10 is a number",
        "such as 10Gi",
    ),
    "a size in thousandths": (
        sized(database="10m"),
        f"{RUNTIME}.storage.size.database",
        "not an amount",
        "500Mi",
    ),
    "a claim that many nodes write": (
        two_in(cluster(storage={"access": "ReadWriteMany"})),
        f"{RUNTIME}.storage.access",
        "not one of",
        "write ReadWriteOnce",
    ),
    "a storage class by its field's name": (
        two_in(cluster(storage={"storage-class": "fast"})),
        f"{RUNTIME}.storage.storage-class",
        "not a key",
        "class",
    ),
    "an unknown exposure": (
        two_in(cluster(exposure={"kind": "nodeport"})),
        f"{RUNTIME}.exposure.kind",
        "not a kind",
        "kind: node-port",
    ),
    "a Gateway without its namespace": (
        two_in(cluster(exposure={"kind": "gateway-api", "gateway": "public"})),
        f"{RUNTIME}.exposure.gateway-namespace",
        "is missing",
        "write gateway-namespace",
    ),
    "an annotation that is no text": (
        two_in(cluster(exposure={"kind": "load-balancer", "annotations": {"a.example/internal": True}})),
        f'{RUNTIME}.exposure.annotations["a.example/internal"]',
        "is true",
        "in quotes",
    ),
    "an annotation without a key": (
        two_in(cluster(exposure={"kind": "ingress", "annotations": {"a b": ""}})),
        f'{RUNTIME}.exposure.annotations["a b"]',
        "not the key of a label",
        "topology.kubernetes.io/zone",
    ),
    "a label that is a number": (
        scheduled(**{"node-selector": {"rack": 1}}),
        f"{RUNTIME}.scheduling.node-selector.rack",
        "1 is a number",
        '"1", in quotes',
    ),
    "an affinity in kebab case": (
        scheduled(affinity={"node-affinity": {}}),
        f"{RUNTIME}.scheduling.affinity.node-affinity",
        "not a kind of affinity",
        "write nodeAffinity",
    ),
    "a toleration of a value that need not be there": (
        scheduled(tolerations=[{"key": "fate", "operator": "Exists", "value": "x"}]),
        f"{RUNTIME}.scheduling.tolerations[0].value",
        "operator Equal only",
        "leave value out",
    ),
    "a toleration of a value of nothing": (
        scheduled(tolerations=[{"value": "x"}]),
        f"{RUNTIME}.scheduling.tolerations[0].key",
        "is missing",
        "write key",
    ),
    "a toleration for a while of what evicts nobody": (
        scheduled(tolerations=[{"key": "x", "toleration-seconds": 1}]),
        f"{RUNTIME}.scheduling.tolerations[0].toleration-seconds",
        "effect NoExecute only",
        "write effect: NoExecute",
    ),
    "six gateways": (
        two_in(cluster(**{"gateway-replicas": 6})),
        f"{RUNTIME}.gateway-replicas",
        "6 is too large",
        "5 or less",
    ),
    "no time to start": (
        two_in(cluster(**{"start-limit": 10})),
        f"{RUNTIME}.start-limit",
        "10 is too small",
        "30 or more",
    ),
    "two parties in the stack's namespace": (
        two_in(cluster(namespace="fate")),
        f"{RUNTIME}.namespace",
        '"fate" in cluster prod is the namespace of parties 9999, 10000',
        "leave namespace out",
    ),
    "two parties in one namespace of their own": (
        each(cluster(namespace="fate"), cluster(namespace="fate")),
        "fate:parties[1].runtime.namespace",
        "have the same names",
        "a runtime with another",
    ),
    "the size of a database that is not there": (
        sized({"database": "sqlite"}, database="1Gi"),
        f"{RUNTIME}.storage.size.database",
        "nothing here has a volume database",
        "leave database out; the volumes here are fateflow-jobs",
    ),
    "the size of a broker that is not there": (
        sized({"engines": STANDALONE}, broker="1Gi"),
        f"{RUNTIME}.storage.size.broker",
        "nothing here has a volume broker",
        "fateflow-data, database",
    ),
    "the size of a mirror that is not there": (
        sized(registry="1Gi"),
        f"{RUNTIME}.storage.size.registry",
        "nothing here",
        "leave registry out",
    ),
    "the size of a mirror at a party": (
        two(
            {"peers": []},
            {"peers": [], "runtime": cluster(storage={"size": {"registry": "1Gi"}})},
            mirror={"kind": "distribution", "bind": BRIDGE},
        ),
        "fate:parties[1].runtime.storage.size.registry",
        "nothing here",
        "leave registry out",
    ),
}

AT_PAGE = "fate:parties[0].notebook"
OF_PAGES_IN_A_CLUSTER: dict[str, Refusal] = {
    "a port of a page on a cluster": (
        one_in(notebook={"port": 8888}),
        f"{AT_PAGE}.port",
        "is open on every node",
        "port-forward service/notebook 20000",
    ),
    "an address of a page on a cluster": (
        one_in(notebook={"bind": "127.0.0.1"}),
        f"{AT_PAGE}.bind",
        "is for Docker",
        "write ingress: {host: ...}",
    ),
    "a page at an address": (
        one_in(notebook={"ingress": {"host": "Notebook"}}),
        f"{AT_PAGE}.ingress.host",
        "not the name of an object",
        "as kubectl get shows it",
    ),
    "one name for two pages": (
        two_in(parties=[page_of("9999", "pages.bank.example"), page_of("10000", "pages.bank.example")]),
        "fate:parties[1].notebook.ingress.host",
        "is the name at fate:parties[0].notebook.ingress.host already",
        "a name of its own",
    ),
    "one name for a page and a gateway": (
        one_in(
            cluster(exposure=INGRESS),
            expose={"host": "fate.bank.example", **BY_NAME},
            peers=[PEER],
            notebook={"ingress": {"host": "fate.bank.example"}},
        ),
        f"{AT_PAGE}.ingress.host",
        "is the name at fate:parties[0].expose.host already",
        "a name of its own",
    ),
}

AT_EXPOSE = "fate:parties[0].expose"
OF_OPENINGS: dict[str, Refusal] = {
    "an API out of a cluster": (
        one_in(api={"port": 9380}),
        "fate:parties[0].api",
        "asks for no password",
        "kubectl --context prod --namespace fate-STACK-9999 port-forward service/gateway 9300, and beside it"
        " curl --header 'dest-party-id: 0' http://127.0.0.1:9300/v2/server/fateflow",
    ),
    "an API of a party without a gateway out of a cluster": (
        eggroll(runtime=cluster(), api={"port": 9380}),
        "fate:parties[0].api",
        "asks for no password",
        "--namespace fate-STACK-9999 exec service/fateflow --container fateflow -- python -c",
    ),
    "an API out of a namespace of a kubeconfig": (
        one_in(cluster("the bank's", namespace="fate", kubeconfig="~/k"), api={"port": 9380}),
        "fate:parties[0].api",
        "is for Docker",
        "kubectl --kubeconfig '~/k' --context 'the bank'\"'\"'s' --namespace fate port-forward",
    ),
    "a gateway on a port that nodes do not open": (
        out({"kind": "node-port"}, **{"broker-port": 30672}),
        f"{AT_EXPOSE}.gateway-port",
        "nodes open 30000 to 32767",
        "write gateway-port: 30300",
    ),
    "a broker on a port that nodes do not open": (
        out({"kind": "node-port"}, **{"gateway-port": 32767, "broker-port": 32768}),
        f"{AT_EXPOSE}.broker-port",
        "32768 cannot be opened",
        "write broker-port: 30768",
    ),
    "one node port twice": (
        two_in(
            parties=[
                {"id": "9999", "engines": RABBITMQ, "expose": {**EXPOSED, "gateway-port": 32767}},
                {"id": "1", "engines": RABBITMQ, "expose": {**EXPOSED, "broker-port": 32767}},
            ]
        ),
        "fate:parties[1].expose.broker-port",
        "port 32767 on 0.0.0.0 of cluster prod is opened for the gateway of party 9999 already",
        "such as 32766",
    ),
    "the mirror's node port": (
        mirrored(port=30300) | {"parties": [{"id": "1", "engines": RABBITMQ, "expose": EXPOSED}]},
        f"{AT_EXPOSE}.gateway-port",
        "of cluster prod is opened for the mirror already",
        "such as 30301",
    ),
    "one port of one load balancer twice": (
        out(BALANCED, **{"gateway-port": 5672}),
        f"{AT_EXPOSE}.broker-port",
        "of fate.bank.example is opened for the gateway of party 9999 already",
        "such as 5673",
    ),
    "a load balancer of which nothing says who reaches it": (
        out({"kind": "load-balancer", "annotations": {"external-dns.example/hostname": "fate.bank.example"}}),
        f"{RUNTIME}.exposure.reach",
        "is missing: a managed cluster gives a load balancer a public address unless an annotation keeps it",
        "write reach: internal, with your cloud's own annotation, such as service.beta.kubernetes.io/aws-",
    ),
    "a broker beside an Ingress of which nothing says who reaches it": (
        out({"kind": "ingress", "class": "nginx"}, **BY_NAME),
        f"{RUNTIME}.exposure.broker.reach",
        "is missing: a managed cluster gives a load balancer a public address",
        "or reach: public",
    ),
    "an unknown reach": (
        out({"kind": "load-balancer", "reach": "external"}),
        f"{RUNTIME}.exposure.reach",
        '"external" is not one of internal | public',
        "write ",
    ),
    "an Ingress on no port": (
        out(INGRESS, **{"broker-host": "fate.bank.example"}),
        f"{AT_EXPOSE}.gateway-port",
        "peers dial the Ingress controller",
        "write gateway-port: 80",
    ),
    "an Ingress and a broker by one name": (
        out(INGRESS, **{"gateway-port": 80}),
        f"{AT_EXPOSE}.broker-host",
        "the broker speaks AMQP, which no Ingress carries",
        "fate.bank.example again if both share one",
    ),
    "an Ingress at an address": (
        out(INGRESS, host="192.0.2.10", **{"gateway-port": 80, "broker-host": "192.0.2.10"}),
        f"{AT_EXPOSE}.host",
        "exposure ingress routes by the name",
        "kind: load-balancer",
    ),
    "a Gateway at a name in capitals": (
        out(GATEWAY, host="Fate.bank.example"),
        f"{AT_EXPOSE}.host",
        "no name in lower-case letters",
        "fate.bank.example",
    ),
    "sources behind a Gateway": (
        out(GATEWAY, sources=["192.0.2.0/24"]),
        f"{AT_EXPOSE}.sources",
        "would shut everybody out: with exposure gateway-api",
        "filter at the controller",
    ),
    "an address of a machine in a cluster": (
        one_in(expose={**EXPOSED, "bind": "192.0.2.1"}),
        f"{AT_EXPOSE}.bind",
        "192.0.2.1 is without effect in a cluster",
        "leave bind out",
    ),
    "sources on Docker": (
        stack(
            parties=[{"id": "1", "engines": RABBITMQ, "expose": {"host": "a.example", "sources": ["::/0"]}}]
        ),
        f"{AT_EXPOSE}.sources",
        "does not filter by source",
        "firewall",
    ),
    "a source that is no range": (
        one_in(expose={**EXPOSED, "sources": ["bank.example"]}),
        f"{AT_EXPOSE}.sources[0]",
        "not a range of addresses",
        "192.0.2.0/24",
    ),
    "a source that is an address": (
        one_in(expose={**EXPOSED, "sources": ["192.0.2.7"]}),
        f"{AT_EXPOSE}.sources[0]",
        "not how the range",
        "write 192.0.2.7/32",
    ),
    "a source that ends within a range": (
        one_in(expose={**EXPOSED, "sources": ["192.0.2.7/24"]}),
        f"{AT_EXPOSE}.sources[0]",
        "not how the range",
        "write 192.0.2.0/24",
    ),
    "a party in another cluster that exposes nothing": (
        two({"runtime": cluster("a"), "expose": EXPOSED}, {"runtime": cluster("b")}, mirror=EXTERNAL),
        "fate:parties[1].expose",
        "from elsewhere (cluster a)",
        "write expose",
    ),
    "a party on Docker that exposes nothing to a cluster": (
        two({}, {"runtime": cluster(), "expose": EXPOSED}, mirror=EXTERNAL),
        "fate:parties[0].expose",
        'dials party "9999" from elsewhere (cluster prod)',
        "write expose",
    ),
}

OF_MIRRORS: dict[str, Refusal] = {
    "packages in a cluster without a mirror": (
        two_in(mirror=DROP),
        "fate:mirror",
        "is missing",
        "kind: stack",
    ),
    "a mirror in a cluster without an image": (
        mirrored(image=DROP),
        "fate:mirror.image",
        "is missing",
        "sha256:",
    ),
    "a mirror in a cluster that starts from itself": (
        mirrored(image=f"localhost:30500/fate/registry@{DIGEST}"),
        "fate:mirror.image",
        "lies in the mirror itself (localhost:30500)",
        "pull from already",
    ),
    "a mirror's image by tag alone": (
        mirrored(image="registry.bank.example/registry:2.8"),
        "fate:mirror.image",
        "by its registry and its digest",
        "@sha256:",
    ),
    "a mirror's image without a registry": (
        mirrored(image=f"registry@{DIGEST}"),
        "fate:mirror.image",
        "by its registry and its digest",
        "host/name",
    ),
    "a mirror on a port that nodes do not open": (
        mirrored(port=DROP),
        "fate:mirror.port",
        "5000 cannot be opened",
        "port: 30500",
    ),
    "a mirror in a cluster at an address": (
        mirrored(bind="192.0.2.1"),
        "fate:mirror.bind",
        "without effect in a cluster",
        "leave bind out",
    ),
    "a mirror on Docker with an image": (
        stack(mirror={"kind": "distribution", "image": IMAGE}),
        "fate:mirror.image",
        "built here, from its recipe",
        "leave image out",
    ),
    "a mirror on Docker with a builder": (
        stack(mirror={"kind": "distribution", "builder": {"kind": "docker"}}),
        "fate:mirror.builder",
        "the engine that runs the mirror builds",
        "leave builder out",
    ),
    "a mirror that others fill, with a builder": (
        mirrored(builds=False, builder={"kind": "docker"}),
        "fate:mirror.builder",
        "without effect beside builds: false",
        "leave builder or builds out",
    ),
    "a builder that is a cluster": (
        mirrored(builder={"kind": "kubernetes"}),
        "fate:mirror.builder.kind",
        "not one of docker",
        "write docker",
    ),
    "a mirror on Docker's loopback, for a cluster": (
        hybrid({"kind": "distribution"}),
        "fate:parties[1].runtime.context",
        "cluster fate-cluster cannot pull from the mirror on this machine, which is localhost:5000",
        "address: ...",
    ),
    "a mirror on every address of Docker, known by none": (
        hybrid({"kind": "distribution", "bind": "0.0.0.0"}),
        "fate:parties[1].runtime.context",
        "localhost:5000 there and nowhere else",
        "address: ...",
    ),
    "a mirror in a cluster, for Docker": (
        mirrored()
        | {
            "parties": [
                {"id": "9999", "engines": RABBITMQ, "expose": EXPOSED},
                {
                    "id": "1",
                    "engines": RABBITMQ,
                    "expose": {"host": "a.example"},
                    "runtime": {"host": "unix:///var/run/docker.sock"},
                },
            ]
        },
        "fate:parties[1].runtime.host",
        "this machine cannot pull from the mirror on cluster prod",
        "kind: external",
    ),
}

OF_KUBERNETES = OF_CLUSTERS | OF_OPENINGS | OF_PAGES_IN_A_CLUSTER | OF_MIRRORS
