"""Changes to a stack of two parties and their mirror: together they touch every setting."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.declared.preview_repository import ENGINES

Values = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What a change does to a stack's keys, and to the program's files."""

    keys: Callable[[Values], object] = lambda values: None
    files: Mapping[str, Callable[[str], str]] | None = None

    def changed(self, base: Mapping[str, Any]) -> Values:
        """Return the stack's keys after the change."""
        values: Values = copy.deepcopy(dict(base))
        self.keys(values)
        return values

    def rewrite(self, folder: Path) -> None:
        """Change the program's files."""
        for name, rewritten in (self.files or {}).items():
            file = folder / name
            file.write_text(rewritten(file.read_text()))


def _party(place: int, **keys: object) -> Change:
    return Change(lambda values: values["parties"][place].update(keys))


def _service(service: str, **keys: object) -> Change:
    return _party(0, services={service: keys})


def _stack(**keys: object) -> Change:
    return Change(lambda values: values.update(keys))


def _mirror(**keys: object) -> Change:
    return Change(lambda values: values["mirror"].update(keys))


def _replaced(file: str, old: str, new: str) -> Change:
    def rewritten(text: str) -> str:
        assert old in text, f"{file} no longer says {old}"
        return text.replace(old, new, 1)

    return Change(files={file: rewritten})


def _ends_with(file: str, line: str) -> Change:
    return Change(files={file: lambda text: f"{text}{line}\n"})


SOCKET = "unix:///run/docker.sock"
"""The same engine by another name."""
HOST = "172.17.0.1"
VOLUME = """        f"{place.prefix}-{name}",
        name=place.name(name),"""
STANDALONE = ENGINES | {"federation": "standalone"}

CHANGES: Mapping[str, Change] = {
    "nothing": Change(),
    "a party added": Change(lambda v: v["parties"].append({"id": "10001", "engines": ENGINES})),
    "a party removed": Change(lambda v: v["parties"].pop()),
    "a party renamed": _party(1, id="10002"),
    "the order of parties": Change(lambda v: v["parties"].reverse()),
    "a peer elsewhere added": _party(
        0,
        peers=[{"id": "10000"}, {"id": "7", "host": "fate.example.org"}],
        expose={"host": HOST, "bind": HOST},
    ),
    "peers removed": Change(lambda v: [party.update(peers=[]) for party in v["parties"]]),
    "federation engine changed": Change(
        lambda v: [party.update(engines=STANDALONE, peers=[]) for party in v["parties"]]
    ),
    "database without a server": _party(0, database="sqlite"),
    "memory raised": _service("fateflow", memory=3000),
    "memory lowered": _service("gateway", memory=96),
    "a limit of CPUs": _service("database", cpus=1.5),
    "an environment variable": _service("broker", environment={"RABBITMQ_EXTRA": "1"}),
    "a key of nginx.conf": _service("gateway", configuration={"nginx.conf": {"proxy_read_timeout": "99s"}}),
    "a key of service_conf.yaml": _service(
        "fateflow", configuration={"service_conf.yaml": {"log_level": 10}}
    ),
    "a key of my.cnf": _service("database", configuration={"my.cnf": {"max_connections": 77}}),
    "an API opened to all": _party(0, api={"port": 19480, "bind": "0.0.0.0"}),
    "an API closed": Change(lambda v: v["parties"][0].pop("api")),
    "an API moved": _party(1, api={"port": 19482}),
    "a party exposed": _party(0, expose={"host": HOST, "gateway-port": 19390, "broker-port": 19391}),
    "database passwords rotated": _stack(rotation={"database": 2}),
    "broker passwords rotated": _stack(rotation={"broker": 2}),
    "the stack protected": _stack(protect=True),
    "the mirror on another port": _mirror(port=5078),
    "the mirror on another address": _mirror(bind=HOST),
    "the mirror caching": Change(
        lambda v: (
            v["mirror"].update(upstream="https://registry.example.org"),
            v.update(images={"from": "registry", "prefix": "registry.example.org/fate"}),
        )
    ),
    "another registry": _stack(
        mirror={"kind": "external", "address": "localhost:5999"},
        images={"from": "registry", "prefix": "localhost:5999/fate"},
    ),
    "the engine by another name": _stack(runtime={"kind": "docker", "host": SOCKET}),
    "a party on an engine of its own": Change(
        lambda v: (
            v["parties"][0].update(runtime={"kind": "docker", "host": SOCKET}),
            [party.update(expose=_exposed(place)) for place, party in enumerate(v["parties"])],
        )
    ),
    "the recipe of the gateway": _ends_with("images/nginx/Dockerfile", "LABEL changed=yes"),
    "the recipe of the registry": _ends_with("images/registry/Dockerfile", "LABEL changed=yes"),
    "the base of all recipes": _ends_with("images/base/Dockerfile", "LABEL changed=yes"),
    "the start script": _ends_with("components/services/start.sh", "# changed"),
    "a label of every container": _replaced(
        "components/runtimes/docker.py", '"fate.service": ', '"fate.changed": "yes", "fate.service": '
    ),
    "volumes that are not kept": _replaced(
        "components/runtimes/docker.py", "retain_on_delete=True", "retain_on_delete=False"
    ),
    "volumes of another name": _replaced(
        "components/runtimes/docker.py", VOLUME, VOLUME.replace("place.name(name)", "place.name(name, 'new')")
    ),
    "several at once": Change(
        lambda v: (
            v["parties"][0].update(services={"fateflow": {"memory": 3000}}),
            v["parties"][1].update(api={"port": 19482, "bind": "0.0.0.0"}),
            v.update(rotation={"broker": 3}),
        )
    ),
}


def _exposed(place: int) -> dict[str, object]:
    return {"host": HOST, "bind": HOST, "gateway-port": 19390 + place, "broker-port": 19395 + place}


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


CLUSTER_CHANGES: Mapping[str, Change] = {
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
    "memory raised": _service("fateflow", memory=3000),
    "a limit of CPUs": _service("database", cpus=1.5),
    "an environment variable": _service("broker", environment={"RABBITMQ_EXTRA": "1"}),
    "a key of nginx.conf": _service("gateway", configuration={"nginx.conf": {"proxy_read_timeout": "99s"}}),
    "a party exposed on node ports": _open(),
    "a party exposed by a load balancer": _open(exposure={"kind": "load-balancer", "reach": "public"}),
    "a party exposed by an Ingress": _open(
        "fate.example.org",
        "amqp.example.org",
        exposure={"kind": "ingress", "class": "nginx", "broker": {"reach": "internal"}},
    ),
    "two gateways": _cluster(**{"gateway-replicas": 2}),
    "another node": _cluster(scheduling={"node-selector": {"disk": "fast"}}),
    "another Pod Security level": _cluster(security="baseline"),
    "another namespace": Change(
        lambda v: v["parties"][0]["runtime"].update(namespace="fate-truth-elsewhere")
    ),
    "passwords rotated": _stack(rotation={"database": 2, "broker": 2}),
    "the stack protected": _stack(protect=True),
    "the recipe of the gateway": _ends_with("images/nginx/Dockerfile", "LABEL changed=yes"),
    "the start script": _ends_with("components/services/start.sh", "# changed"),
    "a party moved to Docker": Change(
        lambda v: (
            v["parties"][0].pop("runtime"),
            v["parties"][0].update(expose=_exposed(0)),
            v["parties"][1].update(expose={"host": HOST, "gateway-port": 30390, "broker-port": 30391}),
        )
    ),
}
