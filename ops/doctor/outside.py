"""What is said otherwise of a part that others run: nobody here has its container or its log."""

from collections.abc import Mapping
from typing import NamedTuple

from ops.doctor.symptoms import Finding, Symptom


class Outside(NamedTuple):
    """The services in whose place such a part can be, and what is found there: `{there}` is its address."""

    services: tuple[str, ...]
    finding: Finding


def _of(service: str, cause: str, remedy: str) -> Outside:
    return Outside((service,), Finding(cause, remedy))


ELSEWHERE: Mapping[Symptom, Outside] = {
    Symptom.DATABASE_SILENT: _of(
        "database",
        "The database at {there}, which others run, is out of reach of party {party}: it is down, a firewall"
        " is between, or host and port are wrong.",
        "See that it runs and takes connections from here; correct external.database, then: pulumi up",
    ),
    Symptom.DATABASE_REFUSES: _of(
        "database",
        "The database at {there} does not take the account, or lacks the schema.",
        "`fate sql FILE`, with the stack's file, prints what makes both. A new password is set by pulumi"
        " config set --secret --path fate:secrets.NAME, then: pulumi up",
    ),
    Symptom.DATABASE_EMPTY: _of(
        "database",
        "The schema at {there} lacks tables: FATE-Flow may not make its own, or nobody has made Eggroll's.",
        "`fate sql FILE`, with the stack's file, prints what is to be run there; then {fateflow:restart}",
    ),
    Symptom.BROKER_SILENT: _of(
        "broker",
        "The management API of the broker that others run for party {party} does not answer.",
        "See that RabbitMQ runs with the plugin rabbitmq_management and takes connections from here; correct"
        " external.broker, then: pulumi up",
    ),
    Symptom.BROKER_REFUSES: _of(
        "broker",
        "The broker at {there} does not take the account: every job would fail after some 20 s.",
        "Correct user and password of external.broker (pulumi config set --secret --path fate:secrets.NAME),"
        " then: pulumi up",
    ),
    Symptom.BROKER_NOT_ADMINISTERED: _of(
        "broker",
        "FATE makes users, virtual hosts and upstreams for each task, which only an administrator may.",
        "Ask who runs {there}: rabbitmqctl set_user_tags USER administrator",
    ),
    Symptom.BROKER_WITHOUT_FEDERATION: _of(
        "broker",
        "The broker at {there} runs without the plugins rabbitmq_federation and"
        " rabbitmq_federation_management: jobs would stay `running` for ever.",
        "Ask who runs it: rabbitmq-plugins enable rabbitmq_federation rabbitmq_federation_management",
    ),
    Symptom.BROKER_ALARM: _of(
        "broker",
        "The broker at {there} has stopped taking messages for want of memory or disk: jobs would stay"
        " `running`.",
        "Ask who runs it to make room.",
    ),
    Symptom.PULSAR_SILENT: _of(
        "pulsar",
        "The administration of the Pulsar that others run for party {party} does not answer.",
        "See that it runs and takes connections from here; correct external.pulsar, then: pulumi up",
    ),
    Symptom.PULSAR_UNWELL: _of(
        "pulsar",
        "The Pulsar at {there} stores no message: jobs would stay `running`.",
        "Ask who runs it: pulsar-admin brokers healthcheck",
    ),
    Symptom.PEER_UNREGISTERED: _of(
        "pulsar",
        "The Pulsar at {there} does not know the broker of party {peer}, or knows another. Jobs would fail"
        " with `'NoneType' object has no attribute 'get'`.",
        "Ask who runs it: pulsar-admin clusters create {peer} --url pulsar://HOST:PORT, of the peer's broker",
    ),
    Symptom.SPARK_SILENT: _of(
        "sparkmaster",
        "The Spark at {there}, which others run, is out of reach of party {party}.",
        "See that its master runs and takes connections from here; correct external.spark, then: pulumi up",
    ),
    Symptom.HDFS_SILENT: _of(
        "namenode",
        "The HDFS at {there}, which others run, is out of reach of party {party}: no table can be read.",
        "See that its name node runs and takes connections from here; correct external.hdfs, then: pulumi up",
    ),
    Symptom.HDFS_REFUSES: _of(
        "namenode",
        "The HDFS at {there} does not let the user of external.hdfs write: each job would fail within two"
        " minutes.",
        "Ask who runs it: hdfs dfs -mkdir -p /fate && hdfs dfs -chown USER /fate. A USER other than fate is"
        " named in external.hdfs, then: pulumi up",
    ),
    Symptom.HDFS_DATANODES_UNREACHED: _of(
        "namenode",
        "The name node at {there} answers, and no data node does, at the addresses that it has for them: jobs"
        " would fail when they write a table.",
        "See those addresses (hdfs dfsadmin -report) and open the way to each from party {party} and from"
        " Spark's workers, at external.hdfs.datanode-port on a cluster.",
    ),
    Symptom.HDFS_SAFE_MODE: _of(
        "namenode",
        "The HDFS at {there} is in safe mode: nothing can be written until it leaves it.",
        "Ask again in a minute; then ask who runs it.",
    ),
    Symptom.JOB_HANGS: Outside(
        ("broker", "pulsar"),
        Finding(
            "The parties take each other's calls, but their workers only wait: data does not flow. Most often"
            " the broker at {there} cannot dial that of a peer, or a peer's cannot dial it.",
            "See what the rows to the peer say on both sides, and dial the peer's broker from {there}.",
        ),
    ),
}


def elsewhere(symptom: Symptom, external: Mapping[str, str]) -> tuple[Finding, str] | None:
    """Return what is found of a part that others run, and where that is; None where nobody else runs it."""
    said = ELSEWHERE.get(symptom)
    there = next((external[service] for service in said.services if service in external), "") if said else ""
    return (said.finding, there) if said and there else None
