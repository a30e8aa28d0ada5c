"""What the plugin says where no way leads to an API server."""

import json
from typing import Any

import pytest

from diff.kubernetes.configuration import configured
from offline.kubernetes.cluster import Cluster
from offline.kubernetes.explained import NoCluster, unreachable
from offline.protocol.failures import Refusal

Entries = dict[str, Any]
SERVER = "https://far.example:6443"


def kubeconfig(user: Entries | None = None, cluster: Entries | None = None, current: str = "one") -> str:
    document = {
        "clusters": [{"name": "c", "cluster": {"server": SERVER, **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "current-context": current,
    }
    return json.dumps(document)


def cluster(kubeconfig: str, **settings: str) -> Cluster:
    return Cluster(configured({"kubeconfig": kubeconfig, **settings}))


@pytest.mark.parametrize(
    ("kubeconfig", "context", "reason"),
    [
        (
            kubeconfig(current=""),
            {},
            "the kubeconfig given to the provider has no current context. "
            "Give the provider `context`: 'one'.",
        ),
        (
            "/absent/config",
            {},
            "kubeconfig '/absent/config' does not exist. "
            "Give the provider `kubeconfig`, the path of one that does.",
        ),
        (
            kubeconfig(),
            {"context": "two"},
            "the kubeconfig given to the provider has no context 'two'; it has 'one'",
        ),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_is_told_with_what_to_give_the_provider(
    kubeconfig: str, context: dict[str, str], reason: str
) -> None:
    with pytest.raises(NoCluster) as refusal:
        _ = cluster(kubeconfig, **context).access
    assert str(refusal.value) == reason


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
    told = str(unreachable(cluster(kubeconfig()).access, OSError(words)))
    assert told.startswith(f"the API server at {SERVER} cannot be reached: ")
    assert remedy in told
    assert words in told, "its own words are never lost"


def test_a_server_that_does_not_listen_is_told_by_its_address() -> None:
    nowhere = cluster(kubeconfig(cluster={"server": "http://127.0.0.1:9"}))
    with pytest.raises(NoCluster, match=r"http://127\.0\.0\.1:9 cannot be reached: nothing listens there"):
        nowhere.server.get("/api/v1")


@pytest.mark.parametrize(
    ("user", "trust", "reason"),
    [
        (
            {},
            {"certificate-authority-data": "bm9uZQ=="},
            "a certificate of context 'one' cannot be used",
        ),
        ({"exec": {"command": "/absent/login"}}, {}, "logs in by '/absent/login', which is missing"),
    ],
)
def test_what_a_context_says_and_cannot_be_done_is_a_failure_of_its_own(
    user: Entries, trust: Entries, reason: str
) -> None:
    with pytest.raises(Refusal, match=reason) as refusal:
        cluster(kubeconfig(user, trust)).server.get("/api/v1")
    assert not isinstance(refusal.value, NoCluster), "a preview that cannot ask must not pass over it"
