"""The way to an API server: what a kubeconfig says, who we are, what fails; commands in pods."""

import base64
import json
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from clients.kubernetes import credentials, quantities
from clients.kubernetes.api_server import ApiServer
from clients.kubernetes.commands import Ended, run
from clients.kubernetes.failures import (
    LoginFailed,
    Misconfigured,
    Refused,
    Strange,
    Unreachable,
    Untrusted,
    Unusable,
    UnusableCertificate,
)
from clients.kubernetes.kubeconfig import Access, access, files_of
from tests.unit.kubernetes_api import KubernetesApi, serving

Entries = dict[str, Any]
CLUSTER = {"server": "https://far.example:6443"}


def contents(user: Entries | None = None, cluster: Entries | None = None, current: str = "one") -> str:
    document = {
        "clusters": [{"name": "c", "cluster": cluster or CLUSTER}],
        "users": [{"name": "u", "user": user or {}}],
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u", "namespace": "fate"}},
            {"name": "broken", "context": {"cluster": "gone", "user": "u"}},
        ],
        "current-context": current,
    }
    return json.dumps(document)


def reached(user: Entries) -> Access:
    return access(contents(user), None)


def test_a_kubeconfig_may_be_contents_or_a_path(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(contents())
    assert access(contents(), "one").server == access(str(file), None).server == CLUSTER["server"]
    assert access(contents(), None).namespace == "fate"


def test_several_files_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(json.dumps({"current-context": "one"}))
    second.write_text(contents())
    monkeypatch.setenv("KUBECONFIG", f"{first}:{second}:{tmp_path / 'absent'}")
    assert access(None, None).context == "one"


def test_files_are_beside_the_kubeconfig_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    file = tmp_path / "config"
    file.write_text(contents({"tokenFile": "token"}))
    found = access(str(file), None)
    assert credentials.headers(found, found.user) == {"authorization": "Bearer secret"}


@pytest.mark.parametrize(
    ("kubeconfig", "context", "reason"),
    [
        (contents(), "two", "has no context 'two'; it has 'broken', 'one'"),
        (contents(), "broken", "has no cluster 'gone'; it has 'c'"),
        (contents(current=""), None, "has no context None; it has"),
        (contents(cluster={"server": "far.example"}), None, "has no address (server: 'far.example')"),
        ("a: [\nb", None, "is no YAML in line"),
        ("- a\n", None, "is no kubeconfig: it has no clusters, contexts and users"),
        ("/absent/config", None, "kubeconfig '/absent/config' does not exist"),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_is_refused(
    kubeconfig: str, context: str | None, reason: str
) -> None:
    with pytest.raises(Misconfigured) as refusal:
        access(kubeconfig, context)
    assert reason in str(refusal.value)


def test_what_is_no_yaml_is_in_no_message() -> None:
    with pytest.raises(Misconfigured) as refusal:
        access("token: hunter2: [\n", None)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"token": "t"}, "Bearer t"),
        ({"username": "a", "password": "b"}, f"Basic {base64.b64encode(b'a:b').decode()}"),
    ],
)
def test_we_say_who_we_are(user: Entries, header: str) -> None:
    assert credentials.headers(reached(user), user) == {"authorization": header}


def program(folder: Path, script: str) -> Entries:
    file = folder / "login"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    variables = [{"name": "WHO", "value": "fate"}]
    return {"exec": {"command": str(file), "args": ["token"], "env": variables, "apiVersion": "v1"}}


def test_a_login_program_gives_a_token(tmp_path: Path) -> None:
    script = 'test -n "$KUBERNETES_EXEC_INFO" && echo "{\\"status\\": {\\"token\\": \\"$1-$WHO\\"}}"'
    found = reached(program(tmp_path, script))
    user = credentials.user_of(found)
    assert credentials.headers(found, user) == {"authorization": "Bearer token-fate"}


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo expired >&2; exit 1", "failed: expired"), ("echo no", "failed: JSONDecodeError")],
)
def test_a_login_program_that_fails_is_told(tmp_path: Path, script: str, reason: str) -> None:
    with pytest.raises(LoginFailed, match="the login of context 'one', ") as refusal:
        credentials.user_of(reached(program(tmp_path, script)))
    assert reason in str(refusal.value)


def test_a_login_program_that_is_missing_is_named() -> None:
    with pytest.raises(LoginFailed, match="logs in by '/absent/login', which is missing"):
        credentials.user_of(reached({"exec": {"command": "/absent/login"}}))


