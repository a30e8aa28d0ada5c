"""Changes to a stack of two parties and their mirror: together they touch every setting."""

from collections.abc import Mapping

from tests.declared.preview_change import Change, ends_with, party, service, stack
from tests.declared.preview_cluster_code import CLUSTER_CODE
from tests.declared.preview_docker_code import DOCKER_CODE
from tests.declared.preview_repository import ENGINES

SOCKET = "unix:///run/docker.sock"
"""The same engine by another name."""
HOST = "172.17.0.1"
STANDALONE = ENGINES | {"federation": "standalone"}
Batches = Mapping[str, Mapping[str, Change]]
"""Changes that touch nothing in common stand together: one preview of all tells what each comes to."""


def _mirror(**keys: object) -> Change:
    return Change(lambda values: values["mirror"].update(keys))


def _exposed(place: int) -> dict[str, object]:
    return {"host": HOST, "bind": HOST, "gateway-port": 19390 + place, "broker-port": 19395 + place}


ALONE: Mapping[str, Change] = {
    "nothing": Change(),
    "a party added": Change(lambda v: v["parties"].append({"id": "10001", "engines": ENGINES})),
    "a party removed": Change(lambda v: v["parties"].pop()),
    "a party renamed": party(1, id="10002"),
    "the order of parties": Change(lambda v: v["parties"].reverse()),
    "a peer elsewhere added": party(
        0,
        peers=[{"id": "10000"}, {"id": "7", "host": "fate.example.org"}],
        expose={"host": HOST, "bind": HOST},
    ),
    "peers removed": Change(lambda v: [party.update(peers=[]) for party in v["parties"]]),
    "federation engine changed": Change(
        lambda v: [party.update(engines=STANDALONE, peers=[]) for party in v["parties"]]
    ),
    "database without a server": party(0, database="sqlite"),
    "broker passwords rotated": stack(rotation={"broker": 2}),
    "the mirror on another port": _mirror(port=5078),
    "the mirror on another address": _mirror(bind=HOST),
    "the mirror caching": Change(
        lambda v: (
            v["mirror"].update(upstream="https://registry.example.org"),
            v.update(images={"from": "registry", "prefix": "registry.example.org/fate"}),
        )
    ),
    "another registry": stack(
        mirror={"kind": "external", "address": "localhost:5999"},
        images={"from": "registry", "prefix": "localhost:5999/fate"},
    ),
    "the engine by another name": stack(runtime={"kind": "docker", "host": SOCKET}),
    "a party on an engine of its own": Change(
        lambda v: (
            v["parties"][0].update(runtime={"kind": "docker", "host": SOCKET}),
            [party.update(expose=_exposed(place)) for place, party in enumerate(v["parties"])],
        )
    ),
    "the base of all recipes": ends_with("images/base/Dockerfile", "LABEL changed=yes"),
    "the start script": ends_with("components/services/start.sh", "# changed"),
    "several at once": Change(
        lambda v: (
            v["parties"][0].update(services={"fateflow": {"memory": 3000}}),
            v["parties"][1].update(api={"port": 19482, "bind": "0.0.0.0"}),
            v.update(rotation={"broker": 3}),
        )
    ),
}
SERVICES: Mapping[str, Change] = {
    "memory raised": service("fateflow", memory=3000),
    "memory lowered": service("gateway", memory=96),
    "a limit of CPUs": service("database", cpus=1.5),
    "an environment variable": service("broker", environment={"RABBITMQ_EXTRA": "1"}),
    "a key of nginx.conf": service("gateway", configuration={"nginx.conf": {"proxy_read_timeout": "99s"}}),
    "a key of service_conf.yaml": service("fateflow", configuration={"service_conf.yaml": {"log_level": 10}}),
    "a key of my.cnf": service("database", configuration={"my.cnf": {"max_connections": 77}}),
    "an API closed": Change(lambda v: v["parties"][0].pop("api")),
    "an API moved": party(1, api={"port": 19482}),
    "the stack protected": stack(protect=True),
}
OPENINGS: Mapping[str, Change] = {
    "an API opened to all": party(0, api={"port": 19480, "bind": "0.0.0.0"}),
    "a party exposed": party(0, expose={"host": HOST, "gateway-port": 19390, "broker-port": 19391}),
    "database passwords rotated": stack(rotation={"database": 2}),
}
RECIPES: Mapping[str, Change] = {
    "the recipe of the gateway": ends_with("images/nginx/Dockerfile", "LABEL changed=yes"),
    "the recipe of the registry": ends_with("images/registry/Dockerfile", "LABEL changed=yes"),
}


def _cluster(**keys: object) -> Change:
    return Change(lambda values: [party["runtime"].update(keys) for party in values["parties"]])


