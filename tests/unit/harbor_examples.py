"""Stacks with Harbor as their mirror, by name: those that can work, and those that cannot."""

from tests.unit.kubernetes_examples import cluster
from tests.unit.stack_values import DIGEST, DROP, Refusal, Values, hub, on, registry, stack

HOST = "harbor.bank.example"
NAMES = ("certificate", "key", "db", "redis")
SECRETS = {name: {"secure": "v1:nonce:text"} for name in NAMES}
TLS = {"certificate": {"secret": "certificate"}, "key": {"secret": "key"}}
DATABASE: Values = {"host": "db.bank.example", "user": "harbor", "password": {"secret": "db"}}
REDIS: Values = {"host": "redis.bank.example", "password": {"secret": "redis"}}
EGGROLL = {"computing": "eggroll", "storage": "eggroll", "federation": "osx"}
RABBITMQ = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}


def harbor(**keys: object) -> Values:
    """Return the two parties of the dev stack with official images, from a Harbor."""
    return hub(mirror={"kind": "harbor", "host": HOST, **keys})


def built(*official: str, **keys: object) -> Values:
    """Return the two parties of the dev stack with images built here, but the `official`, from a Harbor."""
    images = {"from": "packages", "services": {service: {"from": "hub"} for service in official}}
    return stack(images=images, mirror={"kind": "harbor", "host": HOST, **keys})


def boarded(**keys: object) -> Values:
    """Return a party with images built here and FATEBoard, of which there is an official image alone."""
    party = {"id": "9999", "engines": RABBITMQ, "board": {"port": 8080}, "peers": []}
    return {**built("fateboard", **keys), "parties": [party]}


def alone(**keys: object) -> Values:
    """Return a stack with a Harbor and no party, as before anything is in it."""
    return {**harbor(**keys), "parties": []}


def apart(**keys: object) -> Values:
    """Return a Harbor, and a party on another machine."""
    party = {"id": "9999", "engines": RABBITMQ, **on("ssh://fate@elsewhere.example")}
    return {**harbor(**keys), "parties": [party]}


def outside(**parts: Values) -> Values:
    """Return a Harbor with parts that others run."""
    return harbor(external=parts) | {"secrets": SECRETS}


def elsewhere(**keys: object) -> Values:
    """Return the two parties of the dev stack with official images, from a Harbor that others run."""
    inside = {"password": {"secret": "admin"}, **keys}
    return hub(mirror={"kind": "external", "address": f"{HOST}/fate", "harbor": inside}) | {
        "secrets": {name: {"secure": "v1:nonce:text"} for name in ("admin", "hub")}
    }


def at(address: str) -> Values:
    """Return the same at another address."""
    stack = elsewhere()
    stack["mirror"]["address"] = address
    return stack


def on_a_cluster(**keys: object) -> Values:
    """Return a party on a cluster, which pulls from a Harbor that others run."""
    return {
        **elsewhere(**keys),
        "runtime": cluster(),
        "parties": [{"id": "9999", "engines": RABBITMQ, "peers": []}],
    }


