"""What the doctor asks of a party whose federation is Pulsar, and what it makes of the answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.doctor.checks import CheckResult, Patient, planned, run
from ops.doctor.flow import Flow
from ops.doctor.outputs import DockerParty
from ops.doctor.reach import Answer
from ops.doctor.remedies import read
from ops.doctor.symptoms import Symptom
from tests.unit.doctor_party import SERVER, PartyOnThisMachine, Said, configured, listening

SERVICES = ("fateflow", "pulsar", "gateway")
CONNECTED = "\x00\x00\x00)\x00\x00\x00%\x08\x03\x1a!\n\x12Pulsar Server3.0.7\x10\x13"
ADMIN = "/admin/v2"
WELL: dict[str, Said] = {
    f"{ADMIN}/brokers/version": (200, "3.0.7"),
    f"{ADMIN}/brokers/health": (200, "ok"),
    f"{ADMIN}/clusters": (200, ["9999", "10000"]),
    f"{ADMIN}/clusters/10000": (200, {"brokerServiceUrl": "pulsar://b:6650"}),
}


class PulsarParty(PartyOnThisMachine):
    """One whose Pulsar is greeted from."""

    def exec(self, service: str, argv: Sequence[str], limit: int = 20) -> Answer:
        """Answer greetings with what was given."""
        if service == "pulsar":
            return Answer(0, next(self.greetings, ""))
        return super().exec(service, argv, limit)


def at_home(home: Path, port: int) -> Path:
    here = {"host": "127.0.0.1"}
    federation = {
        "nginx": {**here, "http_port": port},
        "pulsar": {**here, "mng_port": port, "cluster": "9999", "tenant": "fl-tenant"},
    }
    configured(home, port, federation=federation, default_engines={"federation": "pulsar"})
    table = {"10000": {"host": "b", "port": 6650, "sslPort": 6651, "proxy": ""}}
    (home / "fate_flow/conf/pulsar_route_table.yaml").write_text(yaml.safe_dump(table))
    return home


def examined(
    tmp_path: Path, greeting: str = CONNECTED, said: Mapping[str, Said] = {}
) -> dict[str, CheckResult]:
    answers = {**WELL, **{f"{ADMIN}/{path}": answer for path, answer in said.items()}}

    def says(path: str, _: Mapping[str, Any], __: Mapping[str, str]) -> Said:
        return (200, SERVER) if path.startswith("/v2/") else answers.get(path, (404, "no"))

    with listening(says) as port:
        outputs = DockerParty.model_validate(
            {
                "runtime": "docker",
                "host": "unix:///nowhere.sock",
                "containers": {service: f"fate-t-9999-{service}" for service in SERVICES},
                "database": "mariadb",
                "peers": ["10000"],
            }
        )
        reach = PulsarParty(at_home(tmp_path, port), None, greeting, greeting)
        patient = Patient("9999", outputs, reach, SERVICES, ("9999", "10000"))
        return {result.check: result for result in run(planned(patient, "2.2.0"))}


def test_a_well_broker_tells_its_version_and_whom_it_knows(tmp_path: Path) -> None:
    results = examined(tmp_path)
    assert results["pulsar"].detail == "Pulsar 3.0.7, peers 10000"
    assert results["pulsar to 10000"].detail == "b:6650 answers"
    assert "broker" not in results, "it has no RabbitMQ"


@pytest.mark.parametrize(
    ("said", "check", "part"),
    [
        ({"brokers/health": (500, "timed out")}, "pulsar", "stores no message"),
        ({"clusters": (200, ["9999"])}, "pulsar to 10000", "does not know the broker of party 10000"),
        (
            {"clusters/10000": (200, {"brokerServiceUrl": "pulsar://old:6650"})},
            "pulsar to 10000",
            "does not know the broker of party 10000",
        ),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(
    tmp_path: Path, said: dict[str, Said], check: str, part: str
) -> None:
    finding = examined(tmp_path, said=said)[check].finding
    assert finding is not None
    assert part in finding.cause
    assert "docker restart fate-t-9999-pulsar" in finding.remedy


@pytest.mark.parametrize(
    ("greeting", "symptom"),
    [
        ("nc: can't connect to remote host (10.0.0.2): Connection refused", "is down"),
        ("AMQP\x00\x00\x09\x01", "something else listens"),
    ],
)
def test_a_peer_s_broker_is_known_by_its_greeting(tmp_path: Path, greeting: str, symptom: str) -> None:
    finding = examined(tmp_path, greeting)["pulsar to 10000"].finding
    assert finding is not None
    assert symptom in finding.cause


def test_a_silent_administration_is_no_unwell_broker(tmp_path: Path) -> None:
    at_home(tmp_path, 1)
    with pytest.raises(Exception, match=r"127.0.0.1:1/admin/v2: .*refused"):
        Flow(PulsarParty(tmp_path)).waiting("2026")


STATS = {
    "replication": {"10000": {"replicationBacklog": 3, "connected": False}},
    "subscriptions": {"unique": {"msgBacklog": 2, "consumers": []}},
}
TAKEN = {
    "replication": {"10000": {"replicationBacklog": 0}},
    "subscriptions": {"unique": {"msgBacklog": 5, "consumers": [1]}},
}


def test_what_waits_of_a_job_that_hangs_is_told(tmp_path: Path) -> None:
    answers: dict[str, Said] = {
        f"{ADMIN}/namespaces/fl-tenant": (200, ["fl-tenant/2026_toy_0_0", "fl-tenant/1999_toy_0_0"]),
        f"{ADMIN}/persistent/fl-tenant/2026_toy_0_0": (
            200,
            [f"persistent://fl-tenant/2026_toy_0_0/{name}" for name in ("guest-9999-host-10000-a", "b")],
        ),
        f"{ADMIN}/persistent/fl-tenant/2026_toy_0_0/guest-9999-host-10000-a/stats": (200, STATS),
        f"{ADMIN}/persistent/fl-tenant/2026_toy_0_0/b/stats": (200, TAKEN),
    }
    with listening(lambda path, *_: answers.get(path, (404, "no"))) as port:
        told = Flow(PulsarParty(at_home(tmp_path, port))).waiting("2026")
    assert told == (
        "2 messages of guest-9999-host-10000-a wait for a worker;"
        " 3 messages of guest-9999-host-10000-a wait for party 10000, whose broker is not connected"
    )


def test_of_another_broker_nothing_is_asked(tmp_path: Path) -> None:
    configured(tmp_path, 1, default_engines={"federation": "rabbitmq"})
    assert Flow(PulsarParty(tmp_path)).waiting("2026") == ""


@pytest.mark.parametrize(
    ("log", "symptom"),
    [
        (
            'File ".../backends/pulsar/_federation.py", line 265\n'
            "AttributeError: 'NoneType' object has no attribute 'get'",
            Symptom.PEER_UNREGISTERED,
        ),
        ("HTTPConnectionPool(host='pulsar', port=8080): Max retries exceeded", Symptom.PULSAR_SILENT),
        ("_pulsar.Timeout: Pulsar error: TimeOut", Symptom.PULSAR_UNWELL),
    ],
)
def test_what_a_job_wrote_tells_which_of_it(log: str, symptom: Symptom) -> None:
    assert read(log, otherwise=Symptom.JOB_FAILED) is symptom