def test_a_login_that_kubernetes_has_removed_is_refused() -> None:
    with pytest.raises(Unusable, match="by auth-provider 'gcp', which Kubernetes has removed"):
        credentials.user_of(reached({"auth-provider": {"name": "gcp"}}))


def test_a_server_is_trusted_unless_the_kubeconfig_gives_that_up() -> None:
    strict = credentials.tls(reached({}), {})
    assert strict.verify_mode is ssl.CERT_REQUIRED
    loose = access(contents(cluster={**CLUSTER, "insecure-skip-tls-verify": True}), None)
    assert credentials.tls(loose, {}).verify_mode is ssl.CERT_NONE


def test_a_certificate_that_cannot_be_used_is_told() -> None:
    broken = {"certificate-authority-data": base64.b64encode(b"no certificate").decode()}
    found = access(contents(cluster={**CLUSTER, **broken}), None)
    with pytest.raises(UnusableCertificate):
        credentials.tls(found, {})


def test_a_server_that_does_not_listen_does_not_answer() -> None:
    nowhere = access(contents(cluster={"server": "http://127.0.0.1:9"}), None)
    with pytest.raises(Unreachable, match="Connection refused"):
        ApiServer(nowhere).get("/api/v1")


def test_of_several_paths_those_count_that_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert files_of("~/there:/absent") == f"{tmp_path}/there"
    assert files_of("/absent:/gone") == "/absent:/gone", "each may be told"


def test_a_login_program_beside_the_kubeconfig_is_found_there(tmp_path: Path) -> None:
    program(tmp_path, 'echo \'{"status": {"token": "near"}}\'')
    file = tmp_path / "config"
    file.write_text(contents({"exec": {"command": "./login"}}))
    assert credentials.user_of(access(str(file), None))["token"] == "near"


def test_a_login_program_is_told_of_the_cluster_where_it_asks_for_that(tmp_path: Path) -> None:
    login = program(
        tmp_path, 'echo "$KUBERNETES_EXEC_INFO" > "$0.asked"; echo \'{"status": {"token": "t"}}\''
    )
    login["exec"]["provideClusterInfo"] = True
    credentials.user_of(reached(login))
    asked = json.loads((tmp_path / "login.asked").read_text())["spec"]
    assert asked == {"interactive": False, "cluster": CLUSTER}


def test_an_identity_token_of_openid_is_taken_by_the_library(tmp_path: Path) -> None:
    fresh = base64.urlsafe_b64encode(json.dumps({"exp": 9999999999}).encode()).decode().rstrip("=")
    token = f"e30.{fresh}.c2ln"
    file = tmp_path / "config"
    file.write_text(contents({"auth-provider": {"name": "oidc", "config": {"id-token": token}}}))
    assert credentials.user_of(access(str(file), None))["token"] == token


@pytest.fixture
def api() -> Iterator[KubernetesApi]:
    with serving() as server:
        yield server


def asking(api: KubernetesApi, user: Entries, **options: Any) -> ApiServer:  # noqa: ANN401
    return ApiServer(access(contents(user, {"server": api.address}), None), **options)


def test_a_login_that_has_ended_is_renewed_once(tmp_path: Path, api: KubernetesApi) -> None:
    refusals = [(401, {"message": "Unauthorized"})]
    api.answers = lambda method, path: refusals.pop() if refusals else None
    login = program(tmp_path, 'echo x >> "$0.asked"; echo \'{"status": {"token": "t"}}\'')
    server = asking(api, login)
    assert server.get("/api/v1/namespaces/fate")["kind"] == "Namespace"
    assert (tmp_path / "login.asked").read_text().count("x") == 2
    refusals.extend([(401, {"message": "Unauthorized"})] * 2)
    with pytest.raises(Refused, match="Unauthorized"):
        server.get("/api/v1/namespaces/fate")


def test_a_server_that_is_busy_is_asked_as_often_as_is_said(api: KubernetesApi) -> None:
    refusals = [(503, {"message": "busy"})]
    api.answers = lambda method, path: refusals.pop() if refusals else None
    assert asking(api, {}, attempts=2).get("/api/v1/namespaces/fate")
    refusals.append((503, {"message": "busy"}))
    with pytest.raises(Refused, match="busy") as refusal:
        asking(api, {}).get("/api/v1/namespaces/fate")
    assert refusal.value.status == 503


