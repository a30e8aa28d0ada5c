"""What is refused before anything is made on a Kubernetes cluster. Its API server is a stand-in."""

import copy
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.preflight import kubernetes_access
from components.preflight.kubernetes import Examined
from components.preflight.kubernetes import preflight as preflight_of
from components.preflight.kubernetes_access import AT_ONCE
from components.preflight.kubernetes_gpus import NODES, Unasked
from components.preflight.kubernetes_rights import REVIEW, RULES, needed
from components.preflight.kubernetes_storage import CLASSES, DEFAULT_CLASS
from components.preflight.kubernetes_wanted import Kinds, Wanted, wanted_namespaces
from components.runtimes.names import GPU, Names
from components.runtimes.ownership import Ownership
from config import ConfigurationFault, KubernetesSettings, load
from tests.declared.kubernetes_stacks import ENGINES, REGISTRY_IMAGE, STACKS, stack
from tests.project import ROOT

CLAIMS = re.compile("/api/v1/namespaces/([^/]+)/persistentvolumeclaims")
NAMESPACE = re.compile("/api/v1/namespaces/([^/]+)")
ACCOUNT = re.compile("/api/v1/namespaces/([^/]+)/serviceaccounts/fate")
EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
FAST = {"metadata": {"name": "fast", "annotations": {DEFAULT_CLASS: "true"}}, "allowVolumeExpansion": True}
GIVEN: dict[str, Any] = {"create-namespace": False}
STIFF = {"metadata": {"name": "stiff"}}
OURS = Ownership("fate", "bank", "9e8f1234")
BANK = Names("fate", "bank")
LISTED = re.compile("/(?:api|apis/[^/]+)/v1/namespaces/([^/]+)/([a-z]+)")


