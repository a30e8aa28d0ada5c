"""What the doctor asks of parts that others run, and what it advises: nobody here has their containers."""

import socket
from pathlib import Path

import pytest

from ops.doctor.checks import CheckResult, Patient, planned, run
from ops.doctor.inside import ask
from ops.doctor.outputs import DockerParty
from ops.doctor.outside import ELSEWHERE
from ops.doctor.remedies import FINDINGS, found
from ops.doctor.symptoms import Ailment, Symptom
from ops.doctor.words import words
from tests.unit.doctor_party import PartyOnThisMachine, configured, listening
from tests.unit.test_doctor_checks import says

CONTAINERS = ("fateflow", "gateway")


def outputs(**external: str) -> DockerParty:
    told = {
        "runtime": "docker",
        "host": "unix:///nowhere.sock",
        "containers": {service: f"fate-t-9999-{service}" for service in CONTAINERS},
        "database": "mariadb",
        "external": external,
        "peers": ["10000"],
    }
    return DockerParty.model_validate(told)


def examined(home: Path, **external: str) -> dict[str, CheckResult]:
    with listening(says) as port:
        reach = PartyOnThisMachine(configured(home, port))
        party = Patient("9999", outputs(**external), reach, CONTAINERS, ("9999",))
        return {result.check: result for result in run(planned(party, "2.2.0"))}


def test_a_part_that_others_run_is_asked_from_fateflow(tmp_path: Path) -> None:
    results = examined(tmp_path, database="db.bank.example:3306", broker="mq.bank.example:5672")
    assert set(results) == {"fateflow", "gateway", "database", "broker", "gateway to 10000"}
    assert results["broker"].ok, "its management API answers where FATE-Flow's settings say"
    finding = results["database"].finding
    assert finding is not None
    assert "at db.bank.example:3306" in finding.cause
    assert "9999-database" not in finding.remedy, "nobody here has its container"


def test_of_a_part_without_an_account_a_connection_is_tried(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        assert examined(tmp_path, sparkmaster=place)["sparkmaster"].detail == f"{place} takes connections"
    result = examined(tmp_path, namenode=place)["namenode"]
    assert "Connection refused" in result.detail
    assert result.finding is not None
    assert "external.hdfs" in result.finding.remedy


PYARROW = """
import os

class FileType:
    NotFound = 0

class HadoopFileSystem:
    def __init__(self, host, port, extra_conf):
        self.files = {{}}
    def create_dir(self, path):
        os.write(2, {said!r}.encode())
        if {said!r}:
            raise OSError(255, "HDFS failed")
    def open_output_stream(self, path):
        return open({kept!r}, "wb")
    def open_input_stream(self, path):
        return open({kept!r}, "rb")
    def get_file_info(self, path):
        return type("Info", (), {{"type": int(os.path.exists({kept!r}))}})
    def delete_file(self, path):
        os.remove({kept!r})
"""
"""In the place of pyarrow's client of HDFS, which no machine of tests has: Java says what it is told to."""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "stores what FATE's user writes"),
        ("WARN a\nPermission denied: user=fate, access=WRITE, inode=/\n\tat java", Symptom.HDFS_REFUSES),
        ("File /fate/x could only be written to 0 of the 1 nodes.", Symptom.HDFS_DATANODES_UNREACHED),
        ("Cannot create file. Name node is in safe mode.", Symptom.HDFS_SAFE_MODE),
        ("something else", Symptom.HDFS_REFUSES),
    ],
)
def test_a_file_is_written_in_an_hdfs_that_others_run(
    said: str, told: str | Symptom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    (tmp_path / "pyarrow").mkdir()
    (tmp_path / "pyarrow" / "__init__.py").touch()
    (tmp_path / "pyarrow" / "fs.py").write_text(PYARROW.format(said=said, kept=str(kept)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    home = PartyOnThisMachine(tmp_path)
    if isinstance(told, Symptom):
        with pytest.raises(Ailment) as raised:
            ask(home, "hdfs_written", "hdfs.bank.example:8020")
        assert raised.value.symptom is told
        assert "java" not in raised.value.detail, "one line of what Java says"
    else:
        assert told in ask(home, "hdfs_written", "hdfs.bank.example:8020")["detail"]
    assert not kept.exists(), "what was written is gone again"


@pytest.mark.parametrize("symptom", ELSEWHERE)
def test_a_remedy_for_a_part_that_others_run_names_its_place_or_its_key(symptom: Symptom) -> None:
    for service in ELSEWHERE[symptom].services:
        names = words("9999", outputs(**{service: "there.example:1"}), "10000")
        finding = found(Ailment(symptom, ""), names)
        assert finding != found(Ailment(symptom, ""), words("9999", outputs(), "10000"))
        assert "there.example:1" in f"{finding.cause} {finding.remedy}" or "external." in finding.remedy


def test_a_part_that_the_party_runs_itself_keeps_its_remedy() -> None:
    names = words("9999", outputs(database="db.bank.example:3306"))
    own = found(Ailment(Symptom.BROKER_SILENT, ""), names)
    assert own.cause == FINDINGS[Symptom.BROKER_SILENT].cause.format_map(names)


def test_an_answer_outside_is_looked_for_from_where_fateflow_stands(tmp_path: Path) -> None:
    reach = PartyOnThisMachine(tmp_path)
    with pytest.raises(Ailment) as raised:
        ask(reach, "elsewhere", "hdfs-silent", "127.0.0.1:9")
    assert raised.value.symptom is Symptom.HDFS_SILENT
