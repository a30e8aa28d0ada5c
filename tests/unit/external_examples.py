"""Stacks with parts that others run, by name: those that can work, and those that cannot."""

from tests.unit.kubernetes_examples import cluster, one_in
from tests.unit.stack_values import (
    DROP,
    EXPOSE,
    PULSAR,
    RABBITMQ,
    STANDALONE,
    Refusal,
    Values,
    eggroll,
    given,
    one,
    spark,
    stack,
    starred,
    two,
)

SECRETS = {"secrets": {"db": {"secure": "v1:nonce:text"}, "mq": {"secure": "v1:nonce:text"}}}
DATABASE: Values = {"host": "db.bank.example", "user": "fate", "password": {"secret": "db"}}
BROKER: Values = {"host": "mq.bank.example", "user": "fate", "password": {"secret": "mq"}}
PULSAR_THERE: Values = {"host": "pulsar.bank.example"}
SPARK: Values = {"host": "spark.bank.example"}
DRIVER: Values = {"driver": {"host": "fate.bank.example"}}
HDFS: Values = {"host": "hdfs.bank.example"}
SPARK_THERE: Values = {"spark": {**SPARK, **DRIVER}, "broker": BROKER, "hdfs": HDFS}
AT = "fate:parties[0].external"


def outside(**parts: Values) -> Values:
    """Return what of a party others run."""
    return {"external": parts}


def of_spark(**parts: Values) -> Values:
    """Return a party whose Spark others run, and what its executors dial."""
    return spark(**outside(**{**SPARK_THERE, **parts})) | SECRETS


def client(host: str = "mq.bank.example", **party: object) -> Values:
    return {"mode": "client", **outside(broker={**BROKER, "host": host}), **party}


ACCEPTED_EXTERNAL: dict[str, Values] = {
    "nothing that others run": one(external={}),
    "a database elsewhere": given("db", **outside(database={**DATABASE, "port": 3307, "database": "fate"})),
    "a broker elsewhere": given("mq", **outside(broker={**BROKER, "management-port": 15673})),
    "a Pulsar elsewhere": one(engines=PULSAR, **outside(pulsar={**PULSAR_THERE, "cluster": "bank"})),
    "Spark and HDFS elsewhere": of_spark(),
    "Spark elsewhere with a secret": of_spark(spark={**SPARK, **DRIVER, "secret": {"secret": "db"}}),
    "HDFS elsewhere beside the own Spark": spark(**outside(hdfs=HDFS)),
    "Spark elsewhere for a party on a cluster": one_in(
        engines={"computing": "spark", "storage": "hdfs", "federation": "pulsar"},
        **outside(spark=SPARK, hdfs=HDFS, pulsar=PULSAR_THERE),
    ),
    "a database elsewhere for Eggroll": eggroll(**outside(database=DATABASE)) | SECRETS,
    "a schema a party in one database": two(
        outside(database={**DATABASE, "database": "fate_9999"}), outside(database=DATABASE), **SECRETS
    ),
    "two brokers elsewhere": two(
        outside(broker=BROKER), outside(broker={**BROKER, "host": "mq.partner.example"}), **SECRETS
    ),
    "a broker elsewhere and one that it can dial": two(outside(broker=BROKER), {"expose": EXPOSE}, **SECRETS),
    "one broker for all": two(client(), client(), **SECRETS),
    "one Pulsar for all": two(
        {"engines": PULSAR, "mode": "client", **outside(pulsar=PULSAR_THERE)},
        {"engines": PULSAR, "mode": "client", **outside(pulsar=PULSAR_THERE)},
    ),
    "one broker for all behind an exchange": starred(client(exchange={}), client(exchange={})) | SECRETS,
    "one broker for all with a partner": one(
        **client(), expose=EXPOSE, peers=[{"id": "1", "host": "fate.partner.example"}]
    )
    | SECRETS,
    "a Pulsar elsewhere beside the hub": stack(
        parties=[{"id": "9999", "engines": PULSAR, **outside(pulsar=PULSAR_THERE)}],
        release="2.0.0",
        images={"from": "hub"},
        mirror=DROP,
    ),
}

