"""Stacks by name: those that can work, and those that cannot, with path, reason and remedy."""

from tests.unit.chart_examples import ACCEPTED_CHARTS, REFUSED_CHARTS
from tests.unit.exchange_examples import ACCEPTED_STARS, REFUSED_STARS
from tests.unit.external_examples import ACCEPTED_EXTERNAL, REFUSED_EXTERNAL
from tests.unit.harbor_chart_examples import ACCEPTED_CHARTED_HARBORS, REFUSED_CHARTED_HARBORS
from tests.unit.harbor_examples import ACCEPTED_HARBORS, ACCEPTED_HARBORS_ELSEWHERE, REFUSED_HARBORS
from tests.unit.kubernetes_examples import ACCEPTED_ON_KUBERNETES, OF_KUBERNETES
from tests.unit.stack_values import (
    CONF,
    DEV,
    DIGEST,
    DROP,
    EXPOSE,
    EXTERNAL,
    PULSAR,
    SERVICES,
    STANDALONE,
    Refusal,
    Values,
    boarded,
    cache,
    conf,
    eggroll,
    engines,
    file,
    given,
    hub,
    model_store,
    on,
    on_gpus,
    one,
    override,
    peered,
    registry,
    spark,
    spark_file,
    stack,
    two,
)


def of_pulsar(**keys: object) -> Values:
    """Return a party whose federation is Pulsar, with keys of its configuration."""
    return one(engines=PULSAR, services={"pulsar": {"configuration": {"standalone.conf": keys}}})


COS = {
    "kind": "tencent-cos",
    "region": "ap-guangzhou",
    "bucket": "fate-1250000000",
    "secret-id": {"secret": "cos-id"},
    "secret-key": {"secret": "cos-key"},
}

JOB_DEFAULTS = "job_default_config.yaml"
OF_JOBS = f'{SERVICES}.fateflow.configuration["{JOB_DEFAULTS}"]'

ACCEPTED: dict[str, Values] = {
    "the dev stack": DEV,
    "a mirror that others fill": stack(mirror={"kind": "distribution", "builds": False}),
    "a mirror before it is filled": stack(mirror={"kind": "distribution", "builds": False}, parties=[]),
    "the hub and a mirror that others fill": hub(mirror={"kind": "distribution", "builds": False}),
    "one party without peers": one(engines=STANDALONE),
    "a party whose peers come later": one(),
    "sqlite": one(database="sqlite"),
    "an explicit empty list of peers": two({"peers": []}, {"peers": []}),
    "explicit peers both ways": two({"peers": [{"id": "10000"}]}, {"peers": [{"id": "9999"}]}),
    "a standalone party beside another": two({"engines": STANDALONE, "peers": []}, {"peers": []}),
    "a peer by host": peered(host="fate.partner.example"),
    "a peer by stack": peered(stack="organization/fate/party-1"),
    "a party id of letters": one(id="bank-a1"),
    "Eggroll and OSX from the hub": eggroll(),
    "three node managers": eggroll({"nodemanager": {"instances": 3, "memory": 2048}}),
    "a database built here beside the hub": eggroll(
        images={"services": {"database": {"from": "packages", "prefix": "registry.bank.example/fate"}}}
    ),
    "OSX from the hub beside what is built here": one(
        engines={"computing": "standalone", "storage": "standalone", "federation": "osx"}
    )
    | {"images": {"from": "packages", "services": {"osx": {"from": "hub", "digest": DIGEST}}}},
    "the hub with a cache": hub(mirror=cache("https://registry-1.docker.io")),
    "the hub without a mirror": hub(mirror=DROP),
    "a registry of the operator's": registry(),
    "a registry with digests": registry(digests={"nginx": DIGEST}),
    "another stack's mirror": stack(mirror={"kind": "stack", "stack": "organization/fate/dev"}),
    "a party on another engine": two(
        {"expose": EXPOSE}, on("ssh://a@b.example", expose=EXPOSE), mirror=EXTERNAL
    ),
    "one port on two machines": two(
        {"expose": EXPOSE, "api": {"port": 9380}},
        on("ssh://a@b.example", expose=EXPOSE, api={"port": 9380}),
        mirror=EXTERNAL,
    ),
    "one port on two addresses": two({"api": {"port": 9380}}, {"api": {"port": 9380, "bind": "192.0.2.1"}}),
    "an engine by ssh on this machine": two(
        {"expose": EXPOSE}, on("ssh://root@localhost", expose={**EXPOSE, "bind": "192.0.2.2"})
    ),
    "rotation and protection": stack(rotation={"database": 2}, protect=True),
    "limits": override("fateflow", memory=1024, cpus=2, environment={"OMP_NUM_THREADS": "2"}),
    "keys of service_conf.yaml": conf(
        computing={"standalone": {"cores": 4}}, database={"mysql": {"max_connections": 50}}, log_level=10
    ),
    "a list in service_conf.yaml": conf(zookeeper={"hosts": ["zk.example:2181"]}),
    "an empty value of service_conf.yaml": conf(default_provider={"version": None}),
    "models in a database elsewhere": given("models", **{"model-store": model_store(port=3307)}),
    "models in a bucket of Tencent Cloud": given("cos-id", "cos-key", **{"model-store": COS}),
    "one secret for two keys": given(
        "cos-id", **{"model-store": {**COS, "secret-key": {"secret": "cos-id"}}}
    ),
    "a secret that no key calls yet": given("models"),
    "a ZooKeeper without an account": one(zookeeper={"servers": [{"host": "zk.bank.example"}]}),
    "a ZooKeeper with one": given(
        "zk", zookeeper={"servers": [{"host": "zk", "port": 1}], "user": "fate", "password": {"secret": "zk"}}
    ),
    "neural networks on GPUs": on_gpus(),
    "neural networks on GPUs, without the node managers'": on_gpus({"nodemanager": {"gpus": 0}}),
    "Intel's library of Paillier": eggroll(device="ipcl") | {"release": "2.0.0"},
    "neural networks from packages": one(algorithm="nn"),
    "FATEBoard from the hub": eggroll(board={"port": 8080}),
    "FATEBoard from the hub beside what is built here": boarded(user="operator"),
    "FATEBoard on every network, as it says": boarded(bind="0.0.0.0"),
    "a notebook": one(notebook={"port": 8888}),
    "FATEBoard and a notebook of a release that has both": eggroll(
        board={"port": 8080}, notebook={"port": 8888}
    )
    | {"release": "2.1.0"},
    "keys of FATEBoard and the notebook": eggroll(
        {
            "fateboard": {
                "configuration": {"application.properties": {"server.servlet.session.timeout": "1h"}}
            },
            "notebook": {
                "configuration": {"jupyter_server_config.py": {"MappingKernelManager.cull_idle_timeout": 600}}
            },
        },
        board={"port": 8080},
        notebook={"port": 8888},
    )
    | {"release": "2.0.0"},
    "other passwords of pages": one(notebook={"port": 1}) | {"rotation": {"board": 2, "notebook": 3}},
    "keys of rabbitmq.conf": file(
        "broker", "rabbitmq.conf", **{"vm_memory_high_watermark.relative": 0.5, "heartbeat": 30}
    ),
    "two parties with Pulsar": two({"engines": PULSAR}, {"engines": PULSAR}),
    "Pulsar with a partner": one(
        engines=PULSAR,
        expose={**EXPOSE, "pulsar-port": 16650},
        peers=[{"id": "1", "host": "a.example", "pulsar-host": "b.example", "pulsar-port": 26650}],
    ),
    "keys of standalone.conf": of_pulsar(
        backlogQuotaDefaultLimitGB=3, diskUsageThreshold=0.9, journalSyncData=True
    ),
    "a peer's gateway on a port that its Pulsar would have, had it one": peered(
        host="a.example", **{"gateway-port": 6650}
    ),
    "keys of my.cnf": file("database", "my.cnf", innodb_buffer_pool_size="256M", slow_query_log="ON"),
    "keys of nginx.conf": file("gateway", "nginx.conf", worker_processes="auto", proxy_read_timeout="5m"),
}

