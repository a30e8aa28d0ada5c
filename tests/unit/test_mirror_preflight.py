"""What is refused when a registry that exists already is not there or lacks an image."""

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import UnixStreamServer

import pytest

from components.preflight import mirror
from components.preflight.harbor_pushes import Plugin, pushers_of
from components.preflight.mirror import (
    TRUST_IT,
    Engine,
    Registry,
    askers_of,
    check_held,
    check_held_at_home,
    check_loaded,
)
from config import ConfigurationFault, DockerSettings, ExternalMirror, HarborMirror, load
from tests.declared.kubernetes_stacks import stack
from tests.unit.harbor_examples import ACCEPTED_HARBORS, apart, built

HELD = {"/v2/fate/nginx/manifests/1", "/v2/fate/nginx/manifests/sha256:" + "a" * 64}
ANSWERS = {"guarded": 401, "broken": 503, "bad": 400}
FAR = "registry.bank.example:5000"
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


class Answering(BaseHTTPRequestHandler):
    """Holds one image, and answers for others as their repository is called. It is a proxy as well."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self.asked.append(self.path)
        path = self.path.removeprefix(f"http://{FAR}")
        self.send_response(200 if path in HELD else ANSWERS.get(path.split("/")[2], 404))
        self.end_headers()

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.send_error(403, "Forbidden by the proxy")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class Quiet(HTTPServer):
    """A server that says nothing of clients that hang up."""

    def handle_error(self, *_: object) -> None:
        """Stay quiet: a client that does not trust the server hangs up."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def served(server: HTTPServer | UnixStreamServer) -> Iterator[None]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def registry(asked: list[str]) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), type("Registry", (Answering,), {"asked": asked}))
    for _ in served(server):
        yield f"localhost:{server.server_port}"


