"""The way into a party's namespace: which pod is asked, and what a party's checks make of it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from ops.__main__ import main
from ops.doctor import examination
from ops.doctor.checks import Patient, planned, run, settled
from ops.doctor.kubernetes_reach import KubernetesReach
from ops.doctor.outputs import FORMERLY
from ops.doctor.reach import Answer, Reach, State
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_party import STARTED, PartyOnThisMachine, Unreachable, kubernetes_party, patient
from tests.unit.doctor_pods import LATER, Tree, container, pod, running, terminated, unready, waiting

NAMESPACE = "fate-t-9999"


class Namespace:
    """A cluster with one namespace, whose pods are given by service and answer with their own name."""

    def __init__(self, **pods: list[Tree]) -> None:
        self.by_service = pods

    def pods(self, namespace: str, selector: str) -> list[Mapping[str, Any]]:
        assert namespace == NAMESPACE
        label, _, service = selector.partition("=")
        assert label == "app.kubernetes.io/name"
        return list(self.by_service.get(service, []))

    def run(self, namespace: str, pod: str, container: str, argv: Sequence[str], limit: int) -> Answer:
        assert namespace == NAMESPACE
        return Answer(0, f"{container} of {pod}: {' '.join(argv)}, {limit} s")


def reach(**pods: list[Tree]) -> KubernetesReach:
    return KubernetesReach(cast(Any, Namespace(**pods)), NAMESPACE)


def test_a_command_runs_in_the_services_container_of_a_ready_pod() -> None:
    told = reach(gateway=[unready(lost=LATER), pod(name="gateway-2")]).exec("gateway", ["nginx", "-T"], 9)
    assert told == Answer(0, "gateway of gateway-2: nginx -T, 9 s")


def test_a_service_without_a_pod_is_missing() -> None:
    for ask in (reach().state, lambda service: reach().exec(service, ["true"])):
        with pytest.raises(Ailment, match=f"no pod of broker in the namespace {NAMESPACE}") as raised:
            ask("broker")
        assert raised.value.symptom is Symptom.MISSING


def test_a_pod_that_is_being_made_is_waited_for() -> None:
    class Slow(Namespace):
        asked = 0

        def pods(self, namespace: str, selector: str) -> list[Mapping[str, Any]]:
            self.asked += 1
            made = container(running() if self.asked > 2 else waiting("ContainerCreating"))
            return [pod(made)]

    assert settled(KubernetesReach(cast(Any, Slow()), NAMESPACE), "gateway").health == "healthy"
    with pytest.raises(Ailment, match="still starting: Pending, ContainerCreating") as raised:
        settled(reach(gateway=[pod(container(waiting("ContainerCreating")))]), "gateway", limit=0)
    assert raised.value.symptom is Symptom.STARTING


def test_what_fails_on_kubernetes_is_told_with_kubectl() -> None:
    crashing = container(
        waiting("CrashLoopBackOff"), "fateflow", restartCount=4, lastState=terminated(137, "OOMKilled")
    )
    pods = reach(fateflow=[pod(crashing)], gateway=[pod()])
    party = Patient("9999", kubernetes_party(), pods, FORMERLY, ("9999",))
    results = {result.check: result for result in run(planned(party, "2.2.0"))}
    told = results["fateflow"]
    assert "ended 5 times, at last with exit code 137, killed for want of memory" in told.detail
    assert told.finding is not None
    assert told.finding.remedy == (
        "Raise its memory in the stack (services: {fateflow: {memory: ...}}), then: pulumi up"
    )
    missing = results["broker"].finding
    assert missing is not None
    assert f"kubectl --context prod --namespace {NAMESPACE} get deployments" in missing.remedy
    assert results["gateway"].finding is not None
    assert results["gateway"].finding.remedy == "First repair fateflow of party 9999."


def test_a_stack_of_both_runtimes_is_examined_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_docker = patient(Unreachable(), "10000", peers=()).outputs
    on_kubernetes = kubernetes_party()
    stopped = PartyOnThisMachine(tmp_path, {"fateflow": State(False, None, STARTED, "exited")})
    ways: dict[str, Reach] = {"docker": stopped, "kubernetes": reach()}
    monkeypatch.setattr(examination, "reach_of", lambda party: ways[party.runtime])
    file = tmp_path / "outputs.json"
    parties = {"9999": on_kubernetes, "10000": on_docker}
    told = {name: party.model_dump(by_alias=True) for name, party in parties.items()}
    file.write_text(json.dumps({"release": "2.2.0", "parties": told}))
    assert main(["doctor", "--outputs", str(file), "--json", "--jobs", "none"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    remedies = {check["party"]: check["remedy"] for check in checks if check["check"] == "fateflow"}
    assert "kubectl --context prod" in remedies["9999"]
    assert "docker logs --tail 50 fate-t-10000-fateflow" in remedies["10000"]