ACCEPTED_HARBORS: dict[str, Values] = {
    "a Harbor": harbor(),
    "a Harbor without a party": alone(),
    "a Harbor without the key parties": {k: v for k, v in alone().items() if k != "parties"},
    "a Harbor on this machine alone": harbor(host="localhost", port=8443),
    "a Harbor on a port, by a name without a domain": harbor(host="harbor", port=8443),
    "a Harbor for a party elsewhere": apart(bind="0.0.0.0"),
    "a Harbor with a certificate that is given": harbor(tls=TLS) | {"secrets": SECRETS},
    "a Harbor from a registry, by digests": harbor(
        images={
            "version": "2.15.2",
            "prefix": "registry.bank.example/goharbor",
            "digests": {"harbor-core": DIGEST},
        }
    ),
    "a Harbor with copies of images built elsewhere": registry()
    | {"mirror": {"kind": "harbor", "host": HOST, "project": "fate-images"}},
    "a Harbor with a database and a Redis elsewhere": outside(database=DATABASE, redis=REDIS),
    "a Harbor with a Redis that asks for nothing": outside(redis={"host": "redis.bank.example"}),
    "a Harbor that copies": harbor(replicate={"release": "2.0.0", "from": "docker-hub"}),
    "a Harbor that copies another release, too": harbor(replicate={"release": "2.1.0", "cron": "0 0 3 * * *"})
    | {"parties": [{"id": "9999", "engines": EGGROLL, "peers": []}]},
    "a Harbor that copies from a registry of yours": harbor(
        replicate={
            "from": {
                "url": "https://hub.bank.example",
                "user": "ann",
                "password": {"secret": "db"},
                "ca-file": "~/bank.pem",
            }
        }
    )
    | {"secrets": SECRETS},
    "a Harbor that copies images built elsewhere": registry()
    | {"mirror": {"kind": "harbor", "host": HOST, "replicate": {"from": {"url": "https://r.example"}}}},
    "a Harbor with all that can be in it": harbor(
        replicate={},
        quota=200,
        retention={"latest": 10, "pulled-within": 90, "cron": "0 0 4 * * *"},
        system={"session_timeout": 30, "read_only": False, "banner_message": "mirror"},
        **{"garbage-collection": "0 0 5 * * 0"},
    ),
    "a Harbor that holds what is built here": built(holds=["pulsar", "nginx"]),
    "a Harbor that holds what is built here for others": {**built(holds=["nginx"]), "parties": []},
    "a Harbor that a bundle brings images from packages to": built(builds=False),
    "a Harbor that copies beside what is built here": boarded(replicate={"release": "2.1.0"}),
    "a Harbor for a party on a cluster": {
        **harbor(bind="0.0.0.0"),
        "parties": [{"id": "9999", "engines": RABBITMQ, "runtime": cluster()}],
        "release": "2.0.0",
    },
}

ACCEPTED_HARBORS_ELSEWHERE: dict[str, Values] = {
    "a Harbor that others run": elsewhere(user="fate-admin", replicate={}, adopt=True),
    "a Harbor that others run, with copies beside what was pushed to it": elsewhere(replicate={})
    | {key: boarded()[key] for key in ("release", "images", "parties")},
    "a Harbor that others run, for a cluster": on_a_cluster(replicate={}),
    "a Harbor that others run, and no party": {**elsewhere(), "parties": []},
}

