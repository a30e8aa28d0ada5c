"""What the doctor asks of a cluster's API server: the pods of a namespace, and commands inside them.

It takes address and account from a kubeconfig, as kubectl does, and needs no more rights than
`ops/doctor/role.yaml` gives: `list` on pods, `get` and `create` on pods/exec. Pods are read as plain JSON.
"""

import json
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from urllib3.exceptions import HTTPError
from yaml import YAMLError

from ops.doctor.kubernetes_faults import refused, unreached
from ops.doctor.reach import Answer
from ops.doctor.symptoms import Fault, Symptom

client, config = import_module("kubernetes.client"), import_module("kubernetes.config")
websocket = import_module("websocket")
websocket_call = import_module("kubernetes.stream.ws_client").websocket_call

DONE = (200, 202)
CONNECT_LIMIT, ANSWER_LIMIT = 8, 30
ERROR_CHANNEL = 3
OVER_TIME, NOT_STARTED = 124, 126
READER = 'eval "exec $(head -c "$0")"'
UNREADABLE = (config.ConfigException, YAMLError, OSError, ValueError, LookupError, TypeError, AttributeError)

websocket.setdefaulttimeout(ANSWER_LIMIT)  # else a lost handshake is waited for without end


class Session(Protocol):
    """A command that runs in a pod, at the other end of a websocket."""

    def write_stdin(self, text: bytes) -> None:
        """Send what the command reads."""
        ...

    def run_forever(self, timeout: float) -> None:
        """Wait for the command's end."""
        ...

    def is_open(self) -> bool:
        """Tell whether the command has not ended yet."""
        ...

    def read_channel(self, channel: int) -> bytes:
        """Return what came over a channel."""
        ...

    def read_all(self) -> bytes:
        """Return what the command wrote, both its outputs in their order."""
        ...


class Cluster:
    """The API server that one context of a kubeconfig leads to. Every method raises Fault where it fails.

    Threads may share it: each question has a connection of its own.
    """

    def __init__(self, settings: Any) -> None:  # noqa: ANN401 the library is not typed
        self._settings = settings

    def pods(self, namespace: str, selector: str) -> list[Mapping[str, Any]]:
        """Return the pods of a namespace that a label selector chooses."""
        return self.listed(f"/api/v1/namespaces/{namespace}/pods", selector)

    def listed(self, path: str, selector: str) -> list[Mapping[str, Any]]:
        """Return the objects of a collection that a label selector chooses."""
        return _items(self._settings.host, self._answer("GET", path, [("labelSelector", selector)]))

    def read(self, path: str) -> Mapping[str, Any]:
        """Return one object."""
        return dict(json.loads(self._answer("GET", path)))

    def patch(self, path: str, steps: Sequence[Mapping[str, Any]]) -> None:
        """Change an object by the steps of a JSON patch, all of them or none."""
        self._answer("PATCH", path, body=steps)

    def delete(self, path: str) -> None:
        """Delete an object, and with it what it controls."""
        self._answer("DELETE", path, body={"propagationPolicy": "Background"})

    def _answer(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        body: object = None,
    ) -> bytes:
        with self._client() as api:
            asked = _request(api, path, list(query), method, body)
            answer = api.call_api(*asked, _request_timeout=(CONNECT_LIMIT, ANSWER_LIMIT))
            told = bytes(answer.read())
        if answer.status not in DONE:
            raise refused(self._settings.host, answer.status, told)
        return told

    def run(self, namespace: str, pod: str, container: str, argv: Sequence[str], limit: int) -> Answer:
        """Run a command in a container, for `limit` seconds at most.

        The command goes over standard input to a shell of the container. In the address of the request, many
        proxies would refuse it above 8 KiB, and it would stand whole in the cluster's audit log.
        """
        text = shlex.join(argv).encode()
        reader = ["timeout", str(limit), "sh", "-c", READER, str(len(text))]
        wanted = [("container", container), ("stdin", "true"), ("stdout", "true"), ("stderr", "true")]
        wanted += [("command", part) for part in reader]
        with self._client() as api:
            path = f"/api/v1/namespaces/{namespace}/pods/{pod}/exec"
            method, url, headers, *_ = _request(api, path, wanted)
            options = {"headers": headers, "binary": True, "_preload_content": False}
            session = websocket_call(self._settings, method, url, **options)
            try:
                return answered(session, text, limit + ANSWER_LIMIT)
            finally:
                session.sock.shutdown()  # `close` leaves the socket open where the server closed first

    @contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            with client.ApiClient(self._settings) as api, closing(api.rest_client):
                yield api
        except (client.ApiException, websocket.WebSocketException, HTTPError, OSError) as error:
            raise unreached(self._settings.host, error) from None


@cache
def cluster(kubeconfig: str | None, context: str) -> Cluster:
    """Return the cluster that a context leads to, the same for all parties in it. Asks it nothing yet."""
    settings = client.Configuration()
    settings.retries = False
    try:
        config.load_kube_config(kubeconfig, context, client_configuration=settings)
    except UNREADABLE as error:
        file = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
        raise Fault(Symptom.CONTEXT_MISSING, f"context {context} of {file}: {_said(error)}") from None
    return Cluster(settings)


def _request(
    api: Any,  # noqa: ANN401 untyped
    path: str,
    query: list[tuple[str, str]],
    method: str = "GET",
    body: object = None,
) -> Any:  # noqa: ANN401 untyped
    """Return what a client sends: method, address, headers with the account's token, and the body.

    The library's own class for pods is not used: to import it takes seconds.
    """
    kind = "application/json-patch+json" if method == "PATCH" else "application/json"
    headers = {"Accept": "application/json"} | ({"Content-Type": kind} if body is not None else {})
    return api.param_serialize(method, path, {}, query, headers, body=body, auth_settings=["BearerToken"])


def _items(server: str, body: bytes) -> list[Mapping[str, Any]]:
    try:
        return list(json.loads(body)["items"])
    except (ValueError, LookupError, TypeError):
        said = " ".join(body[:80].decode(errors="replace").split())
        raise Fault(Symptom.CLUSTER_SILENT, f"{server} is no API server; it answers {said!r}") from None


def answered(session: Session, text: bytes, limit: float) -> Answer:
    """Send a command to a pod and return its answer; a code of 124 where it did not end in time."""
    session.write_stdin(text)
    session.run_forever(timeout=limit)
    ended = b"" if session.is_open() else session.read_channel(ERROR_CHANNEL)
    over_time = session.is_open()
    said = session.read_all().decode(errors="replace")
    if over_time:
        return Answer(OVER_TIME, said)
    if not ended:
        raise Fault(Symptom.CLUSTER_SILENT, "the connection to the pod broke before the command ended")
    return _answer(json.loads(ended), said)


def _answer(status: Mapping[str, Any], said: str) -> Answer:
    if status.get("status") == "Success":
        return Answer(0, said)
    causes = (status.get("details") or {}).get("causes") or ()
    codes = [cause["message"] for cause in causes if cause.get("reason") == "ExitCode"]
    if codes:
        return Answer(int(codes[0]), said)
    return Answer(NOT_STARTED, f"{said}{status.get('message', '')}")


def _said(error: Exception) -> str:
    return " ".join(str(error).removeprefix("Invalid kube-config file. ").split())
