"""Every symptom has a likely cause and a remedy, and a log's words lead to the right one."""

import pytest

from doctor.remedies import FINDINGS, found, read
from doctor.symptoms import Fault, Symptom

NAMES = {
    "party": "9999",
    "peer": "10000",
    "fateflow": "f",
    "database": "d",
    "broker": "b",
    "gateway": "g",
    "service": "gateway",
    "container": "g",
    "job": "2026",
}


@pytest.mark.parametrize("symptom", Symptom)
def test_every_symptom_has_a_cause_and_a_remedy_without_a_gap(symptom: Symptom) -> None:
    finding = found(Fault(symptom, ""), NAMES)
    assert finding.cause
    assert finding.remedy
    assert "{" not in "".join(finding), "every name is filled in"


def test_no_finding_is_left_over() -> None:
    assert set(FINDINGS) == set(Symptom)


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
        ("something nobody has seen", Symptom.JOB_FAILED),
    ],
)
def test_a_log_leads_to_its_symptom(log: str, symptom: Symptom) -> None:
    assert read(log, otherwise=Symptom.JOB_FAILED) is symptom
