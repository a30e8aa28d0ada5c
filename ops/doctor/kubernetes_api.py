"""What the doctor asks of a cluster's API server: the pods of a namespace, and commands inside them.

It takes address and account from a kubeconfig, as kubectl does, and needs no more rights than
`ops/doctor/role.yaml` gives: `list` on pods, `get` and `create` on pods/exec. Pods are read as plain JSON.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from clients.kubernetes import commands
from clients.kubernetes.api_server import ApiServer, Live, Request
from clients.kubernetes.commands import Ended
from clients.kubernetes.failures import (
    KubernetesFailure,
    LoginFailed,
    Misconfigured,
    NoSuchEntry,
    Refused,
    Strange,
    Unreachable,
    Unreadable,
    Untrusted,
)
from clients.kubernetes.kubeconfig import Access, access, named
from ops.doctor.reach import Answer
from ops.doctor.symptoms import Ailment, Symptom

CONNECT_LIMIT, ANSWER_LIMIT = 8, 30
OVER_TIME, NOT_STARTED = 124, 126
READER = 'eval "exec $(head -c "$0")"'
LENGTH = 400
NO_CONTAINER = ("container not found", "completed pod", "does not have a host assigned")


class Cluster(ApiServer):
    """The API server of one context of a kubeconfig. Every method raises Ailment where it fails."""

    def __init__(self, access: Access) -> None:
        super().__init__(access, connect_limit=CONNECT_LIMIT, answer_limit=ANSWER_LIMIT)

    def pods(self, namespace: str, selector: str) -> list[Mapping[str, Any]]:
        """Return the pods of a namespace that a label selector chooses."""
        return self.listed(f"/api/v1/namespaces/{namespace}/pods", selector)

    def listed(self, path: str, selector: str) -> list[Mapping[str, Any]]:
        """Return the objects of a collection that a label selector chooses."""
        found = self.get(path, {"labelSelector": selector})
        if "items" not in found:
            raise _unanswered(self.access, Strange(json.dumps(found).encode()))
        return list(found["items"])

    def delete(self, path: str, body: Mapping[str, Any] | None = None) -> None:
        """Delete an object, and with it what it controls."""
        super().delete(path, body or {"propagationPolicy": "Background"})

    def run(self, namespace: str, pod: str, container: str, argv: Sequence[str], limit: int) -> Answer:
        """Run a command in a container, for `limit` seconds at most.

        The command goes over standard input to a shell of the container. In the address of the request, many
        proxies would refuse it above 8 KiB, and it would stand whole in the cluster's audit log.
        """
        text = shlex.join(argv).encode()
        reader = ["timeout", str(limit), "sh", "-c", READER, str(len(text))]
        return self._ran(namespace, pod, container, reader, text, limit)

    def script(self, namespace: str, pod: str, container: str, text: str) -> Answer:
        """Run a shell script in a container, which reads it from its standard input: nothing shows it."""
        return self._ran(namespace, pod, container, ["sh"], f"{text}\nexit\n".encode(), 0)

    def _ran(
        self, namespace: str, pod: str, container: str, argv: Sequence[str], text: bytes, limit: int
    ) -> Answer:
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}"
        with self._told():
            return answer(commands.run(self, path, container, argv, text, limit + ANSWER_LIMIT))

    def request(self, asked: Request) -> Live:
        """Ask, and return the object that is the answer."""
        with self._told():
            return super().request(asked)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except KubernetesFailure as failure:
            raise _unanswered(self.access, failure) from None


@cache
def cluster(kubeconfig: str | None, context: str) -> Cluster:
    """Return the cluster that a context leads to, the same for all parties in it. Asks it nothing yet."""
    try:
        return Cluster(access(kubeconfig, context))
    except Misconfigured as failure:
        raise _misconfigured(kubeconfig, context, failure) from None


def answer(ended: Ended) -> Answer:
    """Return a command's answer; a code of 124 where it did not end in time."""
    said = ended.said.decode(errors="replace")
    if not ended.in_time:
        return Answer(OVER_TIME, said)
    if ended.status is None:
        raise Ailment(Symptom.CLUSTER_SILENT, "the connection to the pod broke before the command ended")
    if ended.status.get("status") == "Success":
        return Answer(0, said)
    causes = (ended.status.get("details") or {}).get("causes") or ()
    codes = [cause["message"] for cause in causes if cause.get("reason") == "ExitCode"]
    if codes:
        return Answer(int(codes[0]), said)
    return Answer(NOT_STARTED, f"{said}{ended.status.get('message', '')}")


def _misconfigured(kubeconfig: str | None, context: str, failure: KubernetesFailure) -> Ailment:
    said = " ".join(_words(failure).split())
    return Ailment(Symptom.CONTEXT_MISSING, f"context {context} of {named(kubeconfig)}: {said}")


def _unanswered(access: Access, failure: KubernetesFailure) -> Ailment:
    server = access.server
    match failure:
        case Refused():
            return _refused(server, failure)
        case Strange():
            said = " ".join(failure.body[:80].decode(errors="replace").split())
            return Ailment(Symptom.CLUSTER_SILENT, f"{server} is no API server; it answers {said!r}")
        case Unreachable():
            words = str(failure)
            untrusted = isinstance(failure, Untrusted)
            symptom = Symptom.CLUSTER_UNTRUSTED if untrusted else Symptom.CLUSTER_SILENT
            words = words.partition("): ")[2] or words or type(failure.cause).__name__
            return Ailment(symptom, f"{server}: {words}"[:LENGTH])
        case LoginFailed():
            return Ailment(Symptom.CLUSTER_REFUSES, f"{server}: {failure}"[:LENGTH])
    return _misconfigured(access.files, access.context, failure)


def _words(failure: KubernetesFailure) -> str:
    match failure:
        case NoSuchEntry(kind=kind, name=name, where=where):
            return f"Expected object with name {name} in {where}/{kind}s list"
        case Unreadable(cause=FileNotFoundError()):
            return "No configuration found."
        case Unreadable(cause=None):
            wrong = f"{failure.file} file is empty"
            return f"Invalid kube-config. {wrong}" if failure.empty else "it holds no list of contexts"
        case Unreadable():
            return str(failure.cause)
    return str(failure)


def _refused(server: str, refusal: Refused) -> Ailment:
    text = " ".join(refusal.body.decode(errors="replace").split())
    message = str(refusal.answer.get("message") or text)[:LENGTH]
    symptom = _symptom(refusal.status, message, bool(refusal.answer))
    return Ailment(symptom, f"{server} answers {refusal.status}: {message}")


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