OF_VALUES: dict[str, Refusal] = {
    "an unknown key": (stack(mirorr={}), "fate:mirorr", "not a key", "write mirror"),
    "an unknown key far down": (
        one(expose={"host": "a.example", "gatway-port": 1}),
        "fate:parties[0].expose.gatway-port",
        "not a key",
        "write gateway-port",
    ),
    "an unknown key like nothing": (stack(zzz=1), "fate:zzz", "not a key", "release, runtime, images"),
    "a secret key by a wrong name": (stack(secretkey="x"), "fate:secretkey", "not a key", "write secret-key"),
    "a key with underscores": (
        one(expose={"host": "a.example", "gateway_port": 1}),
        "fate:parties[0].expose.gateway_port",
        "not a key",
        "write gateway-port",
    ),
    "a key that is a number": (
        one(expose=dict([*EXPOSE.items(), (1, 2)])),
        "fate:parties[0].expose[1]",
        "not a key",
        "the keys here are host",
    ),
    "a party id as a number": (
        one(id=9999),
        "fate:parties[0].id",
        "9999 is a number",
        'id: "9999", in quotes',
    ),
    "a peer's id as a number": (
        one(peers=[{"id": 1}]),
        "fate:parties[0].peers[0].id",
        "1 is a number",
        'id: "1", in quotes',
    ),
    "a reserved party id": (one(id="0"), "fate:parties[0].id", "FATE reserves", "another id"),
    "a party id that is a network's": (one(id="federation"), "fate:parties[0].id", "network", "another id"),
    "a party id in capitals": (one(id="BANK"), "fate:parties[0].id", '"BANK" is not a party id', '"9999"'),
    "a party id that is too long": (one(id="1" * 33), "fate:parties[0].id", "not a party id", '"9999"'),
    "a party id with another line": (one(id="1\n"), "fate:parties[0].id", "not a party id", '"9999"'),
    "a release as a number": (stack(release=2.2), "fate:release", "2.2 is a number", '"2.2.0", in quotes'),
    "no release": (stack(release=DROP), "fate:release", "is missing", "write release"),
    "no parties key": (stack(parties=DROP), "fate:parties", "is missing", "write parties"),
    "no engines": (stack(parties=[{"id": "1"}]), "fate:parties[0].engines", "is missing", "write engines"),
    "an engine that is missing": (
        one(engines={"computing": "standalone", "storage": "standalone"}),
        "fate:parties[0].engines.federation",
        "is missing",
        "standalone | rabbitmq",
    ),
    "an engine that FATE does not know": (
        engines("standalone", "standalone", "rabitmq"),
        "fate:parties[0].engines.federation",
        '"rabitmq" is not one of',
        "write rabbitmq",
    ),
    "an unknown kind": (stack(runtime={"kind": "dokcer"}), "fate:runtime.kind", '"dokcer"', "kind: docker"),
    "no kind": (stack(runtime={}), "fate:runtime.kind", "is missing", "docker | kubernetes"),
    "a kind that is no text": (stack(runtime={"kind": []}), "fate:runtime.kind", "not a kind", "docker"),
    "an unknown source of images": (stack(images={"from": "hbu"}), "fate:images.from", "hbu", "from: hub"),
    "an unknown mirror": (stack(mirror={"kind": "habor"}), "fate:mirror.kind", "habor", "kind: harbor"),
    "an unknown kind of runtime for a party": (
        one(runtime={"kind": "kubernets"}),
        "fate:parties[0].runtime.kind",
        "not a kind",
        "kind: kubernetes",
    ),
    "a party's cluster without its kind": (
        one(runtime={"context": "prod"}),
        "fate:parties[0].runtime.kind",
        "is missing",
        "docker | kubernetes",
    ),
    "text for keys": (stack(runtime="docker"), "fate:runtime", '"docker", text', "write key: value"),
    "keys for a list": (stack(parties={}), "fate:parties", "must be a list", "after a hyphen"),
    "nothing for keys": (stack(parties=[None]), "fate:parties[0]", "is empty", "write key: value"),
    "text for a number": (one(api={"port": "1"}), "fate:parties[0].api.port", '"1", text', "without quotes"),
    "true for a number": (one(api={"port": True}), "fate:parties[0].api.port", "is true", "without quotes"),
    "text for true or false": (stack(protect="yes"), "fate:protect", '"yes", text', "write true or false"),
    "port 0": (one(api={"port": 0}), "fate:parties[0].api.port", "0 is too small", "1 or more"),
    "port 65536": (one(api={"port": 65536}), "fate:parties[0].api.port", "too large", "65535 or less"),
    "rotation 0": (stack(rotation={"broker": 0}), "fate:rotation.broker", "too small", "1 or more"),
    "a bind address that is a name": (
        one(api={"port": 1, "bind": "localhost"}),
        "fate:parties[0].api.bind",
        "not an IPv4 address",
        '"127.0.0.1"',
    ),
    "a host with a port": (
        one(expose={"host": "a.example:1"}),
        "fate:parties[0].expose.host",
        "not a host name",
        "without a port",
    ),
    "a host that is no address": (
        one(expose={"host": "1.2.3.999"}),
        "fate:parties[0].expose.host",
        "neither a host name nor",
        "192.0.2.10",
    ),
    "a host that is the wildcard": (
        one(expose={"host": "0.0.0.0"}),
        "fate:parties[0].expose.host",
        "cannot be dialled",
        "own address",
    ),
    "a peer at loopback": (
        peered(host="127.0.0.1"),
        "fate:parties[0].peers[0].host",
        "that container itself",
        "172.17.0.1",
    ),
    "an engine over TCP": (
        stack(runtime={"kind": "docker", "host": "tcp://h:2375"}),
        "fate:runtime.host",
        "root on that machine",
        "ssh://user@host",
    ),
    "an engine that is no address": (
        stack(runtime={"kind": "docker", "host": "h"}),
        "fate:runtime.host",
        "not the address of a Docker engine",
        "unix:///",
    ),
    "an engine on a port that does not exist": (
        stack(runtime={"kind": "docker", "host": "ssh://h:65536"}),
        "fate:runtime.host",
        "not the address",
        "ssh://user@host",
    ),
    "a stack's short name": (
        stack(mirror={"kind": "stack", "stack": "dev"}),
        "fate:mirror.stack",
        "not the full name",
        "organization/",
    ),
    "a certificate for a registry without TLS": (
        stack(mirror={**EXTERNAL, "plain-http": True, "ca-file": "ca.pem"}),
        "fate:mirror.ca-file",
        "is without effect beside plain-http: true",
        "leave one of them out",
    ),
    "an address with a scheme": (
        stack(mirror={"kind": "external", "address": "https://r.example"}),
        "fate:mirror.address",
        "not the address of a registry",
        "without https://",
    ),
    "an upstream without a scheme": (
        hub(mirror=cache("r.example")),
        "fate:mirror.upstream",
        "not the URL",
        "https://registry-1.docker.io",
    ),
    "a digest that is none": (
        registry(digests={"nginx": "latest"}),
        "fate:images.digests.nginx",
        "not an image's digest",
        "sha256:",
    ),
    "an unknown image": (
        registry(digests={"ngnix": DIGEST}),
        "fate:images.digests.ngnix",
        "not one of",
        "write nginx",
    ),
    "an unknown service": (
        one(services={"fatflow": {}}),
        f"{SERVICES}.fatflow",
        "not one of",
        "write fateflow",
    ),
    "31 MiB": (override("gateway", memory=31), f"{SERVICES}.gateway.memory", "too small", "32 or more"),
    "too many MiB": (
        override("gateway", memory=2**40),
        f"{SERVICES}.gateway.memory",
        "too large",
        "1048576 or less",
    ),
    "endless CPUs": (
        override("gateway", cpus=float("inf")),
        f"{SERVICES}.gateway.cpus",
        "is inf",
        "such as 1.5",
    ),
    "no CPU": (override("gateway", cpus=0), f"{SERVICES}.gateway.cpus", "too small", "more than 0"),
    "a variable that is a number": (
        override("gateway", environment={"A": 1}),
        f"{SERVICES}.gateway.environment.A",
        "is 1, a number",
        "in quotes",
    ),
    "a variable without a name": (
        override("gateway", environment={"A B": "1"}),
        f'{SERVICES}.gateway.environment["A B"]',
        "not the name of an environment variable",
        "LOG_LEVEL",
    ),
    "a peer by host and stack": (
        peered(host="a.example", stack="a/b/c"),
        "fate:parties[0].peers[0]",
        "both host and stack",
        "keep host",
    ),
    "a peer with a port and no host": (
        peered(**{"broker-port": 1}),
        "fate:parties[0].peers[0].host",
        "is missing",
        "write host",
    ),
}

