"""What the doctor asks of an API server, and what it makes of its refusals and its silence."""

import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.kubernetes.commands import Ended
from ops.doctor.kubernetes_api import READER, Cluster, answer, cluster
from ops.doctor.kubernetes_reach import reach_of
from ops.doctor.reach import Answer
from ops.doctor.reach import reach_of as way_into
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_party import Said, Says, kubernetes_party, listening
from tests.unit.doctor_pods import pod

FORBIDDEN = 'pods is forbidden: User "eve" cannot list resource "pods" in the namespace "fate-t-9999"'
ANONYMOUS = 'pods is forbidden: User "system:anonymous" cannot list resource "pods"'


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Forget the clusters of other tests: each has another kubeconfig at the same place."""
    cluster.cache_clear()


def kubeconfig(folder: Path, server: str) -> str:
    """Write a kubeconfig whose context `prod` leads to a server, and return its place."""
    file = folder / "kubeconfig"
    tree = {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "hush"}}],
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
    }
    file.write_text(yaml.safe_dump(tree))
    return str(file)


@contextmanager
def served(folder: Path, says: Says) -> Iterator[str]:
    with listening(says) as port:
        yield kubeconfig(folder, f"http://127.0.0.1:{port}")


def refusal(status: int, message: str) -> Said:
    return status, {"kind": "Status", "status": "Failure", "message": message, "code": status}


def test_pods_are_asked_for_by_label_with_the_accounts_own_token(tmp_path: Path) -> None:
    asked = []

    def says(path: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Said:
        asked.append((path, query, headers.get("authorization")))
        return 200, {"kind": "PodList", "items": [pod()]}

    with served(tmp_path, says) as file:
        reach = reach_of(kubernetes_party(kubeconfig=file))
        assert reach.state("gateway").running
    path = "/api/v1/namespaces/fate-t-9999/pods"
    label = "app.kubernetes.io/name"
    assert asked == [
        (path, {"labelSelector": label}, "Bearer hush"),
        (path, {"labelSelector": f"{label}%3Dgateway"}, "Bearer hush"),
    ]


@pytest.mark.parametrize(
    ("said", "symptom", "told"),
    [
        (refusal(401, "Unauthorized"), Symptom.CLUSTER_REFUSES, "answers 401: Unauthorized"),
        (refusal(403, FORBIDDEN), Symptom.FORBIDDEN, f"answers 403: {FORBIDDEN}"),
        (refusal(403, ANONYMOUS), Symptom.CLUSTER_REFUSES, ANONYMOUS),
        ((404, "404 page not found"), Symptom.CLUSTER_SILENT, "answers 404: 404 page not found"),
        ((200, "<html>Log in</html>"), Symptom.CLUSTER_SILENT, "answers '<html>Log in</html>'"),
        ((502, "<html>Bad Gateway</html>"), Symptom.CLUSTER_SILENT, "answers 502: <html>Bad Gateway</html>"),
        (refusal(500, "error dialing backend: dial tcp 10.0.0.9:10250"), Symptom.NODE_SILENT, "10.0.0.9"),
    ],
)
def test_a_refusal_is_told_in_the_servers_own_words(
    tmp_path: Path, said: Said, symptom: Symptom, told: str
) -> None:
    with served(tmp_path, lambda *_: said) as file, pytest.raises(Ailment) as raised:
        way_into(kubernetes_party(kubeconfig=file))
    assert raised.value.symptom is symptom
    assert told in raised.value.detail
    assert raised.value.detail.startswith("http://127.0.0.1:"), "whose words they are"
    assert "hush" not in raised.value.detail


@pytest.mark.parametrize(
    ("status", "message", "symptom"),
    [
        (403, 'pods "gateway-1" is forbidden: cannot get resource "pods/exec"', Symptom.FORBIDDEN),
        (404, 'pods "gateway-1" not found', Symptom.MISSING),
        (500, 'container not found ("gateway")', Symptom.STOPPED),
        (400, "pod gateway-1 does not have a host assigned", Symptom.STOPPED),
        (400, "cannot exec into a container in a completed pod; current phase is Failed", Symptom.STOPPED),
    ],
)
def test_a_refused_command_is_told_too(tmp_path: Path, status: int, message: str, symptom: Symptom) -> None:
    with (
        served(tmp_path, lambda *_: refusal(status, message)) as file,
        pytest.raises(Ailment) as raised,
    ):
        cluster(file, "prod").run("fate-t-9999", "gateway-1", "gateway", ["true"], 5)
    assert raised.value.symptom is symptom
    assert message in raised.value.detail


def test_a_server_that_is_not_there_is_named_with_its_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        server = f"http://127.0.0.1:{closed.getsockname()[1]}"
    reached = cluster(kubeconfig(tmp_path, server), "prod")
    for ask in (lambda: reached.pods("n", "l"), lambda: reached.run("n", "p", "c", ["true"], 1)):
        with pytest.raises(Ailment, match="Connection refused") as raised:
            ask()
        assert raised.value.symptom is Symptom.CLUSTER_SILENT
        assert raised.value.detail.startswith(f"{server}: ")


def test_a_name_that_nobody_knows_is_told(tmp_path: Path) -> None:
    reached = cluster(kubeconfig(tmp_path, "https://api.invalid:6443"), "prod")
    with pytest.raises(Ailment, match=r"https://api\.invalid:6443: .*(resolve|Name)") as raised:
        reached.pods("n", "l")
    assert raised.value.symptom is Symptom.CLUSTER_SILENT


def test_a_server_whose_certificate_is_not_trusted_is_told_apart(tmp_path: Path) -> None:
    with listening(lambda *_: (200, {})) as port:
        reached = cluster(kubeconfig(tmp_path, f"https://127.0.0.1:{port}"), "prod")
        for ask in (lambda: reached.pods("n", "l"), lambda: reached.run("n", "p", "c", ["true"], 1)):
            with pytest.raises(Ailment, match="SSL") as raised:
                ask()
            assert raised.value.symptom is Symptom.CLUSTER_UNTRUSTED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No configuration found"),
        ("", "is empty"),
        ("a: [", "parsing"),
        ("[]", "list"),
        ("contexts: []", "Expected"),
        ("contexts: [{name: other, context: {cluster: c}}]", "name prod"),
        ("{contexts: [{name: prod, context: {cluster: c}}], clusters: []}", "name c"),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_is_named(tmp_path: Path, text: str | None, told: str) -> None:
    file = tmp_path / "kubeconfig"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Ailment, match=told) as raised:
        reach_of(kubernetes_party(kubeconfig=str(file)))
    assert raised.value.symptom is Symptom.CONTEXT_MISSING
    assert raised.value.detail.startswith(f"context prod of {file}: ")
    assert len(raised.value.detail.splitlines()) == 1


def test_parties_in_one_cluster_share_its_settings(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "http://127.0.0.1:1")
    assert cluster(file, "prod") is cluster(file, "prod"), "a login plugin would be asked for each party"
    assert isinstance(cluster(file, "prod"), Cluster)


def failure(message: str, **details: object) -> dict[str, object]:
    return {"status": "Failure", "message": message, "details": details}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"status": "Success"}, Answer(0, "über")),
        (failure("exit 7", causes=[{"reason": "ExitCode", "message": "7"}]), Answer(7, "über")),
        (failure('exec: "timeout": executable file not found'), Answer(126, 'über exec: "timeout"')),
    ],
)
def test_the_exit_code_comes_from_the_error_channel(status: dict[str, object], expected: Answer) -> None:
    told = answer(Ended("über".encode(), status, in_time=True))
    assert told.code == expected.code
    assert "über" in told.text
    assert expected.text.split()[-1].strip('"') in told.text


def test_a_command_that_does_not_end_is_left_after_its_time() -> None:
    assert answer(Ended(b"half", None, in_time=False)) == Answer(124, "half")


def test_a_connection_that_breaks_is_no_answer() -> None:
    with pytest.raises(Ailment, match="broke before the command ended") as raised:
        answer(Ended(b"half", None, in_time=True))
    assert raised.value.symptom is Symptom.CLUSTER_SILENT


@pytest.mark.parametrize(
    "argument", ["", "a b", "it's", '"$HOME" `id` $(id) \\', "two\nlines\n", "ünï✓", "x" * 100_000]
)
def test_a_shell_reads_a_command_as_it_was_meant(argument: str) -> None:
    script = "import sys; sys.stdout.buffer.write(sys.argv[1].encode()); sys.exit(7)"
    text = shlex.join([sys.executable, "-c", script, argument]).encode()
    ended = subprocess.run(
        ["sh", "-c", READER, str(len(text))], input=text + b"more", capture_output=True, check=False
    )
    assert (ended.returncode, ended.stdout.decode()) == (7, argument), ended.stderr
