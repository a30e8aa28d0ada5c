"""FATEBoard and the notebook as the doctor asks them: logged in to, and found open, closed or alone."""

import base64
import json
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from socket import SocketIO
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ops.doctor import board
from ops.doctor.docker_reach import DockerReach
from ops.doctor.inside import notebook
from ops.doctor.outputs import DockerParty, KubernetesParty, Page, ServiceOutput, StackOutputs
from ops.doctor.reach import Reach
from ops.doctor.report import next_steps
from ops.doctor.rsa import encrypted
from ops.doctor.symptoms import Ailment, Symptom
from tests.unit.doctor_party import PartyOnThisMachine, Said, kubernetes_party, listening, patient

PASSWORD = "0123456789abcdef" * 3
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
NETCAT = f"""\
#!{sys.executable}
import socket, sys
asked = socket.create_connection((sys.argv[-2], int(sys.argv[-1])), timeout=5)
asked.sendall(sys.stdin.buffer.read())
while part := asked.recv(65536):
    sys.stdout.buffer.write(part)
"""


def opened(sealed: str) -> str:
    return KEY.decrypt(base64.b64decode(sealed), padding.PKCS1v15()).decode()


@dataclass
class Board:
    """A FATEBoard that says as FATEBoard 2.1 does; what is wrong with it can be given."""

    password: str = PASSWORD
    flow: Mapping[str, Any] = field(default_factory=lambda: {"code": 0, "msg": "", "data": {}})
    open_to: tuple[str, ...] = ()
    key: str = PUBLIC
    sessions: bool = True
    seen: list[str] = field(default_factory=list)

    def __call__(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Said:
        self.seen.append(f"{path} {dict(body)} {dict(headers)}")
        if path == "/user/getKey":
            return 200, {"code": 0, "msg": "", "data": self.key}
        if path == "/user/login":
            told = (body["username"], opened(body["password"]))
            allowed = told == ("operator", self.password) or told[0] in self.open_to
            return 200, {"code": 0, "msg": "OK", "data": allowed}
        if "JSESSIONID=opened" in headers.get("cookie", ""):
            return 200, dict(self.flow)
        return 200, {"code": 10015, "msg": "Please login first!"} if self.sessions else dict(self.flow)


@contextmanager
def a_board(home: Path, says: Board) -> Iterator[tuple[Reach, int]]:
    """Serve a FATEBoard, and give the way to it."""
    busybox = home / "busybox"
    busybox.write_text(NETCAT)
    busybox.chmod(busybox.stat().st_mode | stat.S_IXUSR)
    (home / "password").write_text(says.password)

    def cookie(path: str, answered: object) -> dict[str, str]:
        logged_in = path == "/user/login" and isinstance(answered, dict) and answered.get("data") is True
        return {"Set-Cookie": "JSESSIONID=opened; Path=/; HttpOnly"} if logged_in else {}

    with listening(says, cookie) as port:
        yield PartyOnThisMachine(home), port


@pytest.fixture(autouse=True)
def password_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "PASSWORD", tmp_path / "password")
    monkeypatch.setattr(notebook, "PASSWORD", tmp_path / "password")


def test_a_text_is_encrypted_as_the_server_decrypts_it() -> None:
    sealed = {encrypted(PASSWORD, PUBLIC) for _ in range(8)}
    assert {opened(each) for each in sealed} == {PASSWORD}
    assert len(sealed) == 8, "the padding is another every time"


@pytest.mark.parametrize(
    "key", ["", "nonsense!", base64.b64encode(b"\x30\x03abc").decode(), PUBLIC[:40], "QUJD"]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        encrypted(PASSWORD, key)


def test_a_text_that_is_too_long_for_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="too short for 246"):
        encrypted("x" * 246, PUBLIC)


def test_a_board_that_works(tmp_path: Path) -> None:
    says = Board()
    with a_board(tmp_path, says) as (reach, port):
        assert board.examined(reach, port, "operator") == (
            "lets operator in with the password alone, and reaches FATE-Flow"
        )
    assert PASSWORD not in "".join(says.seen), "it goes encrypted, as a browser sends it"


