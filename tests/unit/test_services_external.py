"""What the services of a party are told of those that others run."""

from typing import Any

import pytest
import yaml

from components.services import broker, pulsar
from components.services.context import PartyContext, Route
from components.services.job_defaults import job_defaults
from components.services.party import party_services, publications
from components.services.service import Secret, Service
from components.services.service_conf import service_conf
from components.services.topology import ports, topology
from config import HostPeer, catalogue, load
from config.external import ANYWHERE, External
from tests.conftest import Golden
from tests.unit.external_examples import (
    BROKER,
    DATABASE,
    DRIVER,
    HDFS,
    PULSAR_THERE,
    SECRETS,
    SPARK,
    SPARK_THERE,
    client,
    of_spark,
    outside,
)
from tests.unit.stack_values import EXPOSE, PULSAR, Values, eggroll, one, spark

PEER = Route("10000", HostPeer(id="10000", host="fate.partner.example").addresses)
ALL_ON_SPARK = of_spark(database=DATABASE)


def context(values: Values) -> PartyContext:
    settings = load(values)
    return PartyContext(settings.parties[0], settings.release, settings.rotation, settings.images, [PEER])


def made(values: Values) -> dict[str, Service]:
    return {service.name: service for service in party_services(context(values))}


def file(service: Service, name: str) -> str:
    (text,) = [file.text for file in service.files if file.path.endswith(f"/{name}")]
    return text


def conf(values: Values) -> Any:  # noqa: ANN401 - a YAML tree
    return service_conf(context(values))


def test_every_part_that_others_can_run_is_in_the_catalogue_with_its_ports() -> None:
    first: dict[str, str] = {}
    for name, facts in catalogue().services.items():
        if facts.external:
            first.setdefault(facts.external, name)
    assert set(first) == set(External.model_fields)
    parts = {"database": DATABASE, "broker": BROKER, "pulsar": PULSAR_THERE, "spark": SPARK, "hdfs": HDFS}
    for key, part in External.model_validate(parts).parts.items():
        assert set(part.addresses) <= set(catalogue().services[first[key]].ports), key


@pytest.mark.parametrize(
    ("values", "gone"),
    [
        (one(**outside(database=DATABASE)) | SECRETS, {"database"}),
        (one(**outside(broker=BROKER)) | SECRETS, {"broker"}),
        (one(engines=PULSAR, **outside(pulsar=PULSAR_THERE)), {"pulsar"}),
        (of_spark(), {"sparkmaster", "sparkworker-1", "namenode", "datanode-1", "broker"}),
        (spark(**outside(hdfs=HDFS)), {"namenode", "datanode-1"}),
    ],
)
def test_a_service_in_whose_place_others_run_one_is_not_made(values: Values, gone: set[str]) -> None:
    party = {key: value for key, value in values["parties"][0].items() if key != "external"}
    assert set(made({**values, "parties": [party]})) - set(made(values)) == gone


def test_the_files_of_a_party_whose_all_parts_others_run(golden: Golden) -> None:
    fateflow = made(ALL_ON_SPARK)["fateflow"]
    for name in (
        "service_conf.yaml",
        "rabbitmq_route_table.yaml",
        "job_default_config.yaml",
        "spark-defaults.conf",
        "core-site.xml",
        "hdfs-site.xml",
    ):
        golden(f"external/{name}", file(fateflow, name))
    golden("external/topology.mmd", topology(load(ALL_ON_SPARK)))


def test_fateflow_waits_for_what_others_run_and_dials_it() -> None:
    fateflow = made(ALL_ON_SPARK)["fateflow"]
    waits = [part for part in fateflow.command if part.partition(":")[2].isdigit()]
    assert waits == ["db.bank.example:3306", "spark.bank.example:7077", "hdfs.bank.example:8020"]
    assert fateflow.needs == (), "nothing of its own party"
    assert set(fateflow.fetches_from) == {
        ("db.bank.example", 3306),
        ("mq.bank.example", 5672),
        ("mq.bank.example", 15672),
        ("spark.bank.example", 7077),
        ("hdfs.bank.example", 8020),
        (ANYWHERE, 9866),
    }


