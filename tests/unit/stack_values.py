"""A stack's values, and how examples change them."""

import copy
from typing import Any

Values = dict[str, Any]
Refusal = tuple[Values, str, str, str]

RABBITMQ = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
PULSAR = {**RABBITMQ, "federation": "pulsar"}
STANDALONE = {**RABBITMQ, "federation": "standalone"}
DEV: Values = {
    "release": "2.2.0",
    "runtime": {"kind": "docker"},
    "images": {"from": "packages"},
    "mirror": {"kind": "distribution"},
    "parties": [{"id": "9999", "engines": RABBITMQ}, {"id": "10000", "engines": RABBITMQ}],
}
EXPOSE = {"host": "fate.bank.example", "bind": "192.0.2.1"}
DIGEST = "sha256:" + "0" * 64
EXTERNAL = {"kind": "external", "address": "registry.bank.example:5000/fate"}
SERVICES = "fate:parties[0].services"
CONF = f'{SERVICES}.fateflow.configuration["service_conf.yaml"]'
DROP = object()


def stack(**changes: object) -> Values:
    values = {**copy.deepcopy(DEV), **changes}
    return {key: value for key, value in values.items() if value is not DROP}


def one(**changes: object) -> Values:
    return stack(parties=[{"id": "9999", "engines": RABBITMQ, **changes}])


def two(first: Values | None = None, second: Values | None = None, **changes: object) -> Values:
    parties = [{**DEV["parties"][0], **(first or {})}, {**DEV["parties"][1], **(second or {})}]
    return stack(parties=parties, **changes)


def on(host: str, **more: object) -> Values:
    return {"runtime": {"host": host}, **more}


def override(service: str, **settings: object) -> Values:
    return one(services={service: settings})


def file(service: str, name: str, **keys: object) -> Values:
    return override(service, configuration={name: keys})


def conf(**keys: object) -> Values:
    return file("fateflow", "service_conf.yaml", **keys)


def engines(computing: str, storage: str, federation: str) -> Values:
    return one(engines={"computing": computing, "storage": storage, "federation": federation})


def registry(**more: object) -> Values:
    return stack(images={"from": "registry", "prefix": "r.example/fate", **more}, mirror=DROP)


def hub(**changes: object) -> Values:
    return stack(**{"release": "2.0.0", "images": {"from": "hub"}, **changes})


def spark(services: Values | None = None, storage: str = "hdfs", **keys: object) -> Values:
    """Return a party that computes on Spark, with images that are built here."""
    engines = {"computing": "spark", "storage": storage, "federation": "rabbitmq"}
    return one(engines=engines, services=services or {}, **keys)


def spark_file(service: str, name: str, storage: str = "hdfs", **keys: object) -> Values:
    return spark({service: {"configuration": {name: keys}}}, storage)


def eggroll(services: Values | None = None, images: Values | None = None, **keys: object) -> Values:
    """Return KubeFATE's own federation: Eggroll and OSX, from the official images, without a mirror."""
    engines = {"computing": "eggroll", "storage": "eggroll", "federation": "osx"}
    party = {"id": "9999", "engines": engines, "services": services or {}, **keys}
    return stack(parties=[party], images={"from": "hub", **(images or {})}, mirror=DROP)


def on_gpus(services: Values | None = None) -> Values:
    """Return a party that trains neural networks on GPUs, from the release that has images for it."""
    return eggroll(services, algorithm="nn", device="gpu") | {"release": "2.0.0"}


def given(*names: str, **party: object) -> Values:
    """Return a stack of one party with secrets that others gave."""
    return one(**party) | {"secrets": {name: {"secure": "v1:nonce:text"} for name in names}}


def model_store(**keys: object) -> Values:
    """Return a party's `model-store` in a database elsewhere."""
    account = {"host": "db.bank.example", "database": "models", "user": "fate"}
    return {"kind": "mysql", **account, "password": {"secret": "models"}, **keys}


def boarded(**page: object) -> Values:
    """Return a stack of one party whose images are built here, but for its FATEBoard's."""
    images = {"from": "packages", "services": {"fateboard": {"from": "hub"}}}
    return one(board={"port": 8080, **page}) | {"images": images}


def cache(upstream: str) -> Values:
    return {"kind": "distribution", "upstream": upstream}


def starred(first: Values | None = None, second: Values | None = None, **exchange: object) -> Values:
    """Return a star of two parties; `exchange` are more keys of the exchange in the middle."""
    behind = (
        {"exchange": {"broker-at": 5701}, **(first or {})},
        {"exchange": {"broker-at": 5702}, **(second or {})},
    )
    return two(*behind, exchange={"kind": "gateway", **exchange})


def osx_starred(first: Values | None = None, **exchange: object) -> Values:
    """Return a star of OSX of two parties; `exchange` are more keys of the exchange in the middle."""
    engines = {"computing": "eggroll", "storage": "eggroll", "federation": "osx"}
    parties = [{"id": id, "engines": engines, "exchange": {}} for id in ("9999", "10000")]
    parties[0] |= first or {}
    exchange = {"kind": "osx", **exchange}
    return stack(parties=parties, images={"from": "hub"}, mirror=DROP, exchange=exchange)


def behind(exchange: object, **party: object) -> Values:
    """Return a party behind an exchange of another stack."""
    return one(exchange=exchange, **{"expose": EXPOSE, "peers": [{"id": "1", "broker-at": 5702}], **party})


def middle(*members: Values, **changes: object) -> Values:
    """Return an exchange without a party of the same stack."""
    exchange = {"kind": "gateway", "expose": {"host": "fate.exchange.example"}, "parties": [*members]}
    return stack(**{"parties": DROP, "exchange": exchange, **changes})


def peered(**peer: object) -> Values:
    return one(expose=EXPOSE, peers=[{"id": "1", **peer}])
