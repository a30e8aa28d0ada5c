"""The API server that a stack names, asked before anything is made; its failures as faults of the stack.

They stand at `context` or `kubeconfig`; who asks knows of which runtime.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from clients.kubernetes import api_server
from clients.kubernetes.failures import (
    KubernetesFailure,
    LoginFailed,
    NoSuchEntry,
    Refused,
    Strange,
    Unreachable,
    Unreadable,
    Untrusted,
)
from clients.kubernetes.kubeconfig import access, files_of
from config import ConfigurationFault, Fault, KubernetesSettings

TIMEOUT = 10.0
AT_ONCE = 8
"""How many questions may be open at a time: fewer than kubectl's own burst of 10."""


class Forbidden(Exception):
    """The API server answers, and this user may not ask that."""


class ApiServer:
    """The API server of a context, asked over one connection, or over AT_ONCE by as many threads.

    Every question raises Forbidden, or ConfigurationFault where there is no answer.
    """

    def __init__(self, settings: KubernetesSettings) -> None:
        self.context = settings.context
        self._files = files_of(settings.kubeconfig)
        with self._told():
            self._access = access(self._files, self.context)
        self._server = api_server.ApiServer(self._access, connect_limit=TIMEOUT, answer_limit=TIMEOUT)

    def ask(self, url: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return what is at a path, or the answer to a body that is posted there."""
        with self._told():
            found = self._server.post(url, body) if body else self._server.get(url)
            return _understood(found)

    def found(self, url: str, accept: str = api_server.JSON) -> Mapping[str, Any] | None:
        """Return what is at a path; None where there is nothing."""
        with self._told():
            try:
                return _understood(self._server.get(url, accept=accept))
            except Refused as refusal:
                if refusal.missing:
                    return None
                raise

    def has(self, url: str) -> bool | None:
        """Return whether there is something at a path; None where this user may not know."""
        try:
            return self.found(url) is not None
        except Forbidden:
            return None

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Refused as refusal:
            raise Forbidden if refusal.forbidden else ConfigurationFault([self._refused(refusal)]) from None
        except KubernetesFailure as failure:
            raise ConfigurationFault([self._fault(failure)]) from None

    def _fault(self, failure: KubernetesFailure) -> Fault:
        mended = self._kubectl("config view --minify")
        match failure:
            case Unreadable():
                cause = getattr(failure.cause, "strerror", None) or failure.cause
                reason = " ".join(str(cause or "it holds no list of contexts").split())
                problem = f"{failure.file} cannot be read as a kubeconfig: {reason}"
                return Fault("kubeconfig", problem, "write the path of one; make cluster makes one")
            case NoSuchEntry(kind="context", known=known):
                problem = f"{self._files} has no context {self.context}"
                remedy = f"write one that it has: {', '.join(known)}" if known else "write another kubeconfig"
            case Untrusted():
                where = f"{self.context} at {self._access.server}"
                problem = f"no trusted connection to the API server of {where}: {failure}"
                remedy = (
                    "write the authority that signed its certificate, and your own certificate if it wants"
                    f" one, into the kubeconfig: {mended}"
                )
            case Unreachable():
                where = f"{self.context} does not answer at {self._access.server}"
                problem = f"the API server of {where}: {getattr(failure.cause, 'reason', None) or failure}"
                remedy = (
                    "start the cluster (the one of this machine: make cluster), mend the way there, or write"
                    " another context"
                )
            case Strange():
                server = f"{self._access.server}, the server of {self.context}"
                problem = f"what answers at {server}, is no Kubernetes API server"
                remedy = f"correct its address: {mended}"
            case _:
                reason = failure.detail if isinstance(failure, LoginFailed) else str(failure)
                problem = f"context {self.context} of {self._files} cannot be used: {reason}"
                remedy = f"mend it: {mended}"
        return Fault("context", problem, remedy)

    def _refused(self, refusal: Refused) -> Fault:
        status, reason = refusal.status, refusal.reason
        if status == 401:
            problem = f"the cluster of {self.context} does not know this user (401 {reason})"
            return Fault("context", problem, f"log in anew; then: {self._kubectl('auth whoami')}")
        problem = f"the API server of {self.context} answers {status} {reason}"
        return Fault("context", problem, f"ask it yourself: {self._kubectl('get --raw /readyz?verbose')}")

    def _kubectl(self, command: str) -> str:
        where = f"--kubeconfig {self._files}" if os.pathsep not in self._files else ""
        return " ".join(part for part in ("kubectl", where, "--context", self.context, command) if part)


def _understood(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    if "kind" not in tree:
        raise Strange(b"")
    return tree
