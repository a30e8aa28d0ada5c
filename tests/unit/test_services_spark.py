"""What Spark, HDFS and FATE-Flow are told of each other, and what of the workers a job asks for."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
import yaml

from components.services.context import PartyContext, Route
from components.services.job_defaults import job_defaults
from components.services.party import party_services
from components.services.service import Service
from components.services.service_conf import service_conf
from config import HostPeer, load
from config.spark import LEAST_HEAP, SparkPlan, spark_plan
from tests.conftest import Golden
from tests.unit import stack_values

PEER = Route("10000", HostPeer(id="10000", host="fate.partner.example").addresses)


def context(services: dict[str, Any] | None = None, storage: str = "hdfs") -> PartyContext:
    settings = load(stack_values.spark(services, storage))
    return PartyContext(settings.parties[0], "2.2.0", settings.rotation, settings.images, [PEER])


def made(services: dict[str, Any] | None = None, storage: str = "hdfs") -> dict[str, Service]:
    return {service.name: service for service in party_services(context(services, storage))}


def file(service: Service, name: str) -> str:
    (text,) = [file.text for file in service.files if file.path.endswith(f"/{name}")]
    return text


def properties(text: str) -> dict[str, str]:
    """Return the properties of a site file, as Hadoop reads them."""
    root = ElementTree.fromstring(text)
    return {each.findtext("name") or "": each.findtext("value") or "" for each in root.iter("property")}


def plan(services: dict[str, Any] | None = None, storage: str = "hdfs") -> SparkPlan:
    found = spark_plan(context(services, storage).settings)
    assert found is not None
    return found


def workers(number: int, cores: int | None = None, **keys: object) -> dict[str, Any]:
    offered = {"configuration": {"spark-env.sh": {"SPARK_WORKER_CORES": cores}}} if cores else {}
    return {"sparkworker": {"instances": number, **offered, **keys}}


def test_the_configuration_files(golden: Golden) -> None:
    services = made()
    for service, names in {
        "fateflow": (
            "service_conf.yaml",
            "job_default_config.yaml",
            "spark-defaults.conf",
            "core-site.xml",
            "hdfs-site.xml",
        ),
        "sparkmaster": ("spark-defaults.conf",),
        "sparkworker-1": ("spark-defaults.conf", "spark-env.sh"),
        "namenode": ("core-site.xml", "hdfs-site.xml"),
        "datanode-1": ("core-site.xml", "hdfs-site.xml"),
    }.items():
        for name in names:
            golden(f"spark/{service}-{name}", file(services[service], name))


def test_the_commands(golden: Golden) -> None:
    commands = {name: " ".join(service.command) for name, service in made().items()}
    golden("spark/commands.yaml", yaml.safe_dump(commands, width=2000))


def test_with_storage_in_files_spark_computes_where_the_files_are(golden: Golden) -> None:
    services = made(storage="file")
    assert set(services) == {"fateflow", "database", "broker", "gateway"}, (
        "executors elsewhere have no such files"
    )
    golden("spark/file-spark-defaults.conf", file(services["fateflow"], "spark-defaults.conf"))
    golden("spark/file-job_default_config.yaml", file(services["fateflow"], "job_default_config.yaml"))
    assert "core-site.xml" not in str(services["fateflow"].files), "paths without a scheme would lead to HDFS"
    assert "localfs" in [volume.name for volume in services["fateflow"].volumes]
    assert services["fateflow"].opens_more_to == ()


def test_spark_s_secret_is_read_where_it_is_used_and_stands_in_no_command() -> None:
    services = made()
    holders = {
        name for name, service in services.items() for s in service.secrets if s.name == "spark-secret"
    }
    assert holders == {"fateflow", "sparkmaster", "sparkworker-1"}
    for name in holders:
        assert "spark.authenticate.secret @@secret:spark-secret@@\n" in file(
            services[name], "spark-defaults.conf"
        )
        assert "secret:" not in str(services[name].environment) + str(services[name].command)


def test_only_who_dials_ports_of_another_s_choice_gets_all_of_them() -> None:
    services = made(workers(2))
    assert services["fateflow"].opens_more_to == ("sparkworker-1", "sparkworker-2")
    assert services["sparkworker-1"].opens_more_to == ("sparkworker-1", "sparkworker-2", "fateflow")
    assert {name for name, service in services.items() if service.opens_more_to} == {
        "fateflow",
        "sparkworker-1",
        "sparkworker-2",
    }


def test_an_empty_volume_alone_is_formatted() -> None:
    words = made()["namenode"].command[-1]
    formatted, _, started = words.rpartition(" && exec ")
    assert formatted.startswith("[ -d /hadoop/dfs/name/names ] || { rm -rf /hadoop/dfs/name/unfinished && ")
    assert "dfs.namenode.name.dir=file:///hadoop/dfs/name/unfinished -format -nonInteractive" in formatted, (
        "what is formatted is never what holds names"
    )
    assert "-format" not in started


@pytest.mark.parametrize(
    ("datanodes", "copies", "policy"), [(1, 1, "NEVER"), (3, 3, "NEVER"), (4, 3, "DEFAULT")]
)
def test_copies_follow_the_number_of_data_nodes(datanodes: int, copies: int, policy: str) -> None:
    services = made({"datanode": {"instances": datanodes}})
    told = properties(file(services["fateflow"], "hdfs-site.xml"))
    assert told["dfs.replication"] == str(copies)
    assert told["dfs.client.block.write.replace-datanode-on-failure.policy"] == policy
    assert properties(file(services["namenode"], "hdfs-site.xml"))["dfs.replication"] == str(copies)
    assert f"datanode-{datanodes}" in services["fateflow"].calls


def test_an_overlaid_property_is_the_one_that_hadoop_reads() -> None:
    services = made({"namenode": {"configuration": {"hdfs-site.xml": {"dfs.namenode.handler.count": 20}}}})
    told = properties(file(services["namenode"], "hdfs-site.xml"))
    assert told["dfs.namenode.handler.count"] == "20"
    assert told["dfs.namenode.rpc-bind-host"] == "0.0.0.0"


@pytest.mark.parametrize(
    ("services", "cores", "executors", "executor_cores"),
    [
        ({}, 1, 1, 1),
        (workers(2), 2, 2, 1),
        (workers(1, 4, memory=4096), 3, 1, 2),
        (workers(3, 8, memory=8192), 21, 2, 2),
    ],
)
def test_a_job_fits_beside_an_arbiter_on_what_workers_offer(
    services: dict[str, Any], cores: int, executors: int, executor_cores: int
) -> None:
    found = plan(services)
    assert (found.cores, found.executors, found.executor_cores) == (cores, executors, executor_cores)
    assert executor_cores + 1 <= found.worker_cores, "an arbiter's executor of one core starts beside it"
    assert found.executor_heap * 2 <= found.worker_heaps, "so does its heap"
    assert found.executor_heap >= LEAST_HEAP
    assert service_conf(context(services))["computing"]["spark"]["cores"] == cores
    assert job_defaults(context(services))["job_cores"] == executors * executor_cores <= cores


def test_more_memory_of_a_worker_is_more_heap_for_its_executors() -> None:
    assert plan(workers(1, memory=4352)).executor_heap == plan().executor_heap + 1024, "half for each of two"


def test_a_task_has_the_executors_that_its_job_asks_for_and_no_more() -> None:
    text = file(made(workers(2))["fateflow"], "spark-defaults.conf")
    assert "spark.dynamicAllocation.minExecutors 2\n" in text
    assert "spark.dynamicAllocation.maxExecutors 2\n" in text


def test_what_fate_flow_counts_is_what_spark_within_it_has() -> None:
    conf = {"service_conf.yaml": {"computing": {"spark": {"cores": 6}}}}
    services = made({"fateflow": {"configuration": conf}}, "file")
    assert "spark.master local[6]\n" in file(services["fateflow"], "spark-defaults.conf")
    assert yaml.safe_load(file(services["fateflow"], "job_default_config.yaml"))["job_cores"] == 6
