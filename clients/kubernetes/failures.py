"""What may go wrong on the way to an API server, and what it refuses. Who asks has the words for users."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from clients.failures import Failure


class KubernetesFailure(Failure):
    """Every failure of this package."""

    status = 0
    """The HTTP status of a refusal; 0 where there is none."""


class Misconfigured(KubernetesFailure):
    """A kubeconfig that leads to no API server."""


class Unreadable(Misconfigured):
    """A file that is no kubeconfig; `cause` is None where it is YAML, and `empty` where it is nothing."""

    def __init__(self, words: str, file: str, cause: Exception | None, empty: bool = False) -> None:
        super().__init__(words)
        self.file, self.cause, self.empty = file, cause, empty


class NoSuchEntry(Misconfigured):
    """A kubeconfig lacks a context, or a cluster or user that the context names; `known` are those it has."""

    def __init__(self, where: str, kind: str, name: object, known: Sequence[str]) -> None:
        super().__init__(f"{where} has no {kind} {name!r}; it has {names(known)}")
        self.where, self.kind, self.name, self.known = where, kind, name, known


class Unusable(KubernetesFailure):
    """Something that a context says, and that cannot be done."""


class LoginFailed(Unusable):
    """A login program gave nothing; `detail` is how it ended."""

    def __init__(self, words: str, detail: str) -> None:
        super().__init__(words)
        self.detail = detail


class Unreachable(KubernetesFailure):
    """There is no answer; `cause` is what became of the connection."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Untrusted(Unreachable):
    """The server's certificate is not trusted, or ours is not by it."""


class UnusableCertificate(Untrusted):
    """What a kubeconfig has for a certificate or a key is none."""


class Strange(KubernetesFailure):
    """What answers is no API server: `body` is no object of JSON, or none that such a server would give."""

    def __init__(self, body: bytes) -> None:
        super().__init__("what answers is no Kubernetes API server")
        self.body = body


class Refused(KubernetesFailure):
    """The API server does not do what it was asked to; `answer` is its Status, empty where another did."""

    def __init__(self, status: int, body: bytes, reason: str = "") -> None:
        self.status, self.body, self.reason = status, body, reason
        self.answer = _object(body)
        text = body.decode(errors="replace").strip()[:500]
        words = self.answer.get("message") or self.answer.get("reason")
        super().__init__(str(words or (not self.answer and (text or reason)) or f"HTTP {status}"))

    @property
    def missing(self) -> bool:
        """Return whether what was asked for is not there."""
        return self.status == 404

    @property
    def forbidden(self) -> bool:
        """Return whether it may not be asked for, or may not be done."""
        return self.status == 403

    @property
    def exists(self) -> bool:
        """Return whether an object of that name is in the way."""
        return self.answer.get("reason") == "AlreadyExists"

    @property
    def immutable(self) -> bool:
        """Return whether a field cannot change in place."""
        return self.status == 422 and "field is immutable" in str(self)

    @property
    def without_namespace(self) -> bool:
        """Return whether it is the namespace that is missing."""
        return self.missing and (self.answer.get("details") or {}).get("kind") == "namespaces"


def names(known: Sequence[str]) -> str:
    """Return names as a sentence has them."""
    return ", ".join(map(repr, sorted(known))) or "none"


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        tree = json.loads(body)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}