OF_PARTIES: dict[str, Refusal] = {
    "no parties": (stack(parties=[]), "fate:parties", "nothing to make", '- id: "9999"'),
    "two parties with one id": (
        two({"id": "1", "peers": []}, {"id": "1", "peers": []}),
        "fate:parties[1].id",
        "fate:parties[0] already",
        "no other party",
    ),
    "storage that the computing engine cannot read": (
        engines("standalone", "hdfs", "rabbitmq"),
        "fate:parties[0].engines",
        "cannot read storage hdfs",
        "storage: standalone",
    ),
    "federation that the computing engine cannot use": (
        engines("eggroll", "eggroll", "standalone"),
        "fate:parties[0].engines",
        "does not go with federation standalone",
        "federation: rabbitmq",
    ),
    "RollSite": (engines("eggroll", "eggroll", "rollsite"), "fate:parties[0].engines", "OSX", "rabbitmq"),
    "engines that FATE-Flow's table has and its code cannot": (
        engines("spark", "hive", "rabbitmq"),
        "fate:parties[0].engines",
        "spark/hive/rabbitmq cannot run here: FATE-Flow stores no table in Hive",
        "federation: rabbitmq",
    ),
    "client mode with a broker a party": (
        two({"mode": "client"}),
        "fate:parties[0].mode",
        "no message would arrive",
        "mode: replication",
    ),
    "client mode with a Pulsar a party": (
        two({"mode": "client", "engines": PULSAR}, {"engines": PULSAR}),
        "fate:parties[0].mode",
        "no message would arrive",
        "mode: replication",
    ),
}

