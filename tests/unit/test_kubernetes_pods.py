"""What a pod may take and when it is asked, as plain numbers: a chart is made of them too."""

import base64
import json

import pytest

from components.runtimes.kubernetes_logins import Account, docker_config
from components.runtimes.kubernetes_pods import Question, asked_by, limits_and_requests, questions
from components.services.service import Command, Http, Probe, Resources, Service, Tcp


def service(probe: Probe) -> Service:
    return Service("broker", 10001, ("run",), probe, Resources(64), {"A": "b"}, tools=frozenset({"busybox"}))


def test_a_node_must_have_half_of_the_memory_free() -> None:
    assert limits_and_requests(Resources(513)) == {
        "limits": {"memory": "513Mi"},
        "requests": {"memory": "256Mi", "cpu": "100m"},
    }


def test_processors_and_gpus_are_limits() -> None:
    both = limits_and_requests(Resources(64, cpus=1.5, gpus=4))
    assert both["limits"] == {"memory": "64Mi", "cpu": "1.5", "nvidia.com/gpu": "4"}
    assert "nvidia.com/gpu" not in both["requests"], "the API server has it from the limit"


def test_a_start_is_asked_often_and_a_hang_seldom() -> None:
    asked = questions(Probe(Tcp(1), interval=10, timeout=4, retries=3, start_period=92))
    assert asked.startup == Question(5, 4, 19), "19 times 5 s are the 92 s that it may take"
    assert asked.readiness == Question(10, 4, 3)
    assert asked.liveness == Question(30, 20, 10), "FATE-Flow answers late while jobs run"


@pytest.mark.parametrize(
    ("check", "asked"),
    [
        (Tcp(5672), Tcp(5672)),
        (Command(("rabbitmqctl", "status")), Command(("rabbitmqctl", "status"))),
        (Http(8080, "/v1", "ok", status_tells=True), Http(8080, "/v1", "ok", status_tells=True)),
        (
            Http(8080, "/v1", "ok"),
            Command(("sh", "-c", "busybox wget -q -O - http://127.0.0.1:8080/v1 | grep -q 'ok'")),
        ),
    ],
    ids=["a port", "a command", "an answer whose status tells", "an answer, which no kubelet reads"],
)
def test_what_is_asked(check: Tcp | Command | Http, asked: object) -> None:
    assert asked_by(service(Probe(check))) == asked


def test_a_login_is_written_as_docker_writes_it() -> None:
    text = docker_config([Account("registry.bank.example:5000", "fate", "secret")])
    auth = json.loads(text)["auths"]["registry.bank.example:5000"]["auth"]
    assert base64.b64decode(auth) == b"fate:secret"