REFUSED_HARBORS: dict[str, Refusal] = {
    "a Harbor without a host": (
        hub(mirror={"kind": "harbor"}),
        "fate:mirror.host",
        "is missing",
        "write host: the name that engines pull from",
    ),
    "a Harbor that copies what is built here": (
        built(replicate={}),
        "fate:mirror.replicate",
        "images from packages are built here: no registry has them",
        "leave replicate out, and they are pushed",
    ),
    "a Harbor that copies a release that nobody knows beside what is built here": (
        boarded(replicate={"release": "2.0.1"}),
        "fate:mirror.replicate.release",
        '"2.0.1" is no release of FATE',
        "leave it out for the stack's",
    ),
    "a Harbor that holds what nothing builds": (
        harbor(holds=["nginx"]),
        "fate:mirror.holds",
        "images from hub are copied to Harbor, and nothing is built",
        "write images: {from: packages}",
    ),
    "a Harbor that builds for others what it does not build": (
        built(builds=False, holds=["nginx"]),
        "fate:mirror.holds",
        "is without effect beside builds: false",
        "leave holds or builds out",
    ),
    "a Harbor of official images that nothing is built for": (
        harbor(builds=False),
        "fate:mirror.builds",
        "images from hub are copied to Harbor, and nothing is built",
        "leave builds out",
    ),
    "a Harbor that holds what is no image": (
        built(holds=["ngnix"]),
        "fate:mirror.holds[0]",
        "is not one of",
        "write nginx",
    ),
    "a Harbor on Docker with another engine to build": (
        built(builder={"kind": "docker"}),
        "fate:mirror.builder",
        "is for Kubernetes: on Docker the engine that runs Harbor builds for it",
        "leave builder out",
    ),
    "a Harbor that this machine does not reach": (
        {**harbor(), "runtime": {"kind": "docker", "host": "ssh://fate@elsewhere.example"}},
        "fate:mirror.bind",
        "127.0.0.1 leads to elsewhere.example alone, and what is in that Harbor is declared from",
        'bind: "0.0.0.0"',
    ),
    "copies from a registry by a name that nobody knows": (
        harbor(replicate={"from": "quay"}),
        "fate:mirror.replicate.from",
        '"quay" is no registry that is known by its name',
        "write docker-hub, or {url:",
    ),
    "copies by half a login": (
        harbor(replicate={"from": {"user": "ann"}}),
        "fate:mirror.replicate.from.password",
        "user without password is no login",
        "write both",
    ),
    "copies by a password in plain text": (
        harbor(replicate={"from": {"user": "ann", "password": "changeit"}}),
        "fate:mirror.replicate.from.password",
        "stands in plain text",
        "{secret: NAME}",
    ),
    "copies by a password that is no secret of the stack": (
        harbor(replicate={"from": {"user": "ann", "password": {"secret": "huh"}}}) | {"secrets": SECRETS},
        "fate:mirror.replicate.from.password.secret",
        "names no secret of fate:secrets",
        "pulumi config set --secret",
    ),
    "copies of a release that nobody knows": (
        harbor(replicate={"release": "9.9.9"}),
        "fate:mirror.replicate.release",
        '"9.9.9" is no release of FATE',
        "leave it out for the stack's",
    ),
    "copies of a release without these images": (
        harbor(replicate={"release": "2.2.0"}),
        "fate:mirror.replicate.release",
        "release 2.2.0 has no image of gateway, which this stack runs",
        "leave release out",
    ),
    "copies every minute": (
        harbor(replicate={"cron": "0 * * * * *"}),
        "fate:mirror.replicate.cron",
        '"0 * * * * *" is not a schedule by which Harbor replicates',
        "0 0 3 * * *",
    ),
    "copies from Docker Hub of what is in another registry": (
        registry() | {"mirror": {"kind": "harbor", "host": HOST, "replicate": {}}},
        "fate:mirror.replicate.from",
        "Docker Hub has none of the images of r.example/fate",
        "{url: https://r.example}",
    ),
    "copies from itself": (
        harbor(replicate={"from": {"url": f"https://{HOST}/"}}),
        "fate:mirror.replicate.from",
        "is this Harbor itself",
        "has the images already",
    ),
    "copies of what is built here": (
        {**elsewhere(replicate={}), "images": {"from": "packages"}, "release": "2.2.0"},
        "fate:mirror.harbor.replicate",
        "images from packages are built here",
        "write images: {from: hub}",
    ),
    "a Harbor of others without a project": (
        at(HOST),
        "fate:mirror.address",
        "names no project of that Harbor",
        f"write {HOST}/fate",
    ),
    "a Harbor of others with more than a project": (
        at(f"{HOST}/fate/mirror"),
        "fate:mirror.address",
        "names fate/mirror, which is no project",
        f"write {HOST}/fate",
    ),
    "a Harbor of others without its password": (
        hub(mirror={"kind": "external", "address": f"{HOST}/fate", "harbor": {}}),
        "fate:mirror.harbor.password",
        "is missing",
        "the administrator's password",
    ),
    "a retention that keeps nothing": (
        harbor(retention={"cron": "0 0 4 * * *"}),
        "fate:mirror.retention.latest",
        "would delete every image that the stack does not run",
        "write latest: 10",
    ),
    "a schedule without seconds": (
        harbor(**{"garbage-collection": "0 5 * * 0"}),
        "fate:mirror.garbage-collection",
        "six fields, seconds first and 0",
        "0 0 3 * * *",
    ),
    "a schedule at another second": (
        harbor(**{"garbage-collection": "30 0 5 * * 0"}),
        "fate:mirror.garbage-collection",
        "seconds first and 0",
        "0 0 3 * * *",
    ),
    "an authority for Docker Hub": (
        harbor(replicate={"from": {"ca-file": "bank.pem"}}),
        "fate:mirror.replicate.from.ca-file",
        "would not reach Docker Hub's registry",
        "leave it out",
    ),
    "a setting that is a list": (
        harbor(system={"session_timeout": [30]}),
        "fate:mirror.system.session_timeout",
        "is no value of a setting",
        "write text, a whole number",
    ),
    "a quota of nothing": (harbor(quota=0), "fate:mirror.quota", "0 is too small", "write 1 or more"),
    "a Harbor on loopback for a party elsewhere": (
        apart(),
        "fate:parties[0].runtime.host",
        "elsewhere.example cannot pull from the Harbor on this machine, whose bind 127.0.0.1",
        'bind: "0.0.0.0"',
    ),
    "a Harbor by the name localhost for a party elsewhere": (
        apart(host="localhost", bind="0.0.0.0"),
        "fate:parties[0].runtime.host",
        "whose host localhost leads to that machine alone",
        "a name that both reach",
    ),
    "a Harbor that Docker takes for a folder of its hub": (
        harbor(host="harbor"),
        "fate:mirror.host",
        "harbor/fate is to Docker a folder of Docker Hub",
        "harbor.bank.example",
    ),
    "a Harbor at every address": (
        harbor(host="0.0.0.0"),
        "fate:mirror.host",
        "cannot be dialled",
        "own address",
    ),
    "a Harbor that starts from itself": (
        harbor(images={"prefix": f"{HOST}/goharbor"}),
        "fate:mirror.images.prefix",
        f"lies in this Harbor itself ({HOST})",
        "leave prefix out",
    ),
    "a Harbor on a party's port": (
        {**harbor(port=9380), "parties": [{"id": "9999", "engines": RABBITMQ, "api": {"port": 9380}}]},
        "fate:parties[0].api.port",
        "is opened for the mirror already",
        "write another port, such as 9381",
    ),
    "a certificate without its key": (
        harbor(tls={"certificate": TLS["certificate"]}) | {"secrets": SECRETS},
        "fate:mirror.tls.key",
        "is missing",
        "write key: its private key",
    ),
    "a certificate that is no secret of the stack": (
        harbor(tls=TLS) | {"secrets": {"key": SECRETS["key"]}},
        "fate:mirror.tls.certificate.secret",
        "names no secret of fate:secrets, which has key",
        "pulumi config set --secret --path fate:secrets.NAME",
    ),
    "a password in plain text for Harbor's database": (
        outside(database={**DATABASE, "password": "changeit"}),
        "fate:mirror.external.database.password",
        "stands in plain text",
        "{secret: NAME}",
    ),
    "a version of Harbor that nobody knows": (
        harbor(images={"version": "2.14.0"}),
        "fate:mirror.images.version",
        '"2.14.0" is not one of 2.15.2',
        "write 2.15.2",
    ),
    "an image that is not Harbor's": (
        harbor(images={"digests": {"harbor-croe": DIGEST}}),
        "fate:mirror.images.digests.harbor-croe",
        "is not one of",
        "write harbor-core",
    ),
    "a project in capitals": (
        harbor(project="FATE"),
        "fate:mirror.project",
        '"FATE" is not the name of a project of Harbor\'s',
        "such as fate",
    ),
    "a Redis on the machine itself": (
        outside(redis={"host": "localhost"}),
        "fate:mirror.external.redis.host",
        "that container itself",
        "172.17.0.1",
    ),
    "a party with the name of a container of Harbor's": (
        stack(parties=[{"id": "harborcore", "engines": RABBITMQ}]),
        "fate:parties[0].id",
        "a container of the mirror has that name",
        "another id",
    ),
    "no party and no Harbor": (
        stack(parties=DROP, mirror={"kind": "distribution"}),
        "fate:parties",
        "there is nothing to make",
        "write parties",
    ),
}