OF_PEERS: dict[str, Refusal] = {
    "a party as its own peer": (
        one(peers=[{"id": "9999"}]),
        "fate:parties[0].peers[0].id",
        "itself",
        "leave the entry out",
    ),
    "peers that exchange by different brokers": (
        two({"engines": PULSAR}),
        "fate:parties[0].engines.federation",
        'party "9999" exchanges by pulsar, and its peer "10000" by rabbitmq',
        "one federation for both",
    ),
    "a peer twice": (
        two({"peers": [{"id": "10000"}, {"id": "10000"}]}),
        "fate:parties[0].peers[1].id",
        "listed twice",
        "keep one",
    ),
    "a peer without a way": (
        one(peers=[{"id": "10000"}]),
        "fate:parties[0].peers[0]",
        "nothing leads to",
        'id: "10000", host:',
    ),
    "a route back missing": (
        two({"peers": [{"id": "10000"}]}, {"peers": []}),
        "fate:parties[1].peers",
        "lack a route back",
        'write - id: "9999"',
    ),
    "a route back missing to a party with peers by default": (
        two({}, {"peers": []}),
        "fate:parties[1].peers",
        "lack a route back",
        'peers without "10000"',
    ),
    "an outside peer without a way back": (
        one(peers=[{"id": "1", "host": "a.example"}]),
        "fate:parties[0].expose",
        "no way back",
        "write expose",
    ),
    "a peer on another engine that exposes nothing": (
        two({"expose": EXPOSE}, on("ssh://a@b.example"), mirror=EXTERNAL),
        "fate:parties[1].expose",
        "from elsewhere (unix:///var/run/docker.sock)",
        "write expose",
    ),
    "peers of a standalone party": (
        two({"engines": STANDALONE}),
        "fate:parties[0].engines.federation",
        "has peers (10000)",
        "peers: []",
    ),
    "one port for a peer's two services": (
        peered(host="a.example", **{"broker-port": 9300}),
        "fate:parties[0].peers[0].broker-port",
        "one port cannot serve both",
        "the ports that the peer exposes",
    ),
}

OF_PORTS: dict[str, Refusal] = {
    "two APIs on one port": (
        two({"api": {"port": 9380}}, {"api": {"port": 9380}}),
        "fate:parties[1].api.port",
        "the API of party 9999 already (fate:parties[0].api.port",
        "such as 9381",
    ),
    "the wildcard and an address": (
        two({"api": {"port": 9380, "bind": "0.0.0.0"}}, {"api": {"port": 9380, "bind": "192.0.2.1"}}),
        "fate:parties[1].api.port",
        "already",
        "such as 9381",
    ),
    "an API on the mirror's port": (
        one(api={"port": 5000}),
        "fate:parties[0].api.port",
        "opened for the mirror already",
        "such as 5001",
    ),
    "a gateway on its broker's port": (
        one(expose={**EXPOSE, "broker-port": 9300}),
        "fate:parties[0].expose.broker-port",
        "the gateway of party 9999 already",
        "such as 9301",
    ),
    "two parties exposed by default": (
        two({"expose": EXPOSE}, {"expose": EXPOSE}),
        "fate:parties[1].expose.gateway-port",
        "port 9300 on 192.0.2.1",
        "such as 9301",
    ),
    "the last port twice": (
        two({"api": {"port": 65535}}, {"api": {"port": 65535}}),
        "fate:parties[1].api.port",
        "already",
        "such as 65534",
    ),
    "one machine by two users": (
        two(
            on("ssh://a@B.example", expose=EXPOSE, api={"port": 1}),
            on("ssh://b@b.example:22", expose={**EXPOSE, "bind": "192.0.2.2"}, api={"port": 1}),
            mirror=EXTERNAL,
        ),
        "fate:parties[1].api.port",
        "of b.example",
        "such as 2",
    ),
}