@pytest.fixture
def secured(asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve with a certificate that nobody else has signed, as if on another machine."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1", "-nodes"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Quiet(("127.0.0.1", 0), type("Secured", (Answering,), {"asked": asked}))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setattr(mirror, "is_loopback", lambda host: False)
    for _ in served(server):
        yield f"localhost:{server.server_port}"


def check(references: dict[str, str], plain_http: bool = False, ca_file: str | None = None) -> None:
    check_held(references, [Registry(plain_http, ca_file)])


def refusal(references: dict[str, str], plain_http: bool = False, ca_file: str | None = None) -> str:
    with pytest.raises(ConfigurationFault) as refused:
        check(references, plain_http, ca_file)
    return str(refused.value)


@pytest.mark.parametrize("name", ["fate/nginx:1", "fate/nginx@sha256:" + "a" * 64])
def test_an_image_that_the_registry_holds_is_accepted(registry: str, name: str) -> None:
    check({"gateway": f"{registry}/{name}"})


def test_an_image_that_it_lacks_is_named_with_the_way_to_push_it(registry: str) -> None:
    message = refusal({"gateway": f"{registry}/fate/nginx:1", "broker": f"{registry}/fate/rabbitmq:9"})
    assert "lacks fate/rabbitmq:9, the image of broker" in message
    assert "docker push" in message
    assert "nginx" not in message, "what it holds is no fault"


def test_an_official_image_that_it_lacks_is_pulled_by_its_tag(registry: str) -> None:
    name = "federatedai/osx:2.2.0-release"
    message = refusal({"osx": f"{registry}/{name}"})
    assert f"docker pull {name}, then" in message, "without it Docker pulls what is tagged latest"


def test_a_registry_that_does_not_answer_is_one_fault_for_all_its_images() -> None:
    message = refusal({"gateway": "localhost:1/fate/nginx:1", "broker": "localhost:1/fate/rabbitmq:1"})
    assert "localhost:1 cannot be reached from this machine over http: " in message
    assert "1 fault" in message


def test_a_registry_that_does_not_answer_once_is_asked_no_more(registry: str, asked: list[str]) -> None:
    refusal({service: f"{registry}/broken/{service}:1" for service in ("gateway", "broker", "database")})
    assert len(asked) == 1, "each would take its time until nobody answers"


def test_a_registry_that_wants_a_login_is_left_to_the_engine(registry: str) -> None:
    check({"gateway": f"{registry}/guarded/nginx:1"})


def test_a_registry_that_fails_is_told_with_its_status(registry: str) -> None:
    assert "cannot be asked from this machine over http: 503" in refusal(
        {"gateway": f"{registry}/broken/nginx:1"}
    )


def test_a_registry_elsewhere_is_asked_without_tls_where_the_stack_says_so(
    registry: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{registry}")
    check({"gateway": f"{FAR}/fate/nginx:1"}, plain_http=True)
    assert asked == [f"http://{FAR}/v2/fate/nginx/manifests/1"], "through the proxy of the environment"


def test_a_proxy_that_refuses_is_named_without_its_login(
    registry: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@{registry}")
    message = refusal({"gateway": f"{FAR}/fate/nginx:1"})
    assert "cannot be reached from this machine over https through the proxy localhost: " in message
    assert "Forbidden by the proxy" in message
    assert "secret" not in message
    assert asked == [FAR]


def test_a_registry_that_is_excepted_from_the_proxy_is_asked_directly(
    registry: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{registry}")
    monkeypatch.setenv("NO_PROXY", ".bank.example")
    assert "through the proxy" not in refusal({"gateway": f"{FAR}/fate/nginx:1"}, plain_http=True)
    assert asked == []


def test_no_proxy_leads_to_this_machine_itself(registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:1")
    check({"gateway": f"{registry}/fate/nginx:1"})


def test_a_registry_that_nobody_trusts_is_trusted_by_its_ca_file(secured: str, tmp_path: Path) -> None:
    message = refusal({"gateway": f"{secured}/fate/nginx:1"})
    assert "cannot be reached from this machine over https: " in message
    assert "certificate verify failed" in message
    assert "Write ca-file: the path of the authority" in message
    check({"gateway": f"{secured}/fate/nginx:1"}, ca_file=str(tmp_path / "certificate.pem"))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_named(secured: str, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    message = refusal({"gateway": f"{secured}/fate/nginx:1"}, ca_file=str(file))
    assert f"ca-file {file} cannot be read as certificates" in message


def test_a_registry_without_tls_is_told_apart_from_one_that_is_not_there(
    registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "is_loopback", lambda host: False)
    message = refusal({"gateway": f"{registry}/fate/nginx:1"})
    assert "cannot be reached from this machine over https: " in message
    assert "Write plain-http: true if it has no TLS, and tell every node so" in message


def test_a_registry_with_tls_answers_nobody_who_asks_without(registry: str) -> None:
    message = refusal({"gateway": f"{registry}/bad/nginx:1"}, plain_http=True)
    assert "does not answer from this machine over http: 400" in message
    assert "Leave plain-http out" in message


class SaidByTheEngine(BaseHTTPRequestHandler):
    """A Docker engine that tells of a registry what a test wants."""

    said: tuple[int, str]

    def do_GET(self) -> None:
        status, message = self.said
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"message": message}).encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def address_string(self) -> str:
        return "unix"


PLAIN = "http: server gave HTTP response to HTTPS client"
NO_HTTP_EITHER = "tls: first record does not look like a TLS handshake"
TOLD = {
    "it is there": (200, "", ""),
    "a login": (500, "Head http://r/v2/: no basic auth credentials", ""),
    "a login of another kind": (403, "denied: requested access to the resource is denied", ""),
    "an engine that cannot ask": (404, "page not found", ""),
    "it is not there": (404, "manifest unknown: manifest unknown", "docker push"),
    "plain HTTP": (500, PLAIN, f'write "insecure-registries": ["{FAR}"] into the daemon.json'),
    "no TLS": (500, NO_HTTP_EITHER, f'write "insecure-registries": ["{FAR}"] into the daemon.json'),
    "a stranger": (500, "x509: certificate signed by unknown authority", f"/etc/docker/certs.d/{FAR}/ca.crt"),
    "a proxy": (500, "proxyconnect tcp: dial tcp: no such host", f"except {FAR} from it with NO_PROXY"),
    "nobody": (500, "dial tcp: lookup registry.bank.example: no such host", "the engine reaches"),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_an_engine_finds_at_a_registry_is_told_with_what_to_do_on_its_machine(
    tmp_path: Path, case: str
) -> None:
    status, said, remedy = TOLD[case]
    handler = type("Engine", (SaidByTheEngine,), {"said": (status, said)})
    engine = DockerSettings(host=f"unix://{tmp_path}/docker.sock")
    for _ in served(UnixStreamServer(str(tmp_path / "docker.sock"), handler)):
        if not remedy:
            check_held({"gateway": f"{FAR}/fate/nginx:1"}, [Engine(engine)])
            continue
        with pytest.raises(ConfigurationFault) as refused:
            check_held({"gateway": f"{FAR}/fate/nginx:1"}, [Engine(engine)])
        assert remedy in str(refused.value)
        if status == 500:
            assert f"cannot be reached by the Docker engine at {engine.host}: {said}" in str(refused.value)


def test_a_registry_of_the_stack_s_own_that_lacks_an_image_is_refused(registry: str) -> None:
    with pytest.raises(ConfigurationFault) as raised:
        check_held_at_home(
            {"gateway": f"{registry}/fate/federatedai/nginx:2.0.0-release"}, [Registry()], TRUST_IT
        )
    assert "docker pull federatedai/nginx:2.0.0-release" in str(raised.value)


def test_a_registry_of_the_stack_s_own_that_does_not_answer_yet_is_a_warning_with_the_way_to_begin() -> None:
    (warning,) = check_held_at_home({"gateway": "localhost:1/fate/nginx:1"}, [Registry()], TRUST_IT)
    assert "the registry at localhost:1 cannot be reached" in warning
    assert "write fate:parties: [] for it, let engines trust" in warning


def test_what_is_about_to_be_copied_may_be_lacking_and_a_registry_that_is_down_may_not(registry: str) -> None:
    lacking = {"gateway": f"{registry}/fate/federatedai/nginx:2.0.0-release"}
    assert check_held_at_home(lacking, [Registry()], TRUST_IT, ["gateway"]) == []
    check_held(lacking, [Registry()], ["gateway"])
    with pytest.raises(ConfigurationFault, match="localhost:1 cannot be reached"):
        check_held({"gateway": "localhost:1/fate/nginx:1"}, [Registry()], ["gateway"])


def test_a_harbor_of_the_stack_s_own_is_asked_by_engines_alone() -> None:
    for name, askers in (("a Harbor", [Engine]), ("a Harbor for a party on a cluster", [])):
        settings = load(ACCEPTED_HARBORS[name])
        assert isinstance(settings.mirror, HarborMirror)
        assert [type(asker) for asker in askers_of(settings, settings.mirror)] == askers


def test_those_who_pull_are_those_who_ask() -> None:
    values, mirror = stack(), ExternalMirror(address=FAR, plain_http=True, ca_file="ca.pem")
    (nodes,) = askers_of(load(values), mirror)
    assert isinstance(nodes, Registry), "this machine asks in the place of a cluster's nodes"
    assert (nodes.plain_http, nodes.ca_file) == (True, "ca.pem")
    values["runtime"], values["parties"][0]["expose"] = {"kind": "docker"}, {"host": "fate.bank.example"}
    assert [type(asker) for asker in askers_of(load(values), mirror)] == [Engine]


def test_a_harbor_that_is_pushed_to_is_asked_by_its_builder_and_by_the_docker_plugin() -> None:
    elsewhere = {**apart(bind="0.0.0.0"), "images": {"from": "packages"}, "release": "2.2.0"}
    for values, engines in ((built(), 1), (elsewhere, 2)):
        settings = load(values)
        assert isinstance(settings.mirror, HarborMirror)
        *first, plugin = pushers_of(settings, settings.mirror)
        assert [type(asker) for asker in first] == [Engine] * engines, "each engine once"
        assert isinstance(plugin, Plugin)


def test_a_harbor_that_the_docker_plugin_does_not_trust_is_a_warning_before_anything_is_built(
    secured: str,
) -> None:
    (warning,) = check_held_at_home({"gateway": f"{secured}/fate/nginx:1"}, [Plugin()], TRUST_IT, ["gateway"])
    assert "CERTIFICATE_VERIFY_FAILED" in warning
    assert "The Docker plugin asks it for the digest of what was pushed" in warning


def test_a_harbor_that_the_system_trusts_is_asked_by_https_on_loopback_too(
    secured: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "is_loopback", lambda host: True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    assert check_held_at_home({"gateway": f"{secured}/fate/nginx:2"}, [Plugin()], TRUST_IT, ["gateway"]) == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "has no fate/registry:1, the mirror's own"),
        (500, "answers 500: broken"),
    ],
)
def test_what_a_mirror_that_others_fill_starts_from_is_on_its_engine(
    tmp_path: Path, status: int, said: str
) -> None:
    handler = type("Engine", (SaidByTheEngine,), {"said": (status, "broken")})
    engine = DockerSettings(host=f"unix://{tmp_path}/docker.sock")
    for _ in served(UnixStreamServer(str(tmp_path / "docker.sock"), handler)):
        with pytest.raises(ConfigurationFault) as refused:
            check_loaded(engine, "fate/registry:1")
        assert said in str(refused.value)
        assert status != 404 or "fate bundle load FILE --into-engine" in str(refused.value)
