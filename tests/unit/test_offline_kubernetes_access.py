"""The way to an API server: what a kubeconfig says, who we are, and what is said when it fails."""

import base64
import json
import ssl
import stat
from pathlib import Path
from typing import Any

import pytest

from offline.kubernetes import credentials
from offline.kubernetes.api_server import ApiServer
from offline.kubernetes.explained import unreachable
from offline.kubernetes.kubeconfig import Access, access
from offline.protocol.failures import Refusal

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
        (contents(current=""), None, "has no current context. Give the provider `context`"),
        (contents(cluster={"server": "far.example"}), None, "has no address (server: 'far.example')"),
        ("a: [\nb", None, "is no YAML in line"),
        ("- a\n", None, "is no kubeconfig: it has no clusters, contexts and users"),
        ("/absent/config", None, "kubeconfig '/absent/config' does not exist"),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_is_refused(
    kubeconfig: str, context: str | None, reason: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        access(kubeconfig, context)
    assert reason in str(refusal.value)


def test_what_is_no_yaml_is_in_no_message() -> None:
    with pytest.raises(Refusal) as refusal:
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
    with pytest.raises(Refusal, match="the login of context 'one', ") as refusal:
        credentials.user_of(reached(program(tmp_path, script)))
    assert reason in str(refusal.value)


def test_a_login_program_that_is_missing_is_named() -> None:
    with pytest.raises(Refusal, match="logs in by '/absent/login', which is missing"):
        credentials.user_of(reached({"exec": {"command": "/absent/login"}}))


def test_a_login_that_kubernetes_has_removed_is_refused() -> None:
    with pytest.raises(Refusal, match="by auth-provider 'gcp', which Kubernetes has removed"):
        credentials.user_of(reached({"auth-provider": {"name": "gcp"}}))


def test_a_server_is_trusted_unless_the_kubeconfig_gives_that_up() -> None:
    strict = credentials.tls(reached({}), {})
    assert strict.verify_mode is ssl.CERT_REQUIRED
    loose = access(contents(cluster={**CLUSTER, "insecure-skip-tls-verify": True}), None)
    assert credentials.tls(loose, {}).verify_mode is ssl.CERT_NONE


def test_a_certificate_that_cannot_be_used_is_told() -> None:
    broken = {"certificate-authority-data": base64.b64encode(b"no certificate").decode()}
    found = access(contents(cluster={**CLUSTER, **broken}), None)
    with pytest.raises(Refusal, match="a certificate of context 'one' cannot be used"):
        credentials.tls(found, {})


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "certificate-authority"),
        ("hostname 'a' doesn't match 'b'", "tls-server-name"),
        ("[Errno -2] Name or service not known", "its name does not resolve"),
        ("[Errno 111] Connection refused", "nothing listens there"),
        ("Connection to far.example timed out", "a VPN or a firewall"),
        ("something else", "look whether the cluster runs"),
    ],
)
def test_a_server_that_cannot_be_reached_is_told_with_the_remedy(words: str, remedy: str) -> None:
    told = str(unreachable(reached({}), OSError(words)))
    assert told.startswith(f"the API server at {CLUSTER['server']} cannot be reached: ")
    assert remedy in told
    assert words in told, "its own words are never lost"


def test_a_server_that_does_not_listen_is_told_by_its_address() -> None:
    nowhere = access(contents(cluster={"server": "http://127.0.0.1:9"}), None)
    with pytest.raises(Refusal, match=r"http://127\.0\.0\.1:9 cannot be reached: nothing listens there"):
        ApiServer(nowhere).get("/api/v1")
