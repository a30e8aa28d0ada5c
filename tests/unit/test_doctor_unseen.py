"""What Pulumi's plugins cannot see is named, and mended; what they see is left to them."""

from dataclasses import replace
from typing import Any

import pytest

from ops.doctor.checks import CheckResult, planned
from ops.doctor.exported import Engine, Exported, Place
from ops.doctor.outputs import UnreadableOutputs
from ops.doctor.symptoms import Ailment, Symptom
from ops.doctor.unseen import unseen_in
from ops.repair.docker_mending import mend, remedy
from ops.repair.found import Unmended
from ops.repair.mending import differences
from tests.unit.doctor_party import Unreachable, patient
from tests.unit.repair_engine import MadeUpEngine, put_in_place
from tests.unit.repair_state import ENGINE, container, state

HERE = Engine(ENGINE, ("-i", "key"))
NETWORKS = [{"name": "fate-dev-9999", "aliases": ["gateway"]}, {"name": "fate-dev-federation"}]
GATEWAY = container("fate-dev-9999-gateway", "c1", networksAdvanced=NETWORKS)
ON_BOTH = {"fate-dev-9999": {"Aliases": ["c1", "gateway"]}, "fate-dev-federation": {"Aliases": None}}
SECRETS = [{"volumeName": "fate-dev-9999-broker-secrets", "containerPath": "/run/secrets"}]
FILLER = container("fate-dev-9999-broker-secrets", "f1", "broker-secrets", volumes=SECRETS)
BROKER = container("fate-dev-9999-broker", "b1", "broker", volumes=SECRETS)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> MadeUpEngine:
    made = put_in_place(MadeUpEngine(), monkeypatch)
    for id in ("c1", "b1"):
        made.details[id] = inspected(ON_BOTH if id == "c1" else {})
    made.details["f1"] = inspected({}, "exited")
    for folder in ("/etc/fate/secrets", "/run/secrets"):
        made.files["f1", folder] = {"broker-password": b"p"}
    return made


def inspected(networks: dict[str, Any], status: str = "running") -> dict[str, Any]:
    return {"State": {"Status": status}, "NetworkSettings": {"Networks": networks}}


def told(known: Exported) -> list[str]:
    return [one.detail for one in unseen_in(known, HERE)]


def mended(engine: MadeUpEngine, known: Exported) -> list[str]:
    """Mend all; return the orders that the engine got."""
    for one in unseen_in(known, HERE):
        mend(one)
    return engine.asked


def test_a_container_as_declared_is_no_news(engine: MadeUpEngine) -> None:
    assert told(state(GATEWAY, FILLER, BROKER)) == []


def test_a_cut_network_is_named_and_connected_under_the_same_names(engine: MadeUpEngine) -> None:
    engine.details["c1"] = inspected({"fate-dev-federation": {}})
    assert told(state(GATEWAY)) == ["fate-dev-9999-gateway is cut from network fate-dev-9999"]
    assert mended(engine, state(GATEWAY))[-1] == (
        "connect_container_to_network fate-dev-9999-gateway fate-dev-9999 aliases=['gateway']"
    )


def test_a_network_that_was_connected_by_hand_lacks_the_name(engine: MadeUpEngine) -> None:
    engine.details["c1"] = inspected({**ON_BOTH, "fate-dev-9999": {"Aliases": ["c1"]}})
    assert told(state(GATEWAY)) == [
        "fate-dev-9999-gateway is on network fate-dev-9999 without its name gateway"
    ]


def test_a_network_too_many_is_named_and_left(engine: MadeUpEngine) -> None:
    engine.details["c1"] = inspected({**ON_BOTH, "bridge": {}})
    assert "on network bridge, which the stack does not put it on" in told(state(GATEWAY))[0]
    assert mended(engine, state(GATEWAY)) == [
        "disconnect_container_from_network fate-dev-9999-gateway bridge force=True"
    ]


def test_a_container_without_networks_of_its_own_is_on_any(engine: MadeUpEngine) -> None:
    engine.details["b1"] = inspected({"bridge": {}})
    assert told(state(BROKER)) == []