@pytest.mark.parametrize(
    ("says", "symptom", "detail"),
    [
        (Board(sessions=False), Symptom.BOARD_OPEN, "answers without a password"),
        (Board(open_to=("",)), Symptom.BOARD_OPEN, "answers without a password"),
        (
            Board(flow={"code": 10003, "msg": "Fateflow module connection error!", "data": None}),
            Symptom.BOARD_WITHOUT_FLOW,
            "operator is let in, and told: Fateflow module connection error!",
        ),
        (Board(flow={"code": 10002}), Symptom.BOARD_SILENT, '"code": 10002'),
        (Board(key="QUJD"), Symptom.BOARD_SILENT, "gives no key"),
    ],
)
def test_a_board_that_does_not_work(tmp_path: Path, says: Board, symptom: Symptom, detail: str) -> None:
    with a_board(tmp_path, says) as (reach, port), pytest.raises(Ailment, match=detail) as raised:
        board.examined(reach, port, "operator")
    assert raised.value.symptom is symptom
    assert PASSWORD not in raised.value.detail


def test_a_board_with_another_password_is_told(tmp_path: Path) -> None:
    with a_board(tmp_path, Board()) as (reach, port):
        (tmp_path / "password").write_text("another")
        with pytest.raises(Ailment, match="does not let operator in") as raised:
            board.examined(reach, port, "operator")
    assert raised.value.symptom is Symptom.BOARD_REFUSES


def test_a_board_that_is_silent_is_told(tmp_path: Path) -> None:
    with a_board(tmp_path, Board()) as (reach, port):
        pass
    with pytest.raises(Ailment, match="/user/getKey is answered with") as raised:
        board.examined(reach, port, "operator")
    assert raised.value.symptom is Symptom.BOARD_SILENT


def test_no_process_list_shows_what_is_sent() -> None:
    told = board.ASKED.format(port=8080, request="secret")
    assert told.splitlines() == [
        "busybox nc -w 15 127.0.0.1 8080 <<'END-OF-REQUEST'",
        "secret",
        "END-OF-REQUEST",
    ], "a shell reads it from its standard input, and nc from the shell"


