"""Stacks on Kubernetes, one for each way that objects can differ."""

from typing import Any

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
CLUSTER = {"kind": "kubernetes", "context": "prod"}
EXTERNAL = {"kind": "external", "address": "registry.bank.example/fate"}
PARTNER = {"id": "10000", "host": "203.0.113.7"}
REGISTRY_IMAGE = f"registry.bank.example/registry@sha256:{'b' * 64}"


def stack(
    runtime: dict[str, Any] | None = None,
    party: dict[str, Any] | None = None,
    mirror: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return one organisation's stack: a party on its cluster, and a partner elsewhere."""
    expose = {"host": "fate.bank.example", "gateway-port": 30300, "broker-port": 30672}
    of_party = {"id": "9999", "engines": ENGINES, "expose": expose, "peers": [PARTNER], **(party or {})}
    return {
        "release": "2.2.0",
        "runtime": {**CLUSTER, **(runtime or {})},
        "images": {"from": "packages"},
        "mirror": mirror or EXTERNAL,
        "parties": [of_party],
    }


def star() -> dict[str, Any]:
    """Return a stack of two parties that meet the exchange alone, which a third party elsewhere dials too."""
    third = {"id": "10001", "host": "203.0.113.9", "broker-at": 30703}
    parties = [
        {"id": "9999", "engines": ENGINES, "exchange": {"broker-at": 30701}, "peers": [{"id": "10000"}]},
        {"id": "10000", "engines": ENGINES, "exchange": {"broker-at": 30702}, "peers": [{"id": "9999"}]},
    ]
    opened = {"host": "fate.exchange.example", "gateway-port": 30700}
    exchange = {"kind": "gateway", "parties": [third], "expose": opened}
    return {**stack(), "parties": parties, "exchange": exchange}


def star_of_osx() -> dict[str, Any]:
    """Return a stack of two parties with Eggroll that meet the OSX in the middle alone, as a third does."""
    engines = {"computing": "eggroll", "storage": "eggroll", "federation": "osx"}
    parties = [{"id": id, "engines": engines, "exchange": {}} for id in ("9999", "10000")]
    opened = {"host": "fate.exchange.example", "osx-port": 30700}
    exchange = {"kind": "osx", "parties": [{"id": "10001", "host": "203.0.113.9"}], "expose": opened}
    return {**stack(), "images": {"from": "hub"}, "parties": parties, "exchange": exchange}


def exchange_alone(exposure: dict[str, Any]) -> dict[str, Any]:
    """Return the stack of the organisation in the middle of a star, which has no party of its own."""
    members = [
        {"id": "9999", "host": "203.0.113.7", "broker-at": 5701},
        {"id": "10000", "host": "fate.partner.example", "broker-at": 5702},
    ]
    opened = {"host": "fate.exchange.example", "sources": ["203.0.113.0/24"]}
    values = stack({"exposure": exposure})
    del values["parties"]
    return {**values, "exchange": {"kind": "gateway", "parties": members, "expose": opened}}


BALANCED = {"kind": "load-balancer", "annotations": {"example.com/internal": "true"}, "reach": "internal"}
OUTSIDE = {"annotations": {"example.com/internal": "false"}, "sources": ["192.0.2.0/24"]}
INGRESS = {"kind": "ingress", "class": "nginx", "tls-secret": "fate-tls", "broker": OUTSIDE}
ROUTES = {"kind": "gateway-api", "gateway": "outer", "gateway-namespace": "ingress", "tcp-section": "amqp"}

PULSAR = {**ENGINES, "federation": "pulsar"}
OF_PULSAR = {
    "engines": PULSAR,
    "expose": {"host": "fate.bank.example", "gateway-port": 30300, "pulsar-port": 30650},
}

STACKS: dict[str, dict[str, Any]] = {
    "node ports": stack(),
    "a load balancer, sources named": stack(
        {"exposure": BALANCED},
        {"expose": {"host": "fate.bank.example", "sources": ["203.0.113.0/24"]}},
    ),
    "an ingress": stack(
        {"exposure": INGRESS},
        {"expose": {"host": "fate.bank.example", "broker-host": "amqp.bank.example", "gateway-port": 80}},
    ),
    "routes of a gateway": stack({"exposure": ROUTES}),
    "a namespace that exists": stack({"namespace": "team-a", "create-namespace": False}),
    "scheduled": stack(
        {
            "scheduling": {
                "node-selector": {"pool": "fate"},
                "tolerations": [{"key": "fate", "operator": "Exists"}],
                "priority-class": "high",
            },
            "gateway-replicas": 2,
            "pull-secrets": ["bank-registry"],
            "storage": {"class": "fast", "size": {"database": "40Gi"}},
        }
    ),
    "its own mirror": stack(mirror={"kind": "distribution", "port": 30500, "image": REGISTRY_IMAGE}),
    "sqlite": stack(party={"database": "sqlite"}),
    "Pulsar on node ports": stack(party=OF_PULSAR),
    "Pulsar beside an ingress": stack(
        {"exposure": {"kind": "ingress", "pulsar": OUTSIDE}},
        {
            "engines": PULSAR,
            "expose": {
                "host": "fate.bank.example",
                "pulsar-host": "pulsar.bank.example",
                "gateway-port": 80,
            },
        },
    ),
    "Pulsar on routes of a gateway": stack({"exposure": ROUTES}, OF_PULSAR),
    "Spark and HDFS": stack(
        party={
            "engines": {**ENGINES, "computing": "spark", "storage": "hdfs"},
            "services": {"sparkworker": {"instances": 2}, "datanode": {"instances": 2}},
        }
    ),
    "Spark with tables in files": stack(
        party={"engines": {**ENGINES, "computing": "spark", "storage": "file"}}
    ),
    "Eggroll and OSX from the hub": stack(
        party={
            "engines": {"computing": "eggroll", "storage": "eggroll", "federation": "osx"},
            "expose": {"host": "fate.bank.example", "osx-port": 30370},
            "services": {"nodemanager": {"instances": 2}},
        }
    )
    | {"images": {"from": "hub"}},
    "Eggroll and OSX on GPUs": stack(
        party={
            "engines": {"computing": "eggroll", "storage": "eggroll", "federation": "osx"},
            "algorithm": "nn",
            "device": "gpu",
            "expose": {"host": "fate.bank.example", "osx-port": 30370},
            "services": {"nodemanager": {"instances": 2, "gpus": 4}},
        }
    )
    | {"release": "2.0.0", "images": {"from": "hub"}},
    "a star": star(),
    "a star of OSX": star_of_osx(),
    "an exchange alone, behind a load balancer": exchange_alone(BALANCED),
}