OF_PAGES: dict[str, Refusal] = {
    "FATEBoard without a port": (
        eggroll(board={}),
        "fate:parties[0].board.port",
        "is missing: on a Docker engine a page is opened by a port",
        "write port: 8080",
    ),
    "an Ingress on Docker": (
        one(notebook={"ingress": {"host": "notebook.bank.example"}}),
        "fate:parties[0].notebook.ingress",
        "is for Kubernetes",
        "write port: 20000",
    ),
    "FATEBoard on its FATE-Flow's port": (
        boarded(port=9380) | {"parties": [{**one()["parties"][0], "api": {"port": 1}, "board": {"port": 1}}]},
        "fate:parties[0].board.port",
        "is opened for the API of party 9999 already",
        "such as 2",
    ),
    "FATEBoard built here": (
        one(board={"port": 8080}),
        "fate:images.from",
        "no image of fateboard from packages",
        "images.services.fateboard: {from: hub}",
    ),
    "an official notebook of a release without one": (
        eggroll(notebook={"port": 8888}),
        "fate:images.from",
        "no image of notebook from hub",
        'release: "2.0.0" or release: "2.1.0" or images: {from: packages} or images.services.notebook: {from:'
        " packages, prefix: ...}",
    ),
    "a user with a space": (
        boarded(user="the operator"),
        "fate:parties[0].board.user",
        '"the operator" is not a user\'s name',
        "such as admin",
    ),
    "nobody": (boarded(user=""), "fate:parties[0].board.user", "is not a user's name", "such as admin"),
    "a user of a page that asks for none": (
        one(notebook={"port": 1, "user": "admin"}),
        "fate:parties[0].notebook.user",
        "not a key here",
        "the keys here are port, bind, ingress",
    ),
    "a FATEBoard that is not there": (
        one(services={"fateboard": {}}),
        f"{SERVICES}.fateboard",
        "it has no key board",
        "leave fateboard out",
    ),
    "FATEBoard's password": (
        eggroll(
            {
                "fateboard": {
                    "configuration": {"application.properties": {"server.board.login.password": "x"}}
                }
            },
            board={"port": 8080},
        ),
        f'{SERVICES}.fateboard.configuration["application.properties"]["server.board.login.password"]',
        "written by this program",
        "raise fate:rotation.board",
    ),
}

OF_IMAGES: dict[str, Refusal] = {
    "an unknown release": (stack(release="2.3.0"), "fate:release", '"2.3.0" is no release', '"2.2.0"'),
    "a release without packages": (
        stack(release="2.0.0"),
        "fate:images.from",
        "no image from packages",
        'release: "2.2.0" or images: {from: hub}',
    ),
    "a release without a gateway": (
        hub(release="2.2.0", mirror=DROP),
        "fate:images.from",
        "no image of gateway from hub",
        'release: "2.0.0" or images: {from: packages}',
    ),
    "packages without a mirror": (stack(mirror=DROP), "fate:mirror", "is missing", "kind: distribution"),
    "packages and a cache": (
        stack(mirror=cache("https://r.example")),
        "fate:mirror.upstream",
        "takes no push",
        "leave upstream out",
    ),
    "Eggroll from packages": (
        engines("eggroll", "eggroll", "osx"),
        "fate:images.from",
        "release 2.2.0 has no image of clustermanager and nodemanager and osx from packages",
        "write images: {from: hub}",
    ),
    "Eggroll on SQLite": (
        eggroll(database="sqlite"),
        "fate:parties[0].database",
        "sqlite is a file of FATE-Flow's own, and computing eggroll needs a database",
        "write database: mariadb",
    ),
    "two databases": (
        override("database", instances=2),
        f"{SERVICES}.database.instances",
        "a party has one database",
        "there may be several of nodemanager",
    ),
    "an image built here beside the hub, without a registry": (
        eggroll(images={"services": {"database": {"from": "packages"}}}),
        "fate:images.services.database.prefix",
        "is missing: a stack from hub builds nothing",
        "write prefix:",
    ),
    "the source of a service that nobody has": (
        stack(images={"from": "packages", "services": {"osx": {"from": "hub"}}}),
        "fate:images.services.osx",
        "no party of this stack has osx",
        "leave osx out",
    ),
    "neural networks of a release without their images": (
        eggroll(algorithm="nn"),
        "fate:parties[0].algorithm",
        "algorithm nn with device cpu has no image of fateflow and clustermanager and nodemanager in release"
        " 2.2.0 from hub",
        'one of basic/cpu, which have images here or release: "2.0.0" with images: {from: hub}',
    ),
    "an algorithm and a device that no image has": (
        eggroll(algorithm="nn", device="ipcl") | {"release": "2.0.0"},
        "fate:parties[0].device",
        "algorithm nn with device ipcl has no image of fateflow and clustermanager and nodemanager",
        "one of basic/cpu, basic/ipcl, nn/cpu, nn/gpu, all/gpu, which have images here",
    ),
    "GPUs for basic algorithms": (
        eggroll(device="gpu") | {"release": "2.0.0"},
        "fate:parties[0].device",
        "algorithm basic with device gpu has no image",
        "nn/gpu",
    ),
    "GPUs from packages": (
        one(algorithm="nn", device="gpu"),
        "fate:parties[0].device",
        "has no image of fateflow in release 2.2.0 from packages",
        "one of basic/cpu, nn/cpu, which have images here",
    ),
    "an algorithm as KubeFATE writes it": (
        one(algorithm="NN"),
        "fate:parties[0].algorithm",
        '"NN" is not one of basic | nn | all',
        "write nn",
    ),
    "a number of GPUs on Docker": (
        on_gpus({"nodemanager": {"gpus": 2}}),
        f"{SERVICES}.nodemanager.gpus",
        "2 cannot be had of a Docker engine, which gives a container all of its GPUs",
        "leave gpus out for all of them, or write gpus: 0 for none",
    ),
    "GPUs for what computes nothing": (
        on_gpus({"osx": {"gpus": 1}}),
        f"{SERVICES}.osx.gpus",
        "osx computes nothing that GPUs are for",
        "gpus for fateflow and nodemanager",
    ),
    "GPUs for images that compute on none": (
        override("fateflow", gpus=1),
        f"{SERVICES}.fateflow.gpus",
        "the images of device cpu compute on no GPU",
        "write device: gpu",
    ),
    "the hub and an empty mirror": (hub(), "fate:mirror.upstream", "find it empty", "builds: false"),
    "a mirror that others fill, and that holds for others": (
        stack(mirror={"kind": "distribution", "builds": False, "holds": ["nginx"]}),
        "fate:mirror.holds",
        "without effect beside builds: false",
        "leave holds or builds out",
    ),
    "a mirror on another machine": (
        two({"expose": EXPOSE}, on("ssh://a@b.example", expose=EXPOSE)),
        "fate:parties[1].runtime.host",
        "cannot pull from the mirror",
        "kind: external",
    ),
}