def test_what_is_refused_tells_what_it_is(api: KubernetesApi) -> None:
    with pytest.raises(Refused) as refusal:
        asking(api, {}).get("/api/v1/namespaces/fate/configmaps/none")
    assert refusal.value.missing
    told = refusal.value.forbidden, refusal.value.exists, refusal.value.without_namespace
    assert not any(told)
    assert str(refusal.value) == 'configmaps "none" not found'


def test_what_answers_without_an_object_is_strange(api: KubernetesApi) -> None:
    api.answers = lambda method, path: (200, "hello")  # type: ignore[assignment,return-value]
    with pytest.raises(Strange) as failure:
        asking(api, {}).get("/api/v1")
    assert failure.value.body == b'"hello"'


def test_a_server_without_tls_is_not_trusted(api: KubernetesApi) -> None:
    secured = access(contents(cluster={"server": api.address.replace("http:", "https:")}), None)
    with pytest.raises(Untrusted, match="SSL"):
        ApiServer(secured).get("/api/v1")


class Pod:
    """A pod's end of a websocket, which says what it is told to say once a command has come."""

    def __init__(self, *frames: bytes, ends: bool = True) -> None:
        self._frames, self._ends = frames, ends
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.server = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.asked, self.typed = "", b""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> "Pod":
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rb") as read:
            headers = b"".join(iter(read.readline, b"\r\n"))
            self.asked = headers.decode()
            [key] = [
                line.split()[1]
                for line in headers.splitlines()
                if line.lower().startswith(b"sec-websocket-key")
            ]
            accepted = base64.b64encode(sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
            connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Protocol: v4.channel.k8s.io\r\nSec-WebSocket-Accept: "
                + accepted
                + b"\r\n\r\n"
            )
            size = read.read(2)[1] & 0x7F
            mask, text = read.read(4), read.read(size)
            self.typed = bytes(part ^ mask[place % 4] for place, part in enumerate(text))
            for frame in self._frames:
                connection.sendall(b"\x82" + bytes([len(frame)]) + frame)
            if self._ends:
                connection.sendall(b"\x88\x02\x03\xe8")
            self._done.wait(10)


def run_in(pod: Pod, limit: float = 10) -> Ended:
    server = ApiServer(access(contents({"token": "t"}, {"server": pod.server}), None))
    return run(server, "/api/v1/namespaces/n/pods/p", "c", ["cat", "-"], b"text", limit)


def test_a_command_in_a_pod_reads_its_text_and_both_its_outputs_come_in_their_order() -> None:
    with Pod(b"\x01", b"\x01one ", b"\x02two ", "\x01über".encode(), b'\x03{"status": "Success"}') as pod:
        assert run_in(pod) == Ended("one two über".encode(), {"status": "Success"}, in_time=True)
    wanted = "container=c&stdin=true&stdout=true&stderr=true&command=cat&command=-"
    assert pod.asked.startswith(f"GET /api/v1/namespaces/n/pods/p/exec?{wanted} HTTP/1.1")
    assert "authorization: Bearer t" in pod.asked
    assert pod.typed == b"\x00text"


def test_a_command_that_does_not_end_is_left_after_its_time() -> None:
    with Pod(b"\x01half", ends=False) as pod:
        assert run_in(pod, 0.2) == Ended(b"half", None, in_time=False)


def test_a_connection_that_breaks_tells_no_end() -> None:
    with Pod(b"\x01half") as pod:
        assert run_in(pod) == Ended(b"half", None, in_time=True)


def test_a_command_that_may_not_run_is_refused_in_the_servers_words(api: KubernetesApi) -> None:
    api.answers = lambda method, path: (403, {"message": "pods is forbidden"})
    with pytest.raises(Refused, match="pods is forbidden") as refusal:
        run(asking(api, {}), "/api/v1/namespaces/n/pods/p", "c", ["true"], b"", 1)
    assert refusal.value.forbidden


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1Ki", 1024),
        ("1.5k", 1500),
        ("1e3", 1000),
        ("2E", 2 * 10**18),
        ("2Ei", 2 * 2**60),
        (".5", 0.5),
        (3, 3),
    ],
)
def test_a_quantity_is_read_as_kubernetes_writes_it(written: object, amount: float) -> None:
    assert quantities.amount(written) == amount


@pytest.mark.parametrize("written", ["", "Gi", "1 Gi", "1gi", "1e999999999", "9" * 5000, True, None, "1.2.3"])
def test_what_is_no_quantity_has_no_amount(written: object) -> None:
    assert quantities.amount(written) is None
