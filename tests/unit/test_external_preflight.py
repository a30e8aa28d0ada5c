"""Whether what others run answers, asked before anything is made: from where, and what is told."""

import socket
from typing import Any

import pytest

from components.preflight import external
from config import ConfigurationFault, load
from config.exposure import Address
from tests.unit.external_examples import BROKER, DATABASE, SECRETS, outside
from tests.unit.harbor_examples import ACCEPTED_HARBORS
from tests.unit.kubernetes_examples import one_in
from tests.unit.stack_values import Values, on, one

UNKNOWN = socket.gaierror(-2, "Name or service not known")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, OSError]:
    """Let every host answer, but for those of which a test says why not."""
    said: dict[str, OSError] = {}
    monkeypatch.setattr(external, "_refusal", lambda address: said.get(address.host))
    return said


def stack(runtime: Values | None = None) -> Any:  # noqa: ANN401 - settings
    parts = outside(database=DATABASE, broker=BROKER)
    return load({**(one(**parts) if runtime is None else one_in(runtime, **parts)), **SECRETS})


def fault_of(settings: Any) -> str:  # noqa: ANN401 - settings
    with pytest.raises(ConfigurationFault) as raised:
        external.check_answers(settings)
    return str(raised.value)


def test_what_answers_is_no_fault(answers: dict[str, OSError]) -> None:
    assert external.check_answers(stack()) == []
    assert external.check_answers(load(one())) == [], "a stack that names nothing asks nobody"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (UNKNOWN, "this machine knows no such name"),
        (TimeoutError("timed out"), "no answer within 5 s"),
    ],
)
def test_what_does_not_answer_the_own_engine_s_machine_is_refused_with_its_place(
    answers: dict[str, OSError], error: OSError, words: str
) -> None:
    answers["db.bank.example"] = error
    told = fault_of(stack())
    assert "1 fault in" in told, "the broker answers"
    assert f"fate:parties[0].external.database: nothing answers at db.bank.example:3306: {words}" in told
    assert "open the way there" in told


def test_what_others_run_for_a_harbor_is_asked_too(answers: dict[str, OSError]) -> None:
    answers["redis.bank.example"] = ConnectionRefusedError(111, "Connection refused")
    told = fault_of(load(ACCEPTED_HARBORS["a Harbor with a database and a Redis elsewhere"]))
    assert "1 fault in" in told, "the database answers"
    assert "fate:mirror.external.redis: nothing answers at redis.bank.example:6379" in told


def test_every_port_of_a_part_is_asked(answers: dict[str, OSError]) -> None:
    answers["mq.bank.example"] = ConnectionRefusedError(111, "Connection refused")
    told = fault_of(stack())
    assert "mq.bank.example:5672" in told
    assert "mq.bank.example:15672" in told, "FATE administers the broker there"


def test_for_a_cluster_only_a_refusal_says_something(answers: dict[str, OSError]) -> None:
    answers.update({"db.bank.example": UNKNOWN, "mq.bank.example": TimeoutError("timed out")})
    cluster = {"kind": "kubernetes", "context": "prod"}
    assert external.check_answers(stack(cluster)) == [
        "fate:parties[0].external.database (db.bank.example:3306)",
        "fate:parties[0].external.broker (mq.bank.example:5672)",
        "fate:parties[0].external.broker (mq.bank.example:15672)",
    ], "a name that the cluster alone knows is no fault"
    answers["db.bank.example"] = ConnectionRefusedError(111, "Connection refused")
    assert "db.bank.example:3306: Connection refused" in fault_of(stack(cluster))


def test_behind_ssh_nobody_is_asked(answers: dict[str, OSError]) -> None:
    answers["db.bank.example"] = UNKNOWN
    party = one(**on("ssh://root@far.example"), **outside(database=DATABASE))
    mirror = {"kind": "external", "address": "registry.bank.example"}
    unknown = external.check_answers(load({**party, **SECRETS, "mirror": mirror}))
    assert unknown == ["fate:parties[0].external.database (db.bank.example:3306)"]
    assert "fate doctor asks" in external.unasked(unknown)


def test_a_connection_tells_who_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert external._refusal(Address("127.0.0.1", port)) is None
    assert isinstance(external._refusal(Address("127.0.0.1", port)), ConnectionRefusedError)