OF_SERVICES: dict[str, Refusal] = {
    "a broker that is not there": (
        one(engines=STANDALONE, services={"broker": {}}),
        f"{SERVICES}.broker",
        "no broker",
        "leave broker out",
    ),
    "a database that is not there": (
        one(database="sqlite", services={"database": {}}),
        f"{SERVICES}.database",
        "SQLite",
        "leave database out",
    ),
    "too little memory": (
        override("fateflow", memory=512),
        f"{SERVICES}.fateflow.memory",
        "SecureBoost job",
        "949 or more",
    ),
    "a variable of ours": (
        override("broker", environment={"RABBITMQ_NODENAME": "x"}),
        f"{SERVICES}.broker.environment.RABBITMQ_NODENAME",
        "set by this program",
        "leave it out",
    ),
    "an unknown file": (
        file("fateflow", "service_conf.yml"),
        f'{SERVICES}.fateflow.configuration["service_conf.yml"]',
        "no configuration file",
        "write service_conf.yaml",
    ),
    "an unknown FATE key": (
        conf(computing={"standalone": {"croes": 1}}),
        f"{CONF}.computing.standalone.croes",
        "below computing.standalone",
        "write cores",
    ),
    "a FATE key of another type": (
        conf(computing={"standalone": {"cores": "4"}}),
        f"{CONF}.computing.standalone.cores",
        '"4" is not a value',
        "without quotes",
    ),
    "a FATE list with one value": (
        conf(zookeeper={"hosts": "zk.example:2181"}),
        f"{CONF}.zookeeper.hosts",
        "takes a list",
        "[one, two]",
    ),
    "a FATE section with one value": (
        conf(computing=4),
        f"{CONF}.computing",
        "holds keys of its own",
        "standalone, eggroll, spark",
    ),
    "a FATE value with keys": (
        conf(log_level={"a": 1}),
        f"{CONF}.log_level",
        "takes a number",
        "such as 100",
    ),
    "FATE's party id": (
        conf(party_id="1"),
        f"{CONF}.party_id",
        "written by this program",
        "fate:parties[].id",
    ),
    "FATE's engines": (
        conf(default_engines={"computing": "spark"}),
        f"{CONF}.default_engines",
        "written by this program",
        "write the party's engines",
    ),
    "FATE's database password": (
        conf(database={"mysql": {"passwd": "hunter2"}}),
        f"{CONF}.database.mysql.passwd",
        "written by this program",
        "fate:rotation.database",
    ),
    "a key that Pulsar does not have": (
        of_pulsar(backlogQuotaDefaultLimit=1),
        f'{SERVICES}.pulsar.configuration["standalone.conf"].backlogQuotaDefaultLimit',
        "not a key",
        "write backlogQuotaDefaultLimitGB",
    ),
    "a key of Pulsar with another form": (
        of_pulsar(maxMessageSize="128M"),
        f'{SERVICES}.pulsar.configuration["standalone.conf"].maxMessageSize',
        "takes a number",
        "write such as 100",
    ),
    "TLS of Pulsar without a certificate": (
        of_pulsar(tlsEnabled=True),
        f'{SERVICES}.pulsar.configuration["standalone.conf"].tlsEnabled',
        "written by this program",
        "no certificate is handed in",
    ),
    "Pulsar's administration for everybody": (
        of_pulsar(bindAddress="0.0.0.0"),
        f'{SERVICES}.pulsar.configuration["standalone.conf"].bindAddress',
        "written by this program",
        "asks for no password",
    ),
    "a cluster of another name": (
        conf(federation={"pulsar": {"cluster": "standalone"}}),
        f"{CONF}.federation.pulsar.cluster",
        "written by this program",
        "it is the party's id",
    ),
    "too little memory for Pulsar": (
        one(engines=PULSAR, services={"pulsar": {"memory": 511}}),
        f"{SERVICES}.pulsar.memory",
        "511 MiB is too little for pulsar",
        "write 512 or more",
    ),
    "a Pulsar that is not there": (
        override("pulsar", memory=1024),
        f"{SERVICES}.pulsar",
        "no pulsar: its engines.federation is another",
        "leave pulsar out",
    ),
    "FATE's broker": (
        conf(federation={"rabbitmq": {"host": "elsewhere"}}),
        f"{CONF}.federation.rabbitmq.host",
        "written by this program",
        "own network",
    ),
    "FATE's gateway": (conf(federation={"nginx": {}}), f"{CONF}.federation.nginx", "written", "gateway"),
    "an unknown RabbitMQ key": (
        file("broker", "rabbitmq.conf", **{"vm_memory_high_watermark.relativ": 1}),
        f'{SERVICES}.broker.configuration["rabbitmq.conf"]["vm_memory_high_watermark.relativ"]',
        "not a key",
        "write vm_memory_high_watermark.relative",
    ),
    "an unknown MariaDB key": (
        file("database", "my.cnf", max_conections=1),
        f'{SERVICES}.database.configuration["my.cnf"].max_conections',
        "not a key",
        "write max_connections",
    ),
    "two lines in one value": (
        file("gateway", "nginx.conf", proxy_read_timeout="1s;\ninclude x"),
        f'{SERVICES}.gateway.configuration["nginx.conf"].proxy_read_timeout',
        "takes a time",
        "60s",
    ),
}

