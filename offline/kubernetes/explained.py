"""What failures of an API server mean, and what to do about each."""

import re
from collections.abc import Mapping
from typing import Any

from offline.kubernetes.kubeconfig import Access
from offline.protocol.failures import Refusal

WAY = (
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "its certificate is not one that context {context!r} trusts. "
        "Look at `certificate-authority` of its cluster in the kubeconfig.",
    ),
    (
        r"doesn't match|Hostname mismatch|IP address mismatch",
        "its certificate is for another name. Set `tls-server-name` of the cluster in the kubeconfig.",
    ),
    (
        r"Name or service not known|name resolution|nodename nor servname|No address associated",
        "its name does not resolve. Look at `server` of context {context!r} in the kubeconfig.",
    ),
    (
        r"Connection refused",
        "nothing listens there. Start the cluster, or look at `server` of context {context!r}.",
    ),
    (
        r"timed out|No route to host|Network is unreachable",
        "there is no way to it. Look whether the cluster runs, and whether a VPN or a firewall is between.",
    ),
    (r"", "look whether the cluster runs, and whether the way to it is open."),
)
"""On the way to the API server."""

ANSWERS = (
    (
        r"^Unauthorized$|must be logged in",
        "the API server does not know the user of this context: its token or certificate has expired, or is "
        "of another cluster. Log in again.",
    ),
    (
        r"exceeded quota",
        "a ResourceQuota of the namespace is used up: `kubectl describe quota` shows by what. "
        "Raise it, or ask for less.",
    ),
    (
        r"violates PodSecurity",
        "the namespace's Pod Security level forbids it. Make the pod conform, or lower the level of the "
        "namespace.",
    ),
    (
        r"^namespaces .* not found",
        "the namespace does not exist. Create it, or name one that does.",
    ),
    (
        r"because it is being terminated",
        "the namespace is being deleted. Wait until it is gone, then run this again.",
    ),
    (
        r"is forbidden: User .* cannot",
        "the user of this context lacks that right. Have a Role with it bound to the user, or use another "
        "context.",
    ),
    (
        r"only dynamically provisioned pvc can be resized|immutable after creation except resources.requests",
        "a claim can only grow, once it is bound, and where its class says `allowVolumeExpansion: true`. "
        "Keep what it was, or move its content to a new claim.",
    ),
    (
        r"field is immutable|[Ff]orbidden: updates to|may not change once set|is immutable after creation",
        "this cannot change in place. Give the object another name, or delete it first.",
    ),
)
"""In the API server's own words."""
STRUCTURES = re.compile(r"\n\s+\S+\{\n.*", re.DOTALL)
"""The Go structures that an API server shows after some of its reasons."""


class Unreachable(Refusal):
    """An API server that gives no answer."""


class Answer(Exception):
    """An API server's answer to what it does not do."""

    def __init__(self, code: int, status: Mapping[str, Any]) -> None:
        self.code = code
        self.status = status
        words = str(status.get("message") or status.get("reason") or f"HTTP {code}")
        self.words = STRUCTURES.sub("", words).strip()
        super().__init__(self.words)

    @property
    def missing(self) -> bool:
        """Return whether what was asked for is not there."""
        return self.code == 404

    @property
    def conflicts(self) -> list[tuple[str, str]]:
        """Return the fields that other field managers own: their words, and the field's path."""
        causes = (self.status.get("details") or {}).get("causes") or ()
        return [
            (str(cause.get("message", "")), str(cause.get("field", "")))
            for cause in causes
            if cause.get("reason") == "FieldManagerConflict"
        ]


def unreachable(access: Access, failure: Exception) -> Unreachable:
    """Return a failure on the way to an API server, with its meaning and its remedy."""
    words = str(getattr(failure, "reason", None) or failure)
    remedy = next(remedy for pattern, remedy in WAY if re.search(pattern, words))
    meaning = remedy.format(context=access.context)
    return Unreachable(
        f"the API server at {access.server} cannot be reached: {meaning}\nIn its words: {words}"
    )


def explained(what: str, answer: Answer) -> Refusal:
    """Return what an API server answered about an object, with its remedy where it is known."""
    if answer.conflicts:
        return _conflict(what, answer)
    for pattern, remedy in ANSWERS:
        if re.search(pattern, answer.words):
            return Refusal(f"{what}: {remedy}\nIn the API server's words: {answer.words}")
    return Refusal(f"{what}: {answer.words}")


def _conflict(what: str, answer: Answer) -> Refusal:
    lines = "\n".join(f"  {words} at {field}" for words, field in answer.conflicts)
    return Refusal(
        f"{what}: server-side apply conflict, other managers own fields that are declared here:\n{lines}\n"
        "Take them with `enable_patch_force=True` on the provider or the annotation "
        '`pulumi.com/patchForce: "true"` on the object, or declare them as they are.'
    )
