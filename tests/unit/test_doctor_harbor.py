"""What the doctor makes of a Harbor: its own robot pulls and is refused a push, whatever /health says."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from ops.doctor import harbor
from ops.doctor.harbor import examined, secrets_of
from ops.doctor.outputs import HarborOutputs, UnreadableOutputs
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_party import Said, listening

ROBOT = {"user": "robot$fate+party-9999", "password": "Aa1secret"}
ADMIN = {"user": "admin", "password": "Aa1admin"}
IMAGE = "fate/federatedai/nginx:2.0.0-release"
CONFIG = json.dumps({"architecture": "amd64"})
DIGEST = f"sha256:{hashlib.sha256(CONFIG.encode()).hexdigest()}"
CHILD = "sha256:" + "c" * 64


@dataclass
class Double:
    """A Harbor as far as a robot sees it, and the faults that a test asks for."""

    forgetful: bool = False
    knows: bool = True
    lets_pull: bool = True
    has: bool = True
    index: list[dict[str, str]] = field(default_factory=lambda: [{"digest": CHILD}])
    config: str = CONFIG
    push: int = 401
    token: int = 200
    runs: list[dict[str, Any]] = field(default_factory=lambda: [{"id": 1, "status": "Succeed"}])
    asked: list[str] = field(default_factory=list)

    def says(self, path: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Said:
        self.asked.append(path)
        if path == "/service/token":
            known = self.knows and headers["authorization"] == basic(ROBOT)
            scope = query.get("scope")
            if known:
                return self.token, {"token": f"t-{scope}"}
            return (200 if scope else 401), {"token": "t-without-rights"}
        if path == "/api/v2.0/projects":
            return (500, {}) if self.forgetful else (200, [])
        if path.startswith("/api/v2.0/"):
            known = headers["authorization"] == basic(ADMIN)
            return (200, self.runs if "executions" in path else {"username": "admin"}) if known else (401, {})
        return self._of_the_registry(path, headers)

    def _of_the_registry(self, path: str, headers: Mapping[str, str]) -> Said:
        if not headers.get("authorization", "").startswith("Bearer t-repository%3Afate"):
            return 401, {"errors": [{"message": "no token"}]}
        if path.endswith("/blobs/uploads/"):
            return self.push, {}
        if not self.lets_pull:
            return 403, {}
        if not self.has:
            return 404, {}
        tree: dict[str, Any] = {"config": {"digest": DIGEST}}
        if path.endswith("/manifests/2.0.0-release"):
            tree = {"manifests": self.index}
        return 200, self.config if "/blobs/" in path else tree


def basic(login: Mapping[str, str]) -> str:
    return "Basic " + base64.b64encode(f"{login['user']}:{login['password']}".encode()).decode()


@contextmanager
def running(double: Double) -> Iterator[HarborOutputs]:
    with listening(double.says) as port:
        url = f"http://127.0.0.1:{port}"
        yield HarborOutputs(url=url, pulled={"9999": IMAGE}, replications={"library-8.0.28": "3"})


def secrets(name: str) -> Mapping[str, Any]:
    told: dict[str, Mapping[str, Any]] = {"harbor-robots": {"9999": ROBOT}, "harbor-login": ADMIN}
    return told[name]


def test_a_harbor_that_works_is_proved_by_a_pull_and_a_refused_push() -> None:
    double = Double()
    with running(double) as outputs:
        told = examined(outputs, "9999", secrets)
    assert told == (
        f"robot$fate+party-9999 pulls {IMAGE} ({len(CONFIG)} bytes of it by digest), and may not push; 1"
        " replications ended well"
    )
    assert f"/v2/fate/federatedai/nginx/manifests/{CHILD}" in double.asked, "an index leads to an image"
    assert not [path for path in double.asked if "health" in path], "which is 200 when it is unhealthy"


@pytest.mark.parametrize(
    ("faults", "symptom", "part"),
    [
        ({"knows": False}, Symptom.HARBOR_REFUSES, "is not let in (HTTP 401): its secret is another by now"),
        ({"knows": False, "forgetful": True}, Symptom.HARBOR_UNWELL, "its database does not answer"),
        ({"token": 500}, Symptom.HARBOR_UNWELL, "/service/token is answered with HTTP 500"),
        ({"lets_pull": False}, Symptom.HARBOR_REFUSES, f"may not pull {IMAGE}"),
        ({"has": False}, Symptom.HARBOR_LACKS, f"it has no {IMAGE}"),
        ({"index": []}, Symptom.HARBOR_UNWELL, "no image by Docker's or OCI's form"),
        ({"config": "{}"}, Symptom.HARBOR_BROKEN, f"blob {DIGEST} comes as sha256:"),
        ({"push": 202}, Symptom.HARBOR_PUSHED, "may push to fate/federatedai/nginx (HTTP 202)"),
        (
            {"runs": [{"id": 9, "status": "Failed", "status_text": "quota"}, {"id": 1, "status": "Succeed"}]},
            Symptom.HARBOR_COPIES,
            "the last run of library-8.0.28 ended as Failed: quota",
        ),
    ],
)
def test_what_is_wrong_is_named(faults: dict[str, Any], symptom: Symptom, part: str) -> None:
    with running(Double(**faults)) as outputs, pytest.raises(Ailment) as raised:
        examined(outputs, "9999", secrets)
    assert (raised.value.symptom, part in raised.value.detail) == (symptom, True), raised.value.detail
    assert ROBOT["password"] not in raised.value.detail, "no secret is in a message"


def test_a_run_that_goes_on_or_is_over_long_since_is_no_fault() -> None:
    runs = [{"id": 3, "status": "InProgress"}, {"id": 2, "status": "Failed"}]
    with running(Double(runs=runs)) as outputs:
        assert "ended well" in examined(outputs, "9999", secrets)


def test_a_run_that_harbor_skipped_for_another_is_no_failure() -> None:
    skipped = "Execution skipped: active replication still in progress."
    runs = [{"id": 3, "status": "Failed", "status_text": skipped}, {"id": 2, "status": "Succeed"}]
    with running(Double(runs=runs)) as outputs:
        assert "ended well" in examined(outputs, "9999", secrets), "the one that it waited for did"


def test_a_harbor_of_others_is_asked_without_its_administrator() -> None:
    with running(Double(runs=[{"id": 1, "status": "Failed"}])) as outputs:
        told = examined(outputs, "9999", lambda name: {} if name == "harbor-login" else secrets(name))
    assert told.endswith("may not push"), "what only the administrator sees is left out"


def test_a_harbor_that_is_down_is_silent() -> None:
    outputs = HarborOutputs(url="http://127.0.0.1:1", pulled={"9999": IMAGE})
    with pytest.raises(Ailment) as raised:
        examined(outputs, "9999", secrets)
    assert raised.value.symptom is Symptom.HARBOR_SILENT


def test_a_party_that_pulls_nothing_from_it_is_not_asked_for() -> None:
    outputs = HarborOutputs(url="http://127.0.0.1:1")
    assert "no image of this party comes from it" in examined(outputs, "9999", secrets)


def test_a_stack_whose_secrets_pulumi_does_not_tell_is_a_fault_of_its_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(*_: str) -> object:
        raise UnreadableOutputs("pulumi is not on the PATH")

    monkeypatch.setattr(harbor, "asked_of_pulumi", silent)
    with pytest.raises(Ailment) as raised:
        examined(HarborOutputs(url="http://127.0.0.1:1"), "9999", secrets_of("dev"))
    assert raised.value.symptom is Symptom.NO_STATE