@dataclass
class Jupyter:
    """A Jupyter that says as Jupyter Server 2 does."""

    password: str = PASSWORD
    token: bool = True
    flow: Said = (200, {"code": 0, "data": {}})

    def __call__(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Said:
        cookies = headers.get("cookie", "")
        if path == "/login":
            wrong = "password" in body and (body["password"], body["_xsrf"]) != (self.password, "2%7Cx")
            return (401, "Invalid credentials") if wrong else (200, "<html>")
        if path == "/v2/server/fateflow":
            return self.flow
        if "username-x=opened" in cookies or not self.token:
            return 200, {"content": [{"name": "a.ipynb"}]}
        return 403, {"message": "Forbidden"}


@contextmanager
def a_notebook(home: Path, says: Jupyter) -> Iterator[int]:
    (home / "password").write_text(PASSWORD)
    with listening(says, _cookies_of(says)) as port:
        yield port


def _cookies_of(says: Jupyter) -> Callable[[str, object], dict[str, str]]:
    asked = []

    def cookie(path: str, answered: object) -> dict[str, str]:
        if path != "/login":
            return {}
        asked.append(answered)
        logged_in = len(asked) == 2 and answered == "<html>"
        return {"Set-Cookie": "username-x=opened" if logged_in else "_xsrf=2%7Cx"}

    return cookie


def test_a_notebook_that_works(tmp_path: Path) -> None:
    with a_notebook(tmp_path, Jupyter()) as port:
        told = notebook.main(port, f"http://127.0.0.1:{port}")
    assert told == {"detail": "lets in with the password alone, 1 entry on its volume, and reaches FATE-Flow"}


@pytest.mark.parametrize(
    ("says", "symptom"),
    [
        (Jupyter(token=False), Symptom.NOTEBOOK_OPEN),
        (Jupyter(password="another"), Symptom.NOTEBOOK_REFUSES),
        (Jupyter(flow=(502, "")), Symptom.NOTEBOOK_WITHOUT_FLOW),
    ],
)
def test_a_notebook_that_does_not_work(tmp_path: Path, says: Jupyter, symptom: Symptom) -> None:
    with a_notebook(tmp_path, says) as port:
        told = notebook.main(port, f"http://127.0.0.1:{port}")
    assert Symptom(told["symptom"]) is symptom
    assert PASSWORD not in told["detail"]


def test_a_notebook_that_is_silent_is_told(tmp_path: Path) -> None:
    with a_notebook(tmp_path, Jupyter()) as port:
        pass
    told = notebook.main(port, "http://127.0.0.1:1")
    assert Symptom(told["symptom"]) is Symptom.NOTEBOOK_SILENT


def test_the_next_steps_say_where_pages_are_and_what_tells_their_passwords() -> None:
    pages = {
        "board": Page(service="fateboard", url="http://127.0.0.1:8080", user="admin"),
        "notebook": Page(service="notebook"),
    }
    engine = patient(None).outputs.model_copy(update={"pages": {"board": pages["board"]}})
    cluster = kubernetes_party("10000", pages={"notebook": {"service": "notebook", "url": None}})
    assert isinstance(engine, DockerParty)
    assert isinstance(cluster, KubernetesParty)
    outputs = StackOutputs(
        release="2.2.0",
        parties={"9999": engine, "10000": cluster},
        services=(ServiceOutput(name="notebook", ports={"http": 20000}),),
    )
    steps = next_steps(outputs)
    assert "Open fateboard of party 9999: http://127.0.0.1:8080" in steps
    assert (
        "Open notebook of party 10000: kubectl --context prod --namespace fate-t-10000 port-forward"
        " service/notebook 20000, then http://127.0.0.1:20000" in steps
    )
    assert "See users and passwords of these pages: pulumi stack output logins --show-secrets" in steps


def test_a_shell_in_a_pod_reads_a_script_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from clients.kubernetes import commands
    from clients.kubernetes.commands import Ended
    from ops.doctor.kubernetes_api import Cluster

    asked: dict[str, Any] = {}

    def run(server: object, pod: str, container: str, argv: list[str], text: bytes, limit: float) -> Ended:
        asked.update(pod=pod, argv=argv, text=text)
        return Ended(b"said", {"status": "Success"}, in_time=True)

    monkeypatch.setattr(commands, "run", run)
    answer = Cluster.script(Cluster.__new__(Cluster), "ns", "pod-1", "fateboard", "cat x\n")
    assert answer == (0, "said")
    assert asked["argv"] == ["sh"]
    assert asked["text"] == b"cat x\n\nexit\n", "no end of its input is told to a shell in a pod"
    assert json.dumps(asked["pod"]) == '"/api/v1/namespaces/ns/pods/pod-1"'


def _read_and_hang_up(connection: socket.socket) -> None:
    connection.recv(100)
    connection.close()


def test_a_shell_in_a_container_reads_a_script_to_its_end() -> None:
    ours, theirs = socket.socketpair()
    said = b"said"
    theirs.sendall(b"\x01\0\0\0" + len(said).to_bytes(4, "big") + said)

    class Engine:
        containers = SimpleNamespace(get=lambda name: SimpleNamespace(id=f"id of {name}", name=name))
        api = SimpleNamespace(
            exec_create=lambda container, argv, stdin: {"Id": f"{argv} in {container}, {stdin}"},
            exec_start=lambda made, socket: SocketIO(ours, "rwb"),
            exec_inspect=lambda made: {"ExitCode": 3 if made == "['sh'] in id of fate-board, True" else 0},
        )

    reach = DockerReach(cast(Any, Engine()), {"fateboard": "fate-board"})
    read = Thread(target=partial(_read_and_hang_up, theirs))
    read.start()
    assert reach.script("fateboard", "exit 3\n") == (3, "said")
    read.join()