class Cluster:
    """What the stand-in answers, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.rules: list[dict[str, Any]] = [EVERYTHING]
        self.incomplete = False
        self.denied: set[tuple[str, str]] = set()
        self.namespaces = {"fate-9999", "fate-10000"}
        self.labels: dict[str, dict[str, str]] = {}
        self.objects: dict[str, list[dict[str, Any]]] = {}
        self.accounts: dict[str, dict[str, str]] = {}
        self.classes: list[dict[str, Any]] = [FAST, STIFF]
        self.claims: dict[str, list[dict[str, Any]]] = {}
        self.gpus: list[str] = []
        self.statuses: dict[str, int] = {}
        self.page: bytes | None = None
        self.asked: list[str] = []
        self.posted: list[Any] = []
        self.connections: set[Any] = set()
        self.thinking = 0.0
        self.counting = threading.Lock()
        self.open = self.most_open = 0

    def answer(self, path: str, body: Any) -> tuple[int, bytes]:  # noqa: ANN401 - JSON
        """Answer one question."""
        for part, status in self.statuses.items():
            if part in path:
                return status, b'{"kind": "Status"}'
        if (found := NAMESPACE.fullmatch(path)) and found[1] not in self.namespaces:
            return 404, b'{"kind": "Status"}'
        if (found := ACCOUNT.fullmatch(path)) and found[1] not in self.accounts:
            return 404, b'{"kind": "Status"}'
        return 200, self.page or json.dumps(self._tree(path, body)).encode()

    def _tree(self, path: str, body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        if path == RULES:
            status = {"resourceRules": self.rules, "incomplete": self.incomplete}
            return {"kind": "SelfSubjectRulesReview", "status": status}
        if path == REVIEW:
            asked = body["spec"]["resourceAttributes"]
            allowed = (asked["verb"], asked["resource"]) not in self.denied
            self._think()
            return {"kind": "SelfSubjectAccessReview", "status": {"allowed": allowed}}
        if found := NAMESPACE.fullmatch(path):
            return {"kind": "Namespace", "metadata": {"labels": self.labels.get(found[1], OURS.labels())}}
        if found := ACCOUNT.fullmatch(path):
            annotations = self.accounts[found[1]]
            return {"kind": "ServiceAccount", "metadata": {"name": "fate", "annotations": annotations}}
        if path == NODES:
            nodes = [
                {"status": {"allocatable": {"cpu": "8"} | ({GPU: of} if of else {})}} for of in self.gpus
            ]
            return {"kind": "NodeList", "items": nodes}
        if path == CLASSES:
            return {"kind": "StorageClassList", "items": self.classes}
        if (found := LISTED.fullmatch(path)) and not CLAIMS.fullmatch(path):
            return {"kind": "PartialObjectMetadataList", "items": self.objects.get(found[2])}
        found = CLAIMS.fullmatch(path)
        assert found, f"the preflight asks for {path}"
        return {"kind": "PersistentVolumeClaimList", "items": self.claims.get(found[1], [])}

    def _think(self) -> None:
        """Take a while over a review, and note how many are open meanwhile."""
        with self.counting:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        time.sleep(self.thinking)
        with self.counting:
            self.open -= 1

    def kubeconfig(
        self,
        name: str = "kubeconfig",
        context: str = "prod",
        user: Mapping[str, Any] | None = None,
        cluster: Mapping[str, Any] | None = None,
    ) -> str:
        """Write a kubeconfig for this server, and return its path."""
        tree = {
            "clusters": [{"name": "c", "cluster": {"server": self.address, **(cluster or {})}}],
            "users": [{"name": "u", "user": user or {"token": "t"}}],
            "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
        }
        file = self.folder / name
        file.write_text(yaml.safe_dump(tree))
        return str(file)

    def has(self, claim: str, namespace: str = "fate-9999", **spec: str) -> None:
        """Have a claim of 20Gi on the class `fast`, or on what `spec` says."""
        tree = {
            "metadata": {"name": claim},
            "spec": {
                "storageClassName": spec.get("of", "fast"),
                "accessModes": [spec.get("access", "ReadWriteOnce")],
                "resources": {"requests": {"storage": spec.get("size", "20Gi")}},
            },
        }
        self.claims.setdefault(namespace, []).append(tree)


@contextmanager
def serving(folder: Path, context: ssl.SSLContext | None = None) -> Iterator[Cluster]:
    cluster = Cluster(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            cluster.asked.append(f"{self.command} {self.path}")
            cluster.connections.add(self.client_address)
            length = int(self.headers.get("content-length", 0))
            posted = json.loads(self.rfile.read(length)) if length else None
            if posted:
                cluster.posted.append(posted)
            status, body = cluster.answer(self.path, posted)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """Stay quiet: a client that does not trust the server hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    cluster.address = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield cluster
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Cluster]:
    """Serve with a certificate that nobody else has signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1", "-nodes"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(tmp_path, context) as serves:
        yield serves


def wanted(kubeconfig: str | None, path: str = "fate:runtime", **settings: Any) -> Wanted:  # noqa: ANN401
    """Return a namespace with the database's claim of 20Gi, and others where `claims` says so."""
    namespace = settings.pop("within", "fate-9999")
    claims, kinds = settings.pop("claims", {"database": "20Gi"}), settings.pop("kinds", {})
    services = settings.pop("services", ())
    of_cluster = {"context": "prod", "kubeconfig": kubeconfig, **settings}
    return Wanted(path, KubernetesSettings.model_validate(of_cluster), namespace, claims, kinds, services)


def preflight(wants: list[Wanted]) -> Examined:
    return preflight_of(wants, OURS)


def refusal(*wants: Wanted) -> str:
    with pytest.raises(ConfigurationFault) as refused:
        preflight(list(wants))
    message = str(refused.value)
    assert "Traceback" not in message
    return message


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_cluster_that_has_what_a_stack_wants_is_accepted(cluster: Cluster) -> None:
    preflight([wanted(cluster.kubeconfig())])


def test_nothing_is_posted_but_the_question_what_the_user_may_do(cluster: Cluster) -> None:
    cluster.has("database")
    preflight([wanted(cluster.kubeconfig())])
    posts = [each for each in cluster.asked if not each.startswith("GET ")]
    assert posts == [f"POST {REVIEW}", f"POST {RULES}"]
    patch = {"group": "", "resource": "namespaces", "verb": "patch", "name": "fate-9999"}
    assert cluster.posted == [
        {"spec": {"resourceAttributes": patch}},
        {"spec": {"namespace": "fate-9999"}},
    ]