def _open(host: str = HOST, broker_host: str | None = None, **keys: object) -> Change:
    """Expose the first party, on whatever carries its ports out of the cluster."""
    ports = {"gateway-port": 30390, "broker-port": 30391}
    hosts = {"host": host, **({"broker-host": broker_host} if broker_host else {})}
    return Change(
        lambda v: (
            v["parties"][0].update(expose={**hosts, **ports}),
            v["parties"][0]["runtime"].update(keys),
        )
    )


def _size(volume: str, size: str) -> Change:
    return Change(lambda v: v["parties"][0]["runtime"]["storage"]["size"].update({volume: size}))


CLUSTER_ALONE: Mapping[str, Change] = {
    "nothing": Change(),
    "a party added": Change(lambda v: v["parties"].append({**v["parties"][0], "id": "10001"})),
    "a party removed": Change(lambda v: v["parties"].pop()),
    "peers removed": Change(lambda v: [party.update(peers=[]) for party in v["parties"]]),
    "federation engine changed": Change(
        lambda v: [
            (party.update(engines=STANDALONE, peers=[]), party["runtime"]["storage"]["size"].pop("broker"))
            for party in v["parties"]
        ]
    ),
    "database without a server": Change(
        lambda v: (
            v["parties"][0].update(database="sqlite"),
            v["parties"][0]["runtime"]["storage"]["size"].pop("database"),
        )
    ),
    "a party exposed on node ports": _open(),
    "a party exposed by a load balancer": _open(exposure={"kind": "load-balancer", "reach": "public"}),
    "a party exposed by an Ingress": _open(
        "fate.example.org",
        "amqp.example.org",
        exposure={"kind": "ingress", "class": "nginx", "broker": {"reach": "internal"}},
    ),
    "three gateways": _cluster(**{"gateway-replicas": 3}),
    "one gateway": _cluster(**{"gateway-replicas": 1}),
    "another namespace": Change(
        lambda v: v["parties"][0]["runtime"].update(namespace="fate-truth-elsewhere")
    ),
    "the start script": ends_with("components/services/start.sh", "# changed"),
    "a party moved to Docker": Change(
        lambda v: (
            v["parties"][0].pop("runtime"),
            v["parties"][0].update(expose=_exposed(0)),
            v["parties"][1].update(expose={"host": HOST, "gateway-port": 30390, "broker-port": 30391}),
        )
    ),
}
CLUSTER_SILENT: Mapping[str, Change] = {
    "a longer start limit": _cluster(**{"start-limit": 240}),
    "a claim's size by another name": _size("broker", "1024Mi"),
    "the stack protected": stack(protect=True),
}
CLUSTER_SERVICES: Mapping[str, Change] = {
    "memory raised": service("fateflow", memory=3000),
    "a limit of CPUs": service("database", cpus=1.5),
    "an environment variable": service("broker", environment={"RABBITMQ_EXTRA": "1"}),
    "a key of nginx.conf": service("gateway", configuration={"nginx.conf": {"proxy_read_timeout": "99s"}}),
    "a larger claim": _size("broker", "2Gi"),
    "another node": _cluster(scheduling={"node-selector": {"disk": "fast"}}),
    "another Pod Security level": _cluster(security="baseline"),
}
CLUSTER_RECIPES: Mapping[str, Change] = {
    "the recipe of the gateway": ends_with("images/nginx/Dockerfile", "LABEL changed=yes"),
    "passwords rotated": stack(rotation={"database": 2, "broker": 2}),
    "a taint that pods put up with": _cluster(scheduling={"tolerations": [{"key": "a", "value": "b"}]}),
}


def _alone(changes: Mapping[str, Change]) -> Batches:
    return {name: {name: change} for name, change in changes.items()}


BATCHES: Batches = {
    **_alone(ALONE),
    "settings of services": SERVICES,
    "openings": OPENINGS,
    "recipes": RECIPES,
    **DOCKER_CODE,
}
CLUSTER_BATCHES: Batches = {
    **_alone(CLUSTER_ALONE),
    "nothing to a cluster": CLUSTER_SILENT,
    "settings of services": CLUSTER_SERVICES,
    "recipes and passwords": CLUSTER_RECIPES,
    **CLUSTER_CODE,
}
SILENT = {
    *("nothing", "the order of parties", "the stack protected", "volumes that are not kept"),
    *("a longer start limit", "a claim's size by another name", "claims that are not kept"),
    *("a container's switches written out", "variables in another order", "labels in another order"),
    *("a port's protocol left out", "a volume's defaults left out", "an upload's defaults left out"),
    *("a network's driver written out", "a volume's driver written out", "a build's defaults written out"),
    *("a label of every network", "a label of every volume"),
    "a processor's share by another name",
    *("a Service's zero value written out", "a pod's zero values written out"),
}
"""What changes nothing that exists: protection, keeping and waiting are the engine's own notes."""


def of_several(batches: Batches) -> Batches:
    """Return the batches in which one change could hide another."""
    return {name: changes for name, changes in batches.items() if len(changes) > 1}