REFUSED_EXTERNAL: dict[str, Refusal] = {
    "Spark elsewhere for standalone computing": (
        one(**outside(spark=SPARK)),
        f"{AT}.spark",
        "would not dial it, as it needs no sparkmaster",
        "write engines.computing: spark and engines.storage: hdfs",
    ),
    "Spark elsewhere for Eggroll": (
        eggroll(**outside(spark=SPARK)),
        f"{AT}.spark",
        "needs no sparkmaster",
        "leave spark out of external",
    ),
    "Spark elsewhere with tables in files": (
        spark(storage="file", **outside(spark=SPARK)),
        f"{AT}.spark",
        "for computing spark with storage hdfs",
        "engines.storage: hdfs",
    ),
    "HDFS elsewhere with tables in files": (
        spark(storage="file", **outside(hdfs=HDFS)),
        f"{AT}.hdfs",
        "its engines.storage is not hdfs",
        "leave hdfs out",
    ),
    "a broker elsewhere with OSX": (
        eggroll(**outside(broker=BROKER)) | SECRETS,
        f"{AT}.broker",
        "needs no broker: its engines.federation is another",
        "engines.federation: rabbitmq",
    ),
    "a broker elsewhere with Pulsar": (
        one(engines=PULSAR, **outside(broker=BROKER)) | SECRETS,
        f"{AT}.broker",
        "needs no broker",
        "leave broker out",
    ),
    "a Pulsar elsewhere without federation": (
        one(engines=STANDALONE, **outside(pulsar=PULSAR_THERE)),
        f"{AT}.pulsar",
        "needs no pulsar",
        "engines.federation: pulsar",
    ),
    "a database elsewhere with SQLite": (
        one(database="sqlite", **outside(database=DATABASE)) | SECRETS,
        f"{AT}.database",
        "it keeps its jobs in SQLite",
        "write database: mariadb",
    ),
    "a service that others run, changed here": (
        one(services={"database": {"memory": 1024}}, **outside(database=DATABASE)) | SECRETS,
        "fate:parties[0].services.database",
        "has no database: its external.database is in that place",
        "leave database out",
    ),
    "a worker of a Spark that others run": (
        spark({"sparkworker": {"instances": 2}}, **outside(**SPARK_THERE)) | SECRETS,
        "fate:parties[0].services.sparkworker",
        "its external.spark is in that place",
        "leave sparkworker out",
    ),
    "a database elsewhere at loopback": (
        one(**outside(database={**DATABASE, "host": "127.0.0.1"})) | SECRETS,
        f"{AT}.database.host",
        "that container itself",
        "the machine's name or address",
    ),
    "a database elsewhere without a password": (
        one(**outside(database={"host": "db.bank.example", "user": "fate"})),
        f"{AT}.database.password",
        "is missing",
        "write password",
    ),
    "a database's password in plain text": (
        one(**outside(database={**DATABASE, "password": "hunter2"})),
        f"{AT}.database.password",
        "stands in plain text",
        "write {secret: NAME}",
    ),
    "a database's password that is not there": (
        one(**outside(database=DATABASE)),
        f"{AT}.database.password.secret",
        "names no secret of fate:secrets",
        "pulumi config set --secret",
    ),
    "a part that this program does not know": (
        one(external={"databse": DATABASE}),
        f"{AT}.databse",
        "not a key",
        "database",
    ),
    "two parties in one schema": (
        two(outside(database=DATABASE), outside(database=DATABASE), **SECRETS),
        "fate:parties[1].external.database.database",
        '"fate_flow" at db.bank.example:3306 is the schema of party 9999',
        "such as fate_flow_10000",
    ),
    "executors elsewhere without a way back": (
        of_spark(spark=SPARK),
        f"{AT}.spark.driver",
        "nothing leads them to its container",
        "write driver: {host:",
    ),
    "Spark elsewhere beside the own HDFS": (
        spark(**outside(spark={**SPARK, **DRIVER}, broker=BROKER)) | SECRETS,
        f"{AT}.hdfs",
        "is missing: the executors of external.spark dial the namenode",
        "write hdfs: {host: ...}",
    ),
    "Spark elsewhere beside the own broker": (
        spark(**outside(spark={**SPARK, **DRIVER}, hdfs=HDFS)),
        f"{AT}.broker",
        "dial the broker themselves",
        "write broker: {host: ...}",
    ),
    "Spark elsewhere beside OSX": (
        one(
            engines={"computing": "spark", "storage": "hdfs", "federation": "osx"},
            **outside(spark={**SPARK, **DRIVER}, hdfs=HDFS),
        )
        | {"images": {"from": "packages", "services": {"osx": {"from": "hub"}}}},
        "fate:parties[0].engines.federation",
        "osx is the party's own",
        "external: {broker: ...}",
    ),
    "a driver's ports on a cluster": (
        one_in(
            cluster(),
            engines={"computing": "spark", "storage": "hdfs", "federation": "pulsar"},
            **outside(spark={**SPARK, **DRIVER}, hdfs=HDFS, pulsar=PULSAR_THERE),
        ),
        f"{AT}.spark.driver",
        "is for Docker",
        "leave driver out",
    ),
    "a driver's port that is taken": (
        spark(api={"port": 31005}, **outside(**SPARK_THERE)) | SECRETS,
        f"{AT}.spark.driver.port",
        "port 31005 on 0.0.0.0",
        "write another port",
    ),
    "a broker elsewhere that cannot dial its peer's": (
        two(outside(broker=BROKER), **SECRETS),
        "fate:parties[1].expose",
        'the broker of party "9999" is elsewhere',
        "write expose: {host:",
    ),
    "a broker elsewhere behind an exchange": (
        starred({"exchange": {}, **outside(broker=BROKER)}) | SECRETS,
        f"{AT}.broker",
        "through an exchange only",
        "mode: client",
    ),
    "a port of the exchange for a broker elsewhere": (
        starred(client(exchange={"broker-at": 5701}), client(exchange={})) | SECRETS,
        "fate:parties[0].exchange.broker-at",
        "its external.broker is in that place",
        "leave broker-at out",
    ),
    "a port opened for a broker elsewhere": (
        one(expose={**EXPOSE, "broker-port": 25672}, **outside(broker=BROKER)) | SECRETS,
        "fate:parties[0].expose.broker-port",
        "peers dial it there",
        "leave broker-port out",
    ),
    "client mode with two brokers": (
        two(client(), client("mq.partner.example"), **SECRETS),
        "fate:parties[1].external.broker",
        "mode client needs one for both",
        "the same host and port",
    ),
    "client mode beside replication": (
        two(client(), {"expose": EXPOSE}, **SECRETS),
        "fate:parties[0].mode",
        'party "10000" replicates from its own',
        "mode: client and the same broker",
    ),
    "client mode without a broker for all": (
        two({"mode": "client", "engines": RABBITMQ}, client(), **SECRETS),
        "fate:parties[0].mode",
        "each party here has its own",
        "external: {broker: ...}",
    ),
}
