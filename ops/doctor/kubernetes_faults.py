"""What an API server's refusal, or its silence, shows."""

import json
import ssl
from typing import Any

from urllib3.exceptions import SSLError

from ops.doctor.symptoms import Fault, Symptom

LENGTH = 400
NO_CONTAINER = ("container not found", "completed pod", "does not have a host assigned")


def unreached(server: str, error: BaseException) -> Fault:
    """Return the fault of a question that got no answer, or a refusal instead of a websocket.

    The library's websocket wraps what happened below it.
    """
    below = error.__context__ if getattr(error, "status", None) == 0 and error.__context__ else error
    told = str(below).partition(" -+-+- ")[0]
    if status := getattr(below, "status_code", None):
        return refused(server, int(status), getattr(below, "resp_body", None) or told.encode())
    untrusted = isinstance(below, (ssl.SSLError, SSLError))
    symptom = Symptom.CLUSTER_UNTRUSTED if untrusted else Symptom.CLUSTER_SILENT
    return Fault(symptom, f"{server}: {told.partition('): ')[2] or told or type(below).__name__}"[:LENGTH])


def refused(server: str, status: int, body: bytes) -> Fault:
    """Return the fault of an answer that is no success."""
    text = body.decode(errors="replace")
    told = _parsed(text)
    message = str(told.get("message") or " ".join(text.split()))[:LENGTH]
    return Fault(_symptom(status, message, bool(told)), f"{server} answers {status}: {message}")


def _symptom(status: int, message: str, by_kubernetes: bool) -> Symptom:
    if status == 401 or "system:anonymous" in message:
        return Symptom.CLUSTER_REFUSES
    if status == 403:
        return Symptom.FORBIDDEN
    if "dialing backend" in message:
        return Symptom.NODE_SILENT
    if any(words in message for words in NO_CONTAINER):
        return Symptom.STOPPED
    return Symptom.MISSING if status == 404 and by_kubernetes else Symptom.CLUSTER_SILENT


def _parsed(text: str) -> dict[str, Any]:
    try:
        tree = json.loads(text)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}
