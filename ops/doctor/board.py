"""Whether FATEBoard lets its operator in, nobody else, and reaches FATE-Flow: asked as a browser asks.

Its image has no Python. So the doctor encrypts the password itself, which it reads in the container; what it
sends goes over the standard input of a shell there, for what is sent would do to log in.
"""

import json
import re
from typing import Any, NamedTuple

from ops.doctor.reach import Reach
from ops.doctor.rsa import encrypted
from ops.doctor.symptoms import Ailment, Symptom

SERVICE = "fateboard"
PASSWORD = "/run/secrets/board-password"
NOT_LOGGED_IN, NO_FLOW = 10015, 10003
FLOW = "/v1/server/fateflow/info"
ASKED = "busybox nc -w 15 127.0.0.1 {port} <<'END-OF-REQUEST'\n{request}\nEND-OF-REQUEST\n"


class Said(NamedTuple):
    """What FATEBoard answered: its JSON, and the session that it opened, if it did."""

    body: dict[str, Any]
    session: str = ""


def examined(reach: Reach, port: int, user: str) -> str:
    """Log in to a party's FATEBoard and let it ask FATE-Flow. Raises Ailment with what is wrong."""
    password = reach.script(SERVICE, f"cat {PASSWORD}\n").text.strip()
    key = str(_post(reach, port, "/user/getKey", None).body.get("data", ""))
    if (
        _post(reach, port, FLOW, {}).body.get("code") != NOT_LOGGED_IN
        or _login(reach, port, "", "", key).session
    ):
        raise Ailment(Symptom.BOARD_OPEN, "it answers without a password")
    session = _login(reach, port, user, password, key).session
    if not session:
        raise Ailment(Symptom.BOARD_REFUSES, f"it does not let {user} in with the password that it was given")
    answer = _post(reach, port, FLOW, {}, session).body
    if answer.get("code") == NO_FLOW:
        raise Ailment(Symptom.BOARD_WITHOUT_FLOW, f"{user} is let in, and told: {answer.get('msg')}")
    if answer.get("code") != 0:
        raise Ailment(Symptom.BOARD_SILENT, f"{FLOW} is answered with {json.dumps(answer)[:200]}")
    return f"lets {user} in with the password alone, and reaches FATE-Flow"


def _login(reach: Reach, port: int, user: str, password: str, key: str) -> Said:
    try:
        sealed = encrypted(password, key)
    except ValueError as fault:
        raise Ailment(Symptom.BOARD_SILENT, f"/user/getKey gives no key: {fault}") from None
    said = _post(reach, port, "/user/login", {"username": user, "password": sealed})
    return said if said.body.get("data") is True else Said(said.body)


def _post(reach: Reach, port: int, path: str, body: object, session: str = "") -> Said:
    text = reach.script(SERVICE, ASKED.format(port=port, request=_request(path, body, session))).text
    head, _, content = text.replace("\r\n", "\n").partition("\n\n")
    opened = re.search(r"^Set-Cookie: (JSESSIONID=[^;\s]+)", head, re.MULTILINE | re.IGNORECASE)
    try:
        tree = json.loads(content)
    except ValueError:
        tree = None
    if not isinstance(tree, dict):
        seen = " ".join(text.split())[:160]
        raise Ailment(Symptom.BOARD_SILENT, f"{path} is answered with {seen or 'nothing'}")
    return Said(tree, opened[1] if opened else session)


def _request(path: str, body: object, session: str) -> str:
    """Return a request that a line feed ends."""
    content = "" if body is None else json.dumps(body)
    head = [
        f"POST {path} HTTP/1.0",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(content) + 1 if content else 0}",
        *([f"Cookie: {session}"] if session else []),
    ]
    return "\r\n".join([*head, "\r" if not content else f"\r\n{content}"])