def test_a_paused_container_goes_on(engine: MadeUpEngine) -> None:
    engine.details["c1"] = inspected(ON_BOTH, "paused")
    assert told(state(GATEWAY)) == ["fate-dev-9999-gateway is paused: its processes stand still"]
    assert mended(engine, state(GATEWAY)) == ["unpause fate-dev-9999-gateway"]


@pytest.mark.parametrize(
    ("left", "seen"), [({}, "is gone"), ({"broker-password": b"old"}, "is another")], ids=["gone", "other"]
)
def test_a_secret_s_file_is_filled_in_anew_and_its_reader_restarted(
    engine: MadeUpEngine, left: dict[str, bytes], seen: str
) -> None:
    engine.files["f1", "/run/secrets"] = left
    known = state(FILLER, BROKER, GATEWAY)
    assert told(known) == [f"of the secrets of fate-dev-9999-broker: broker-password {seen}"]
    assert mended(engine, known) == [
        "start fate-dev-9999-broker-secrets",
        "wait fate-dev-9999-broker-secrets",
        "restart fate-dev-9999-broker",
    ]


def test_every_difference_on_an_engine_has_a_remedy(engine: MadeUpEngine) -> None:
    engine.details["c1"] = inspected({"bridge": {}}, "paused")
    engine.files["f1", "/run/secrets"] = {}
    assert len({remedy(one) for one in unseen_in(state(GATEWAY, FILLER), HERE)}) == 5


def test_what_the_plugin_sees_is_left_to_it(engine: MadeUpEngine) -> None:
    del engine.details["c1"]
    engine.details["b1"] = inspected({}, "exited")
    assert told(state(GATEWAY, BROKER)) == []


def test_an_engine_that_refuses_is_told(engine: MadeUpEngine) -> None:
    engine.details["c1"] = inspected(ON_BOTH, "paused")
    engine.refuses["unpause"] = "cgroup is gone"
    (one,) = differences(state(GATEWAY), HERE)
    with pytest.raises(Unmended, match="the engine refuses: cgroup is gone"):
        one.mend()


def row_of(told: Exported | UnreadableOutputs) -> CheckResult:
    """Return the doctor's row of party 9999 in the stack dev."""

    def known() -> Exported:
        if isinstance(told, UnreadableOutputs):
            raise told
        return told

    party = replace(patient(Unreachable()), stack="dev")
    (row,) = (check.run() for check in planned(party, "2.2.0", known) if check.name == "as declared")
    return row


def test_the_doctor_names_every_difference_with_the_command_that_mends_it(engine: MadeUpEngine) -> None:
    engine.details["c1"] = inspected({**ON_BOTH, "bridge": {}}, "paused")
    row = row_of(state(GATEWAY))
    assert "is paused" in row.detail
    assert "network bridge" in row.detail
    assert row.finding is not None
    assert "fate repair --stack dev" in row.finding.remedy


def test_the_doctor_has_nothing_to_say_of_what_is_as_declared(engine: MadeUpEngine) -> None:
    row = row_of(state(GATEWAY))
    assert (row.ok, row.detail) == (True, "nothing differs without Pulumi seeing it")


def test_an_account_that_may_not_look_is_no_fault_of_the_party(
    engine: MadeUpEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(own: Exported, place: Place) -> None:
        raise Ailment(Symptom.FORBIDDEN, 'User "reader" cannot get resource "deployments"')

    monkeypatch.setattr("ops.doctor.checks.unseen_in", refused)
    row = row_of(state(GATEWAY))
    assert (row.ok, row.detail) == (True, 'not asked: User "reader" cannot get resource "deployments"')


def test_a_state_that_cannot_be_read_is_told() -> None:
    row = row_of(UnreadableOutputs("no such stack"))
    assert row.finding is not None
    assert "fate repair --stack dev --dry-run" in row.finding.remedy


def test_without_a_state_nothing_is_asked_of_it() -> None:
    assert "as declared" not in [check.name for check in planned(patient(Unreachable()), "2.2.0")]