ACCEPTED |= {
    "Spark and HDFS": spark(),
    "three workers and four data nodes": spark(
        {"sparkworker": {"instances": 3}, "datanode": {"instances": 4, "memory": 1024}}
    ),
    "Spark with tables in files": spark(storage="file"),
    "a worker of eight cores with memory for them": spark(
        {
            "sparkworker": {
                "memory": 8192,
                "configuration": {"spark-env.sh": {"SPARK_WORKER_CORES": 8}},
            }
        }
    ),
    "an executor as large as a worker has room for": spark_file(
        "fateflow", "spark-defaults.conf", **{"spark.executor.memory": "1152m"}
    ),
    "more cores of Spark within FATE-Flow": spark_file(
        "fateflow", "service_conf.yaml", "file", computing={"spark": {"cores": 8}}
    ),
    "a job of fewer executors than there are workers": spark(
        {
            "sparkworker": {"instances": 3},
            "fateflow": {
                "configuration": {
                    JOB_DEFAULTS: {"task_run": {"spark": {"num-executors": 1}}, "auto_retries": 1}
                }
            },
        }
    ),
    "keys of HDFS": spark_file("namenode", "hdfs-site.xml", **{"dfs.blocksize": "64m"}),
}
OF_SPARK: dict[str, Refusal] = {
    "Spark's settings for another engine": (
        file("fateflow", "spark-defaults.conf", **{"spark.executor.memory": "1g"}),
        f'{SERVICES}.fateflow.configuration["spark-defaults.conf"]',
        "no configuration file",
        "write",
    ),
    "workers of Spark within FATE-Flow": (
        spark({"sparkworker": {"instances": 2}}, "file"),
        f"{SERVICES}.sparkworker",
        "for computing spark with storage hdfs",
        "leave sparkworker out",
    ),
    "an executor with more cores than any worker": (
        spark_file("fateflow", JOB_DEFAULTS, task_run={"spark": {"executor-cores": 4}}),
        f"{OF_JOBS}.task_run.spark.executor-cores",
        "no worker has 4 cores, but 2: no executor would start, and jobs would stay `running`",
        "write 1 or less",
    ),
    "a job of more cores than FATE-Flow counts": (
        spark_file("fateflow", JOB_DEFAULTS, task_run={"spark": {"num-executors": 2}}),
        f"{OF_JOBS}.task_run.spark",
        "a job would ask for 2 cores of the 1 that FATE-Flow counts",
        "write less, or a higher computing.spark.cores",
    ),
    "a job that says it takes more": (
        spark_file("fateflow", JOB_DEFAULTS, job_cores=8),
        f"{OF_JOBS}.job_cores",
        "`Resource limit exceeded`",
        "write less",
    ),
    "more cores counted than all workers offer": (
        spark_file("fateflow", "service_conf.yaml", computing={"spark": {"cores": 32}}),
        f"{CONF}.computing.spark.cores",
        "for 32 cores, and all workers offer 2: jobs would wait for each other",
        "write 1 or less",
    ),
    "a worker of one core": (
        spark_file("sparkworker", "spark-env.sh", SPARK_WORKER_CORES=1),
        f'{SERVICES}.sparkworker.configuration["spark-env.sh"].SPARK_WORKER_CORES',
        "an arbiter of the same party would wait",
        "write 2 or more",
    ),
    "a worker with less memory than its cores want": (
        spark_file("sparkworker", "spark-env.sh", SPARK_WORKER_CORES=8),
        f"{SERVICES}.sparkworker.memory",
        "Spark starts none below 450",
        "write 4872 or more",
    ),
    "an executor with less heap than Spark takes": (
        spark_file("fateflow", "spark-defaults.conf", **{"spark.executor.memory": "256m"}),
        f'{SERVICES}.fateflow.configuration["spark-defaults.conf"]["spark.executor.memory"]',
        "a heap of 256 MiB",
        "write 450m or more",
    ),
    "an executor with more heap than any worker has": (
        spark_file("fateflow", "spark-defaults.conf", **{"spark.executor.memory": "4g"}),
        f'{SERVICES}.fateflow.configuration["spark-defaults.conf"]["spark.executor.memory"]',
        "a heap of 4096 MiB, and a worker has 1152 MiB",
        "services: {sparkworker: {memory: 9344}}",
    ),
    "a heap without its unit": (
        spark_file("fateflow", "spark-defaults.conf", **{"spark.executor.memory": "1024"}),
        f'{SERVICES}.fateflow.configuration["spark-defaults.conf"]["spark.executor.memory"]',
        "takes a heap",
        "512m",
    ),
    "another Spark": (
        spark_file("fateflow", "spark-defaults.conf", **{"spark.master": "yarn"}),
        f'{SERVICES}.fateflow.configuration["spark-defaults.conf"]["spark.master"]',
        "written by this program",
        "write the party's engines",
    ),
    "Spark on a database of FATE-Flow's own": (
        spark(database="sqlite"),
        "fate:parties[0].database",
        "computing spark needs a database",
        "write database: mariadb",
    ),
    "Spark from the hub": (
        spark(storage="file") | {"images": {"from": "hub"}, "mirror": None},
        "fate:images.from",
        "release 2.2.0 has no image of fateflow-spark and gateway from hub",
        "write images: {from: packages}",
    ),
}

