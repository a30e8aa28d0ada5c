"""Every symptom has a likely cause and a remedy, and a log's words lead to the right one."""

import re
from typing import Any

import pytest

from ops.doctor.kubernetes_remedies import ON_KUBERNETES
from ops.doctor.outputs import Party
from ops.doctor.remedies import FINDINGS, found, read
from ops.doctor.symptoms import Ailment, Symptom
from ops.doctor.words import words
from tests.unit.doctor_party import Unreachable, kubernetes_party, patient

ON_DOCKER = patient(Unreachable()).outputs
KUBECTL = "kubectl --context prod --namespace fate-t-9999"
EGGROLL = "session init failed: ('Failed to call command: CommandURI to endpoint: clustermanager:4670, "
VERBS = {"apply", "config", "create", "delete", "describe", "exec", "get", "logs", "top"}


def remedy(symptom: Symptom, outputs: Any = ON_DOCKER, service: str = "gateway") -> str:  # noqa: ANN401
    """Return cause and remedy of a symptom in one text."""
    return " | ".join(found(Ailment(symptom, ""), words("9999", outputs, "10000", service) | {"job": "2026"}))


@pytest.mark.parametrize("symptom", FINDINGS)
@pytest.mark.parametrize("outputs", [ON_DOCKER, kubernetes_party()], ids=["docker", "kubernetes"])
def test_every_symptom_has_a_cause_and_a_remedy_without_a_gap(symptom: Symptom, outputs: Party) -> None:
    told = remedy(symptom, outputs)
    assert re.fullmatch(r".+ \| .+", told, re.DOTALL)
    assert "{" not in told.replace("{gateway: {memory: ...}}", ""), "every name is filled in"


def test_no_finding_is_left_over() -> None:
    assert set(FINDINGS) | set(ON_KUBERNETES) == set(Symptom)


@pytest.mark.parametrize("symptom", [symptom for symptom in Symptom if symptom is not Symptom.NO_ENGINE])
def test_of_a_party_on_kubernetes_only_kubectl_is_asked(symptom: Symptom) -> None:
    told = remedy(symptom, kubernetes_party())
    assert "docker" not in told.lower()
    assert "{" not in told.replace("{gateway: {memory: ...}}", ""), "every name is filled in"
    for verb in re.findall(r"kubectl (?:--\S+ \S+ )*(\S+)", told):
        assert verb in VERBS, "kubectl has no such command"


def test_a_service_on_kubernetes_is_started_anew_by_its_label() -> None:
    assert f"{KUBECTL} delete pods --selector app.kubernetes.io/name=broker" in remedy(
        Symptom.BROKER_REFUSES, kubernetes_party()
    )


def test_a_kubeconfig_of_ones_own_stands_in_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    party = kubernetes_party(kubeconfig="~/my clusters/prod")
    told = remedy(Symptom.CRASHES, party, "fateflow")
    assert "kubectl --kubeconfig '/home/me/my clusters/prod' --context prod" in told, (
        "a shell takes it as it is"
    )
    assert "logs --tail 50 --previous --selector app.kubernetes.io/name=fateflow" in told


def test_a_missing_right_is_named_with_the_role_that_gives_it() -> None:
    told = remedy(Symptom.FORBIDDEN, kubernetes_party())
    assert "kubectl --namespace fate-t-9999 apply --filename ops/doctor/role.yaml" in told, (
        "by another account"
    )
    assert "`create` on pods/exec" in told


def test_memory_is_raised_where_the_stack_says_it() -> None:
    assert "services: {broker: {memory: ...}}" in remedy(
        Symptom.MEMORY_EXCEEDED, kubernetes_party(), "broker"
    )


@pytest.mark.parametrize(
    ("log", "symptom"),
    [
        ("_pickle.UnpicklingError: global 'builtins.getattr' is forbidden", Symptom.UNPICKLING_REFUSED),
        ("OSError: [Errno 28] No space left on device", Symptom.DISK_FULL),
        ("ModuleNotFoundError: No module named 'torch'", Symptom.LIBRARY_MISSING),
        (
            "'code': 104, 'message': '404 Client Error: Not Found for url: http://gateway:9300",
            Symptom.NO_ROUTE,
        ),
        ("502 Server Error: Bad Gateway for url: http://gateway:9300", Symptom.PEER_SILENT),
        ("HTTPConnectionPool(host='gateway', port=9300): Max retries exceeded", Symptom.GATEWAY_SILENT),
        ("HTTPConnectionPool(host='broker', port=15672): Max retries exceeded", Symptom.BROKER_SILENT),
        ("ProbableAuthenticationError: ACCESS_REFUSED - Login was refused", Symptom.BROKER_REFUSES),
        (f"{EGGROLL} details = 'java.lang.RuntimeException: no health server node'", Symptom.NODE_LOST),
        (f"{EGGROLL} details = 'Failed to connect: Connection refused'", Symptom.CLUSTERMANAGER_SILENT),
        ("something nobody has seen", Symptom.JOB_FAILED),
    ],
)
def test_a_log_leads_to_its_symptom(log: str, symptom: Symptom) -> None:
    assert read(log, otherwise=Symptom.JOB_FAILED) is symptom