def test_two_parties_on_one_cluster_share_one_connection_and_one_listing_of_classes(cluster: Cluster) -> None:
    file = cluster.kubeconfig()
    preflight([wanted(file), wanted(file, "fate:parties[1].runtime", within="fate-10000")])
    assert cluster.asked.count(f"GET {CLASSES}") == 1
    assert len(cluster.connections) == 1, "each party connects anew"
    of_rules = [each["spec"]["namespace"] for each in cluster.posted if "namespace" in each["spec"]]
    assert of_rules == ["fate-9999", "fate-10000"]


def test_two_contexts_are_two_clusters(cluster: Cluster) -> None:
    files = [cluster.kubeconfig(), cluster.kubeconfig("second")]
    preflight([wanted(file) for file in files])
    assert cluster.asked.count(f"GET {CLASSES}") == 2


def test_a_context_that_the_kubeconfig_lacks_is_refused_with_those_it_has(cluster: Cluster) -> None:
    file = cluster.kubeconfig(context="test")
    message = refusal(wanted(file))
    assert f"fate:runtime.context: {file} has no context prod" in message
    assert "write one that it has: test" in message
    assert cluster.asked == []


def test_a_kubeconfig_without_any_context_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text("contexts: null")
    assert "write another kubeconfig" in refusal(wanted(str(file)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"a: [", "while parsing"),
        (b"\xff\xfe\xff", "codec can't decode"),
        (b"", "it holds no list of contexts"),
        (b"prod", "it holds no list of contexts"),
        (b"contexts: 5", "it holds no list of contexts"),
        (b"contexts: [5]", "it holds no list of contexts"),
        (b"contexts: [{}]", "it holds no list of contexts"),
    ],
)
def test_what_is_no_kubeconfig_is_refused_by_its_path(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "kubeconfig"
    if content is not None:
        file.write_bytes(content)
    message = refusal(wanted(str(file)))
    assert f"fate:runtime.kubeconfig: {file} cannot be read as a kubeconfig: " in message
    assert reason in message
    assert "make cluster makes one" in message
    assert message.count("\n") == 2, "a message of YAML's must not spread over lines"


def test_a_folder_is_no_kubeconfig(tmp_path: Path) -> None:
    assert "cannot be read as a kubeconfig: Is a directory" in refusal(wanted(str(tmp_path)))


def test_a_context_whose_cluster_is_not_written_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text("contexts: [{name: prod, context: {cluster: c, user: u}}]")
    message = refusal(wanted(str(file)))
    assert f"fate:runtime.context: context prod of {file} cannot be used: " in message
    assert f"kubectl --kubeconfig {file} --context prod config view --minify" in message


def test_kubeconfigs_of_the_environment_are_read_together(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [cluster.kubeconfig("first", context="test"), cluster.kubeconfig("second"), "absent"]
    monkeypatch.setenv("KUBECONFIG", ":".join(files))
    preflight([wanted(None)])
    assert cluster.asked, "the context of the second file is asked"


def test_without_the_context_all_kubeconfigs_of_the_environment_are_named(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [cluster.kubeconfig("first", context="test"), cluster.kubeconfig("second", context="bank")]
    monkeypatch.setenv("KUBECONFIG", ":".join(files))
    message = refusal(wanted(None))
    assert f"{files[0]}:{files[1]} has no context prod" in message
    assert "write one that it has: test, bank" in message


def test_every_kubeconfig_of_the_environment_may_stand_at_home(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.kubeconfig("second")
    monkeypatch.setenv("HOME", str(cluster.folder))
    monkeypatch.setenv("KUBECONFIG", "~/first:~/second")
    preflight([wanted(None)])


def test_a_login_program_that_does_not_exist_is_named(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-login"}
    message = refusal(wanted(cluster.kubeconfig(user={"exec": {**login, "interactiveMode": "Never"}})))
    assert "fate:runtime.context: context prod of " in message
    assert "No such file or directory: 'no-such-login'" in message
    assert cluster.asked == [], "nobody is asked as somebody else"
    assert caplog.text == "", "what the client logs stands in the fault"


def test_a_login_program_that_fails_is_told_with_what_it_says(cluster: Cluster) -> None:
    login = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh",
        "args": ["-c", "echo your session has ended >&2; exit 3"],
        "interactiveMode": "Never",
    }
    message = refusal(wanted(cluster.kubeconfig(user={"exec": login})))
    assert "process returned 3" in message
    assert "your session has ended" in message


def test_a_certificate_file_that_does_not_exist_is_named(cluster: Cluster) -> None:
    cluster.address = cluster.address.replace("http:", "https:")
    message = refusal(wanted(cluster.kubeconfig(cluster={"certificate-authority": "/nowhere/ca.crt"})))
    assert "/nowhere/ca.crt" in message


def test_a_certificate_authority_that_is_none_is_refused(cluster: Cluster) -> None:
    cluster.address = cluster.address.replace("http:", "https:")
    authority = {"certificate-authority-data": "bm9uZQ=="}
    assert "no trusted connection" in refusal(wanted(cluster.kubeconfig(cluster=authority)))


def test_a_server_that_does_not_run_is_named_with_its_address(cluster: Cluster) -> None:
    cluster.address = f"http://127.0.0.1:{closed_port()}"
    message = refusal(wanted(cluster.kubeconfig()))
    assert f"fate:runtime.context: the API server of prod does not answer at {cluster.address}" in message
    assert "Connection refused" in message
    assert "make cluster" in message


def test_a_server_that_never_answers_is_left_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_access, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stand_in = Cluster(tmp_path)
        stand_in.address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "timed out" in refusal(wanted(stand_in.kubeconfig()))


def test_a_server_that_nobody_trusts_is_told_apart_from_one_that_does_not_run(secured: Cluster) -> None:
    message = refusal(wanted(secured.kubeconfig()))
    assert f"no trusted connection to the API server of prod at {secured.address}" in message
    assert "certificate verify failed" in message
    assert "write the authority that signed its certificate" in message
    assert "make cluster" not in message


def test_a_server_whose_authority_stands_in_the_kubeconfig_is_trusted(secured: Cluster) -> None:
    authority = {"certificate-authority": str(secured.folder / "certificate.pem")}
    preflight([wanted(secured.kubeconfig(cluster=authority))])


def test_a_kubeconfig_that_trusts_everybody_is_obeyed_without_a_warning(secured: Cluster) -> None:
    preflight([wanted(secured.kubeconfig(cluster={"insecure-skip-tls-verify": True}))])


def test_a_user_that_the_cluster_does_not_know_is_told_to_log_in(cluster: Cluster) -> None:
    cluster.statuses = {"/": 401}
    message = refusal(wanted(cluster.kubeconfig()))
    assert "fate:runtime.context: the cluster of prod does not know this user (401 Unauthorized)" in message
    assert "auth whoami" in message


def test_a_user_who_may_ask_nothing_is_refused(cluster: Cluster) -> None:
    cluster.statuses = {"/": 403}
    assert "lets this user ask nothing" in refusal(wanted(cluster.kubeconfig()))


@pytest.mark.parametrize(
    "where", [CLASSES, RULES, REVIEW, "/api/v1/namespaces/fate-9999", "persistentvolumeclaims"]
)
def test_a_server_that_fails_is_told_with_its_status_and_how_to_ask_it(cluster: Cluster, where: str) -> None:
    cluster.statuses = {where: 500}
    message = refusal(wanted(cluster.kubeconfig()))
    assert "fate:runtime.context: the API server of prod answers 500 Internal Server Error" in message
    assert "get --raw /readyz?verbose" in message


def test_a_cluster_that_fails_is_not_asked_again_for_the_next_party(cluster: Cluster) -> None:
    cluster.statuses = {RULES: 500}
    file = cluster.kubeconfig()
    message = refusal(wanted(file), wanted(file, "fate:parties[1].runtime", within="fate-10000"))
    assert cluster.asked.count(f"POST {RULES}") == 1
    assert "1 fault" in message


@pytest.mark.parametrize("page", [b"<html>Welcome to nginx!</html>", b'"text"', b'{"hello": "world"}', b"[]"])
def test_a_server_of_another_kind_is_refused(cluster: Cluster, page: bytes) -> None:
    cluster.page = page
    message = refusal(wanted(cluster.kubeconfig()))
    assert f"what answers at {cluster.address}, the server of prod, is no Kubernetes API server" in message


def test_rights_that_are_missing_are_told_by_name_with_the_way_to_get_them(cluster: Cluster) -> None:
    cluster.rules = [{"verbs": ["*"], "apiGroups": ["", "apps"], "resources": ["*"]}]
    message = refusal(wanted(cluster.kubeconfig()))
    problem = "may not get, list, watch, create, patch, delete networkpolicies in namespace fate-9999"
    assert f"fate:runtime.context: the user of prod {problem}" in message
    assert "kubectl apply --namespace fate-9999 --filename docs/role.yaml" in message
    assert "create rolebinding fate --namespace fate-9999 --role fate-operator --user NAME" in message
    assert "create-namespace" not in message, "the namespace is no matter"


def test_a_right_to_read_or_to_some_objects_is_no_right_to_change_all(cluster: Cluster) -> None:
    cluster.rules = [
        {**EVERYTHING, "verbs": ["get", "list", "watch"]},
        {**EVERYTHING, "resources": ["secrets"], "resourceNames": ["mine"]},
        {**EVERYTHING, "resources": ["configmaps"]},
    ]
    message = refusal(wanted(cluster.kubeconfig()))
    assert "may not create, patch, delete secrets, services, " in message
    assert "configmaps" not in message
    assert "pods" not in message, "pods are only looked at"


def test_rights_that_lack_different_verbs_are_told_apart_in_one_fault(cluster: Cluster) -> None:
    cluster.rules = [{**EVERYTHING, "verbs": ["get", "list", "watch", "create", "patch"]}]
    cluster.rules.append({"verbs": ["delete"], "apiGroups": ["", "apps"], "resources": ["*"]})
    cluster.denied = {("patch", "namespaces")}
    message = refusal(wanted(cluster.kubeconfig()))
    assert "1 fault" in message
    assert "may not patch namespaces; delete networkpolicies in namespace fate-9999" in message


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ({"networking.k8s.io": ("ingresses",)}, "ingresses"),
        ({"policy": ("poddisruptionbudgets",)}, "poddisruptionbudgets"),
        ({"gateway.networking.k8s.io": ("httproutes", "tcproutes")}, "httproutes, tcproutes"),
    ],
)
def test_only_what_a_stack_declares_needs_a_right(cluster: Cluster, kinds: Kinds, told: str) -> None:
    file = cluster.kubeconfig()
    cluster.rules = [
        {"verbs": ["*"], "apiGroups": [group], "resources": [resource]}
        for group, resource, _ in needed(wanted(file))
    ]
    preflight([wanted(file)])
    message = refusal(wanted(file, kinds=kinds))
    assert f"may not get, list, watch, create, patch, delete {told} in namespace" in message


def test_a_namespace_that_does_not_exist_is_made_by_who_may(cluster: Cluster) -> None:
    cluster.namespaces = set()
    preflight([wanted(cluster.kubeconfig())])
    cluster.denied = {("create", "namespaces")}
    message = refusal(wanted(cluster.kubeconfig()))
    assert "may not create namespaces in namespace fate-9999, which does not exist" in message
    assert "let an administrator run: kubectl create namespace fate-9999; kubectl apply" in message
    assert "then write namespace: fate-9999 and create-namespace: false" in message


def test_a_namespace_that_exists_needs_no_right_to_make_it(cluster: Cluster) -> None:
    cluster.denied = {("create", "namespaces")}
    preflight([wanted(cluster.kubeconfig())])


def test_a_namespace_that_is_not_the_stack_s_to_make_must_exist(cluster: Cluster) -> None:
    cluster.denied = {("create", "namespaces"), ("patch", "namespaces")}
    preflight([wanted(cluster.kubeconfig(), **GIVEN)])
    cluster.namespaces = set()
    message = refusal(wanted(cluster.kubeconfig(), **GIVEN))
    assert "fate:runtime.namespace: prod has no namespace fate-9999" in message
    assert "kubectl create namespace fate-9999; or leave create-namespace out" in message


def test_a_namespace_that_may_not_be_looked_at_is_needed_only_by_who_labels_it(cluster: Cluster) -> None:
    cluster.statuses = {"/api/v1/namespaces/fate-9999": 403}
    preflight([wanted(cluster.kubeconfig(), **GIVEN)])
    assert "may not get namespaces" in refusal(wanted(cluster.kubeconfig()))


def test_a_review_that_is_incomplete_is_completed_one_by_one(cluster: Cluster) -> None:
    cluster.rules, cluster.incomplete = [], True
    preflight([wanted(cluster.kubeconfig())])
    cluster.denied = {("patch", "secrets")}
    assert "may not patch secrets in namespace fate-9999" in refusal(wanted(cluster.kubeconfig()))


def test_what_a_list_of_rights_leaves_open_is_asked_several_at_a_time(cluster: Cluster) -> None:
    cluster.rules, cluster.incomplete, cluster.thinking = [], True, 0.02
    cluster.denied = {("patch", "secrets"), ("delete", "services"), ("watch", "pods")}
    message = refusal(wanted(cluster.kubeconfig()))
    assert "1 fault" in message
    assert "may not patch secrets; delete services; watch pods in namespace fate-9999" in message
    assert 1 < cluster.most_open <= AT_ONCE, "neither one after the other, nor all at once"
    assert cluster.asked.count(f"POST {REVIEW}") == len(set(needed(wanted(None)))) + 1, "each once"


def test_rights_that_nobody_answers_for_are_one_fault_and_soon_no_longer_asked(cluster: Cluster) -> None:
    cluster.rules, cluster.incomplete, cluster.statuses = [], True, {REVIEW: 500}
    message = refusal(wanted(cluster.kubeconfig(), **GIVEN))
    assert "1 fault" in message
    assert "the API server of prod answers 500" in message
    assert cluster.asked.count(f"POST {REVIEW}") < len(set(needed(wanted(None))))


@pytest.mark.parametrize("name", STACKS)
def test_the_role_of_the_documentation_grants_what_every_stack_needs(name: str) -> None:
    rules = yaml.safe_load((ROOT / "docs/role.yaml").read_text())["rules"]
    granted = {
        (group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    for want in wanted_namespaces(load(copy.deepcopy(STACKS[name])), BANK):
        assert set(needed(want)) <= granted


def test_a_storage_class_that_the_cluster_lacks_is_refused_with_those_it_has(cluster: Cluster) -> None:
    message = refusal(wanted(cluster.kubeconfig(), storage={"class": "slow"}))
    assert "fate:runtime.storage.class: prod has no storage class slow" in message
    assert "write one that it has: fast, stiff" in message


def test_a_cluster_without_a_default_class_needs_one_named(cluster: Cluster) -> None:
    cluster.classes = [STIFF]
    message = refusal(wanted(cluster.kubeconfig()))
    assert "prod has no default storage class, and the stack names none" in message
    assert "write one that it has: stiff" in message
    preflight([wanted(cluster.kubeconfig(), storage={"class": "stiff"})])


def test_a_cluster_without_any_class_needs_one_made(cluster: Cluster) -> None:
    cluster.classes = []
    assert "make one in the cluster" in refusal(wanted(cluster.kubeconfig()))


@pytest.mark.parametrize("what", [CLASSES, "persistentvolumeclaims"])
def test_what_may_not_be_listed_is_taken_on_trust(cluster: Cluster, what: str) -> None:
    cluster.statuses = {what: 403}
    preflight([wanted(cluster.kubeconfig())])


def test_a_claim_of_another_class_is_refused_with_what_it_has(cluster: Cluster) -> None:
    cluster.has("database", of="stiff")
    message = refusal(wanted(cluster.kubeconfig(), storage={"class": "fast"}))
    assert "fate:runtime.storage: claim database of namespace fate-9999 has storage class stiff" in message
    assert "its content lost" in message
    assert "first storage: {replace: true} and pulumi up" in message


def test_a_claim_keeps_its_class_where_the_stack_names_none(cluster: Cluster) -> None:
    cluster.has("database", of="stiff")
    preflight([wanted(cluster.kubeconfig())])


def test_a_claim_of_another_access_is_refused_with_what_it_has(cluster: Cluster) -> None:
    cluster.has("database", access="ReadWriteOncePod")
    message = refusal(wanted(cluster.kubeconfig()))
    assert "claim database of namespace fate-9999 has access ReadWriteOncePod" in message
    assert "the stack says ReadWriteOnce: it would be replaced, and its content lost" in message
    preflight([wanted(cluster.kubeconfig(), storage={"access": "ReadWriteOncePod"})])


def test_a_claim_that_would_shrink_is_refused_with_both_sizes(cluster: Cluster) -> None:
    cluster.has("database", size="40Gi")
    message = refusal(wanted(cluster.kubeconfig()))
    assert "claim database of namespace fate-9999 has 40Gi, and the stack says 20Gi" in message
    assert "a claim never shrinks" in message


def test_a_claim_whose_class_cannot_grow_is_refused(cluster: Cluster) -> None:
    cluster.has("database", of="stiff", size="10Gi")
    assert "storage class stiff cannot grow a volume" in refusal(wanted(cluster.kubeconfig()))


def test_a_claim_whose_class_can_grow_grows(cluster: Cluster) -> None:
    cluster.has("database", size="10Gi")
    preflight([wanted(cluster.kubeconfig())])


def test_a_claim_of_a_stateful_set_is_raised_by_hand_first(cluster: Cluster) -> None:
    cluster.has("database", size="10Gi")
    message = refusal(replace(wanted(cluster.kubeconfig()), templated=["database"]))
    assert "fate:runtime.storage.size: claim database of namespace fate-9999 has 10Gi" in message
    assert "its StatefulSet gives it no other size" in message
    assert "kubectl edit pvc database" in message
    cluster.claims.clear()
    cluster.has("database")
    preflight([replace(wanted(cluster.kubeconfig()), templated=["database"])])


def test_a_claim_of_a_chart_is_not_replaced_by_pulumi(cluster: Cluster) -> None:
    cluster.has("database", of="stiff")
    want = wanted(cluster.kubeconfig(), storage={"class": "fast"})
    for by_chart in (replace(want, charted=True), replace(want, named={})):
        message = refusal(by_chart)
        assert "take it away by hand" in message
        assert "replace: true" not in message, "which a chart refuses"


def test_a_size_in_other_units_is_the_same_size(cluster: Cluster) -> None:
    cluster.has("database", of="stiff", size="20480Mi")
    preflight([wanted(cluster.kubeconfig())])


def test_a_stack_that_says_replace_may_lose_its_claims(cluster: Cluster) -> None:
    cluster.has("database", of="stiff", size="40Gi")
    cluster.has("broker")
    claims = {"database": "20Gi", "broker": "20Gi", "absent": "1Gi"}
    want = wanted(cluster.kubeconfig(), claims=claims, storage={"class": "fast", "replace": True})
    examined = preflight([want])
    warnings = examined.warnings
    assert examined.kept == {(want.settings.place, "fate-9999", "broker"): "fast"}, "the others are not kept"
    assert len(warnings) == 1, "what is lost is told"
    assert "claim database of namespace" in warnings[0].problem
    assert "its content lost" in warnings[0].problem


def test_a_claim_of_somebody_else_is_no_matter(cluster: Cluster) -> None:
    cluster.has("reports", of="stiff", size="1Ti")
    preflight([wanted(cluster.kubeconfig(), storage={"class": "fast"})])


def test_every_fault_of_a_cluster_is_told_at_once(cluster: Cluster) -> None:
    cluster.rules, cluster.classes = [], [STIFF]
    cluster.has("database", of="stiff", size="40Gi")
    assert "3 faults" in refusal(wanted(cluster.kubeconfig()))


def test_the_same_fault_of_two_parties_is_told_once_with_both_places(cluster: Cluster) -> None:
    file, paths = cluster.kubeconfig(), ("fate:parties[0].runtime", "fate:parties[1].runtime")
    cluster.classes = []
    message = refusal(*(wanted(file, path) for path in paths))
    assert "1 fault" in message
    assert "fate:parties[0].runtime.storage.class and fate:parties[1].runtime.storage.class: prod" in message


def test_a_cluster_that_cannot_be_reached_is_no_reason_to_be_silent_of_another(cluster: Cluster) -> None:
    cluster.classes = []
    message = refusal(wanted("/nowhere"), wanted(cluster.kubeconfig()))
    assert "2 faults" in message


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "context", "cluster", "user", "server"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {}, optional={name: TREES for name in ("contexts", "clusters", "users", "current-context")}
    ),
    st.booleans(),
)
def test_whatever_a_kubeconfig_holds_is_told_in_words(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any], named: bool
) -> None:
    file, content = tmp_path_factory.mktemp("trees") / "kubeconfig", copy.deepcopy(tree)
    if named:
        content["contexts"] = [{"name": "prod", "context": tree.get("contexts")}]
    file.write_text(yaml.safe_dump(content))
    assert str(file) in refusal(wanted(str(file)))


def test_the_namespaces_of_a_stack_stand_with_their_yaml_path_and_claims() -> None:
    values = stack(mirror={"kind": "distribution", "port": 30500, "image": REGISTRY_IMAGE})
    own = {"kind": "kubernetes", "context": "prod", "storage": {"size": {"database": "5Gi"}}}
    values["parties"].append({"id": "10000", "engines": ENGINES, "runtime": own})
    found = {each.namespace: each for each in wanted_namespaces(load(values), BANK)}
    assert {name: each.path for name, each in found.items()} == {
        "fate-bank-mirror": "fate:runtime",
        "fate-bank-9999": "fate:runtime",
        "fate-bank-10000": "fate:parties[1].runtime",
    }
    assert found["fate-bank-mirror"].claims == {"registry": "50Gi"}
    assert found["fate-bank-10000"].claims["database"] == "5Gi"


def test_parties_on_docker_want_nothing_of_a_cluster() -> None:
    values = stack()
    values["runtime"], values["parties"][0]["expose"] = {"kind": "docker"}, {"host": "fate.bank.example"}
    assert wanted_namespaces(load(values), BANK) == []


def on_gpus(cluster: Cluster) -> list[Wanted]:
    """Return a party whose FATE-Flow wants one GPU and whose two node managers want four each."""
    values = copy.deepcopy(STACKS["Eggroll and OSX on GPUs"])
    values["runtime"]["kubeconfig"] = cluster.kubeconfig()
    return wanted_namespaces(load(values), BANK)


@pytest.mark.parametrize(
    ("gpus", "problem"),
    [
        (["", ""], f"prod: no node offers {GPU}"),
        (["4", "4"], f"prod: the stack asks for 9 {GPU} and all nodes offer 8"),
        (["3", "3", "3"], f"prod: a service asks for 4 {GPU} and no node offers more than 3"),
    ],
)
def test_gpus_that_no_node_offers_are_refused(cluster: Cluster, gpus: list[str], problem: str) -> None:
    cluster.gpus = gpus
    message = refusal(*on_gpus(cluster))
    assert f"fate:runtime.context: {problem}" in message
    assert "device plugin" in message


def test_gpus_that_nodes_offer_are_accepted(cluster: Cluster) -> None:
    cluster.gpus = ["4", "8", ""]
    assert not preflight(on_gpus(cluster)).warnings


def test_who_may_not_list_nodes_is_told_that_they_were_not_asked(cluster: Cluster) -> None:
    cluster.statuses[NODES] = 403
    (warning,) = preflight(on_gpus(cluster)).warnings
    assert isinstance(warning, Unasked)
    assert f"prod was not asked whether its nodes offer 9 {GPU}" in str(warning)


def test_nodes_are_asked_only_where_gpus_are_wanted(cluster: Cluster) -> None:
    preflight([wanted(cluster.kubeconfig())])
    assert f"GET {NODES}" not in cluster.asked