def test_passwords_of_others_are_given_and_stand_in_no_file() -> None:
    fateflow = made(ALL_ON_SPARK)["fateflow"]
    assert {(secret.name, secret.given) for secret in fateflow.secrets} == {
        ("broker-password", "mq"),
        ("database-password", "db"),
    }
    values = of_spark(spark={**SPARK, **DRIVER, "secret": {"secret": "db"}})
    found = made(values)["fateflow"]
    assert Secret("spark-secret", "fateflow", given="db") in found.secrets
    assert "spark.authenticate.secret @@secret:spark-secret@@" in file(found, "spark-defaults.conf")


def test_the_own_workers_dial_an_hdfs_that_others_run() -> None:
    values = spark(**outside(hdfs={**HDFS, "port": 9000, "user": "hive"}, broker=BROKER)) | SECRETS
    services = made(values)
    assert set(services["sparkworker-1"].fetches_from) == {
        ("hdfs.bank.example", 9000),
        (ANYWHERE, 9866),
        ("mq.bank.example", 5672),
        ("mq.bank.example", 15672),
    }, "executors send tables to the broker themselves"
    assert services["sparkworker-1"].calls == ("sparkmaster", "sparkworker-1", "fateflow")
    assert services["fateflow"].environment["HADOOP_USER_NAME"] == "hive"
    assert conf(of_spark())["storage"] == {"hdfs": {"name_node": "hdfs://hdfs.bank.example:8020"}}


def test_executors_elsewhere_dial_few_known_ports_which_an_engine_opens() -> None:
    party = load(ALL_ON_SPARK).parties[0]
    opened = [each.external for each in publications(party) if each.service == "fateflow"]
    assert opened == list(range(31000, 31032))
    assert {row["opened_for"] for row in ports(load(ALL_ON_SPARK))} >= {"Spark's executors"}
    text = file(made(ALL_ON_SPARK)["fateflow"], "spark-defaults.conf")
    for line in (
        "spark.driver.host fate.bank.example",
        "spark.driver.port 31000",
        "spark.driver.blockManager.port 31016",
        "spark.port.maxRetries 15",
    ):
        assert line in text, "no port beyond those that are opened"


def test_jobs_ask_of_workers_elsewhere_what_the_stack_says() -> None:
    share = {"task_run": {"spark": {"num-executors": 8, "executor-cores": 4}}}
    override = {"fateflow": {"configuration": {"job_default_config.yaml": share}}}
    values = spark(override, **outside(**SPARK_THERE)) | SECRETS
    assert job_defaults(context(values))["job_cores"] == 32
    assert conf(values)["computing"] == {"spark": {"home": None, "cores": 32}}
    assert "spark.dynamicAllocation.maxExecutors 8" in file(made(values)["fateflow"], "spark-defaults.conf")


def test_eggroll_s_tables_are_looked_for_where_others_keep_them() -> None:
    values = eggroll(**outside(database={**DATABASE, "port": 3307, "database": "bank"})) | SECRETS
    manager = made(values)["clustermanager"]
    text = file(manager, "eggroll.properties")
    assert "jdbc.url=jdbc:mysql://db.bank.example:3307/bank?" in text
    assert "jdbc.password=@@secret:database-password@@" in text
    assert "db.bank.example:3307" in manager.command, "it waits for it"
    assert manager.fetches_from == (("db.bank.example", 3307),)
    assert [secret.given for secret in manager.secrets] == ["db"]


def test_in_client_mode_every_party_s_broker_is_the_one_for_all() -> None:
    table = broker.route_table(context(one(**client(), expose=EXPOSE) | SECRETS))
    assert table == {key: {"host": "mq.bank.example", "port": 5672} for key in ("9999", "10000")}


def test_a_pulsar_elsewhere_is_told_by_its_own_name(golden: Golden) -> None:
    there = {**PULSAR_THERE, "http-port": 8081, "cluster": "bank", "tenant": "fate"}
    values = one(engines=PULSAR, **outside(pulsar=there))
    golden("external/pulsar.yaml", yaml.safe_dump(conf(values)["federation"]["pulsar"], sort_keys=False))
    own, peer = (str(end) for end in pulsar.route_table(context(values)).values())
    assert "'host': 'pulsar.bank.example', 'port': 6650" in own
    assert "'host': 'fate.partner.example'" in peer
