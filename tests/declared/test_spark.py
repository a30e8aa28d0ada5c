"""A party on Spark and HDFS, declared on both runtimes."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.declared.kubernetes_stacks import STACKS
from tests.declared.program import Declared, declare
from tests.unit.stack_values import spark

OF_SPARK = {"party-9999-fateflow", "party-9999-sparkmaster", "party-9999-sparkworker-1"}


@pytest.fixture(scope="module")
def engine() -> Declared:
    return declare(spark({"datanode": {"instances": 2}}))


@pytest.fixture(scope="module")
def cluster() -> Declared:
    return declare(STACKS["Spark and HDFS"], stack="spark")


def callers(rule: Mapping[str, Any], end: str) -> set[str]:
    return {each["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for each in rule[end]}


def ways(cluster: Declared, service: str) -> dict[tuple[int, ...], set[str]]:
    """Return who may dial a service, by the ports that they may dial; none stands for all."""
    rules = cluster.of("NetworkPolicy")[f"party-9999-{service}-policy"]["spec"]["ingress"]
    return {
        tuple(port["port"] for port in rule.get("ports", ())): callers(rule, "from")
        for rule in rules
        if "podSelector" in rule.get("from", [{}])[0]
    }


def test_spark_s_services_and_fate_flow_run_one_image(engine: Declared) -> None:
    images = engine.of("RemoteImage")
    used = {images[f"{name.removesuffix('-1')}-image"]["name"] for name in OF_SPARK}
    assert len(used) == 1, "executors find FATE's code where the driver does"
    assert "fate/fateflow-spark@sha256:" in used.pop()
    assert {"namenode", "datanode"} <= {
        name.split("-")[2] for name in images if name.startswith("party-9999-")
    }


def test_what_hdfs_keeps_stays_when_the_stack_goes(engine: Declared) -> None:
    volumes = {name for name in engine.of("Volume") if "node" in name}
    assert volumes == {
        "party-9999-namenode-name",
        "party-9999-datanode-1-data",
        "party-9999-datanode-2-data",
    }


def test_a_worker_starts_after_its_master_and_a_data_node_after_its_name_node(engine: Declared) -> None:
    containers = engine.of("Container")
    assert containers["party-9999-sparkworker-1"]["command"][2] == "sparkmaster:8080"
    assert containers["party-9999-datanode-2"]["command"][2] == "namenode:9000"


def test_a_new_secret_of_spark_s_starts_all_three_anew() -> None:
    before, after = (declare(spark() | {"rotation": {"spark": number}}).of("Container") for number in (1, 2))
    changed = {name for name, inputs in before.items() if inputs != after[name]}
    assert {name for name in changed if not name.endswith("-secrets")} == OF_SPARK


def test_executors_dial_every_port_of_fate_flow_and_others_its_own(cluster: Declared) -> None:
    workers = {"sparkworker-1", "sparkworker-2"}
    assert ways(cluster, "fateflow") == {(9380, 9360): {"gateway"}, (): workers}
    assert ways(cluster, "sparkworker-1") == {(): workers | {"fateflow"}}
    assert ways(cluster, "sparkmaster") == {(8080, 7077): workers | {"fateflow"}}


def test_executors_send_tables_to_the_broker_themselves(cluster: Declared) -> None:
    """FATE 2.2.0, `arch/federation/message_queue`, `_push_table`."""
    callers_of_broker = set().union(*ways(cluster, "broker").values())
    assert {"fateflow", "sparkworker-1", "sparkworker-2"} <= callers_of_broker


def test_data_nodes_are_met_by_who_reads_and_by_each_other(cluster: Declared) -> None:
    readers = {"fateflow", "sparkworker-1", "sparkworker-2"}
    nodes = {"datanode-1", "datanode-2"}
    assert ways(cluster, "datanode-1") == {(9864, 9866, 9867): readers | nodes}
    assert ways(cluster, "namenode") == {(9000, 9870): readers | nodes}


def test_a_name_leads_to_the_pod_where_ports_are_of_its_choice(cluster: Declared) -> None:
    services = cluster.of("Service")
    headless = {name for name, made in services.items() if made["spec"].get("clusterIP") == "None"}
    assert headless == {
        f"party-9999-{name}-service" for name in ("fateflow", "sparkworker-1", "sparkworker-2")
    }


def test_only_what_keeps_something_is_a_stateful_set(cluster: Declared) -> None:
    names = {name.removeprefix("party-9999-") for name in cluster.of("StatefulSet")}
    assert names == {"fateflow", "database", "broker", "namenode", "datanode-1", "datanode-2"}


def test_with_tables_in_files_there_is_no_spark_beside_fate_flow() -> None:
    declared = declare(STACKS["Spark with tables in files"], stack="files")
    workloads = {*declared.of("StatefulSet"), *declared.of("Deployment")}
    assert {name.removeprefix("party-9999-") for name in workloads} == {
        "fateflow",
        "database",
        "broker",
        "gateway",
    }
    claims = {name for name in declared.of("PersistentVolumeClaim") if "fateflow" in name}
    assert "party-9999-fateflow-localfs" in claims
    assert "party-9999-fateflow-data" not in claims, "nothing would lie there"