ACCEPTED |= ACCEPTED_ON_KUBERNETES | ACCEPTED_STARS | ACCEPTED_EXTERNAL | ACCEPTED_HARBORS | ACCEPTED_CHARTS
ACCEPTED |= ACCEPTED_HARBORS_ELSEWHERE | ACCEPTED_CHARTED_HARBORS
STORE = "fate:parties[0].model-store"
OF_SECRETS: dict[str, Refusal] = {
    "a secret in plain text": (
        stack(secrets={"models": "hunter2"}),
        "fate:secrets.models",
        "stands in plain text",
        "pulumi config set --secret --path fate:secrets.NAME",
    ),
    "a secret's name with capitals": (
        stack(secrets={"Models": {"secure": "v1"}}),
        "fate:secrets.Models",
        "not a name of a secret",
        "such as model-store",
    ),
    "a password where it is used": (
        given("models", **{"model-store": model_store(password="hunter2")}),
        f"{STORE}.password",
        "stands in plain text",
        "write {secret: NAME}",
    ),
    "a password for the name of one": (
        given("models", **{"model-store": model_store(password={"secret": "Hunter 2"})}),
        f"{STORE}.password.secret",
        "is not the name of a secret",
        "write that name",
    ),
    "a secret that is not there": (
        given("other", "models-2", **{"model-store": model_store()}),
        f"{STORE}.password.secret",
        "names no secret of fate:secrets, which has models-2, other",
        "pulumi config set --secret",
    ),
    "a secret where there is none": (
        one(**{"model-store": model_store()}),
        f"{STORE}.password.secret",
        "and there is none",
        "pulumi config set --secret",
    ),
    "a model store without a password": (
        one(**{"model-store": {k: v for k, v in model_store().items() if k != "password"}}),
        f"{STORE}.password",
        "is missing",
        "write password",
    ),
    "a model store of an unknown kind": (
        one(**{"model-store": {"kind": "mysq"}}),
        f"{STORE}.kind",
        '"mysq" is not a kind',
        "kind: mysql",
    ),
    "a model store at loopback": (
        given("models", **{"model-store": model_store(host="localhost")}),
        f"{STORE}.host",
        "that container itself",
        "the machine's name or address",
    ),
    "FATE's password of a model store": (
        conf(model_store={"mysql": {"passwd": "x"}}),
        f"{CONF}.model_store.mysql.passwd",
        "written by this program",
        "password: {secret: NAME}",
    ),
    "a ZooKeeper without a server": (
        one(zookeeper={"servers": []}),
        "fate:parties[0].zookeeper.servers",
        "names no server",
        "- host: zk",
    ),
    "half an account of a ZooKeeper": (
        one(zookeeper={"servers": [{"host": "zk"}], "user": "fate"}),
        "fate:parties[0].zookeeper.password",
        "an account has both",
        "write password",
    ),
}

REFUSED: dict[str, Refusal] = (
    OF_VALUES
    | OF_PARTIES
    | OF_PEERS
    | OF_PORTS
    | OF_PAGES
    | OF_IMAGES
    | OF_SERVICES
    | OF_SPARK
    | OF_SECRETS
    | OF_KUBERNETES
    | REFUSED_STARS
    | REFUSED_EXTERNAL
    | REFUSED_HARBORS
    | REFUSED_CHARTED_HARBORS
    | REFUSED_CHARTS
)
