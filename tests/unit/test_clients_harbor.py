"""Harbor's API, as this machine asks it: who asks, whom it trusts, how much a list has."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.failures import Refused, Untrusted
from clients.harbor import Harbor, WrongLogin, repository_path
from providers.harbor.configuration import configured
from tests.harbor.api import harbor
from tests.harbor.state import ADMIN, State

USER, PASSWORD = ADMIN


@pytest.fixture
def state() -> State:
    projects = {
        id: {"project_id": id, "name": f"p-{id}", "registry_id": 0, "metadata": {}} for id in range(1, 251)
    }
    return State(projects=projects, quotas=dict.fromkeys(projects, -1))


@pytest.fixture
def url(state: State) -> Iterator[str]:
    with harbor(state) as url:
        yield url


def test_it_asks_who_it_is_before_anything_else_and_once(url: str, state: State) -> None:
    asking = Harbor(url, USER, PASSWORD)
    asking.get("/projects/1")
    asking.get("/projects/2")
    assert state.asked == ["GET /users/current", "GET /projects/1", "GET /projects/2"], (
        "a wrong one is told []"
    )


def test_a_wrong_password_is_no_empty_list(url: str) -> None:
    asking = Harbor(url, USER, "wrong-1")
    with pytest.raises(WrongLogin) as refused:
        list(asking.rows("/projects"))
    assert "does not take the password of user 'admin'" in str(refused.value), "that is the reason"
    assert "wrong-1" not in str(refused.value) + repr(asking.__dict__["username"]), "it is not told"


def test_a_list_is_read_to_its_end(url: str) -> None:
    assert len(list(Harbor(url, USER, PASSWORD).rows("/projects"))) == 250, "Harbor gives 100 at once"


def test_what_is_not_there_is_none_and_may_be_deleted(url: str) -> None:
    asking = Harbor(url, USER, PASSWORD)
    assert asking.find("/projects/999") is None, "not there"
    asking.delete("/projects/999")


def test_a_refusal_is_in_harbors_own_words(url: str) -> None:
    with pytest.raises(Refused, match="The project named p-7 already exists") as refused:
        Harbor(url, USER, PASSWORD).create("/projects", {"project_name": "p-7"})
    assert refused.value.status == 409, "by its status a caller knows what kind it is"


def test_a_repository_has_its_slashes_encoded_twice() -> None:
    assert repository_path("fate", "team/a") == "/projects/fate/repositories/team%252Fa", "as Harbor wants it"


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Serve Harbor over TLS with a certificate that nobody else has signed; give its URL and the PEM."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with harbor(State(), context) as url:
        yield url, certificate.read_text()


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")  # asked for
@pytest.mark.parametrize(("with_ca", "verify"), [(True, "true"), (False, "false")])
def test_whom_it_trusts_is_said(secured: tuple[str, str], with_ca: bool, verify: str) -> None:
    url, ca = secured
    given = {
        "url": url,
        "username": USER,
        "password": PASSWORD,
        "verify": verify,
        "ca": ca if with_ca else "",
    }
    assert configured(given).harbor().get("/projects") == [], "the PEM is trusted, or nothing is checked"


def test_a_stranger_is_not_trusted(secured: tuple[str, str]) -> None:
    url, _ = secured
    given = {"url": url, "username": USER, "password": PASSWORD, "verify": "true", "ca": ""}
    with pytest.raises(Untrusted, match="certificate verify failed"):
        configured(given).harbor().get("/projects")
