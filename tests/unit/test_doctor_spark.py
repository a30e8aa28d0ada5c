"""What the doctor tells of Spark's workers and HDFS's data nodes: real scripts, real sockets."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import catalogue
from ops.doctor import checks
from ops.doctor.checks import Patient
from ops.doctor.inside import ask
from ops.doctor.outputs import DockerParty
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_party import PartyOnThisMachine, Said, configured, listening

SERVICES = ("fateflow", "sparkmaster", "sparkworker-1", "sparkworker-2", "namenode", "datanode-1")


def worker(**keys: object) -> dict[str, object]:
    return {"state": "ALIVE", "cores": 2, "coresfree": 2, "memory": 1152, **keys}


def master(*workers: dict[str, object], applications: tuple[str, ...] = ()) -> dict[str, object]:
    return {"workers": list(workers), "activeapps": [{"state": state} for state in applications]}


def name_node(live: int = 1, **keys: object) -> dict[str, object]:
    nodes = json.dumps({f"datanode-{number}": {} for number in range(live)})
    told = {
        "LiveNodes": nodes,
        "Safemode": "",
        "NumberOfMissingBlocks": 0,
        "TotalBlocks": 12,
        "Free": 52 * 2**30,
    }
    return {"beans": [{**told, **keys}]}


def party(home: Path, heap: str = "576m", cores: int = 1) -> PartyOnThisMachine:
    """Return a party whose master and name node are this machine."""
    conf = configured(home, 1) / "fate_flow" / "conf"
    (conf / "spark-defaults.conf").write_text(
        f"# a name\nspark.master spark://127.0.0.1:7077\nspark.executor.memory {heap}\n"
    )
    share = {"num-executors": 1, "executor-cores": cores}
    (conf / "job_default_config.yaml").write_text(yaml.safe_dump({"task_run": {"spark": share}}))
    (conf / "core-site.xml").write_text("<name>fs.defaultFS</name><value>hdfs://127.0.0.1:9000</value>")
    return PartyOnThisMachine(home)


def seen(home: Path, script: str, number: int, answer: object, **asked: Any) -> str | Symptom:  # noqa: ANN401
    """Return the detail of a probe, or its symptom."""

    def says(path: str, *_: object) -> Said:
        return 200, answer

    with listening(says) as port:
        try:
            return str(ask(party(home, **asked), script, number, port)["detail"])
        except Ailment as fault:
            return fault.symptom


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (master(worker()), "1 worker, 2 of 2 cores free"),
        (
            master(worker(coresfree=0), worker(), applications=("RUNNING", "WAITING")),
            "2 workers, 2 of 4 cores free, 2 tasks there, 1 waiting",
        ),
        (master(worker(state="DEAD")), Symptom.SPARK_WORKERS_MISSING),
        (master(worker(memory=512)), Symptom.SPARK_NO_ROOM),
        ("not JSON", Symptom.SPARK_WORKERS_MISSING),
    ],
)
def test_workers_are_held_against_what_a_job_asks_for(
    tmp_path: Path, answer: object, told: str | Symptom
) -> None:
    assert seen(tmp_path, "spark", 1, answer) == told


def test_a_job_that_no_worker_has_the_cores_for_is_told_before_it_hangs(tmp_path: Path) -> None:
    assert seen(tmp_path, "spark", 1, master(worker()), cores=4) is Symptom.SPARK_NO_ROOM
    assert seen(tmp_path, "spark", 1, master(worker()), heap="2g") is Symptom.SPARK_NO_ROOM


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (name_node(), "1 data node, 12 blocks, 52 GiB free"),
        (name_node(live=0), Symptom.HDFS_DATANODES_MISSING),
        (name_node(Safemode="Safe mode is ON. The reported blocks 0 ..."), Symptom.HDFS_SAFE_MODE),
        (name_node(NumberOfMissingBlocks=3), Symptom.HDFS_BLOCKS_MISSING),
        ({"beans": []}, Symptom.HDFS_SILENT),
    ],
)
def test_what_the_name_node_tells_is_told(tmp_path: Path, answer: object, told: str | Symptom) -> None:
    assert seen(tmp_path, "hdfs", 1, answer) == told


@pytest.mark.parametrize(
    ("script", "symptom"), [("spark", Symptom.SPARK_SILENT), ("hdfs", Symptom.HDFS_SILENT)]
)
def test_a_silent_one_is_told(tmp_path: Path, script: str, symptom: Symptom) -> None:
    with pytest.raises(Ailment) as raised:
        ask(party(tmp_path), script, 1, 1)
    assert raised.value.symptom is symptom


def test_each_is_asked_at_its_page_for_all_that_the_party_has(tmp_path: Path) -> None:
    ports = {name: {"web": catalogue().port(name, "web")} for name in ("sparkmaster", "namenode")}
    told = {
        "runtime": "docker",
        "host": "unix:///x",
        "containers": {s: s for s in SERVICES},
        "database": "mariadb",
    }
    patient = Patient("9999", DockerParty.model_validate(told), party(tmp_path), SERVICES, (), "NAME", ports)
    found = {check.name: check for check in checks.planned(patient, "2.2.0")}
    assert set(SERVICES) <= set(found)
    for name in ("sparkmaster", "namenode"):
        result = found[name].run()
        assert result.finding, "nothing listens there"
        assert f"127.0.0.1:{ports[name]['web']}" in result.detail
        assert "{" not in result.finding.cause + result.finding.remedy
