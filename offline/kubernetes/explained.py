"""What failures of an API server mean."""

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
CONFLICT = (
    "server-side apply field conflict detected, see https://www.pulumi.com/registry/packages/kubernetes/"
    "how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources "
    "for troubleshooting help\n"
    'The resource managed by field manager "{manager}" had an apply conflict: {words}'
)
EXISTS = """{words}

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use `pulumi import`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create."""


class Unreachable(Refusal):
    """A cluster that gives no answer, or to which no way is known."""


class Answer(Exception):
    """An API server's answer to what it does not do."""

    def __init__(self, code: int, status: Mapping[str, Any]) -> None:
        self.code = code
        self.status = status
        self.words = str(status.get("message") or status.get("reason") or f"HTTP {code}")
        super().__init__(self.words)

    @property
    def missing(self) -> bool:
        """Return whether what was asked for is not there."""
        return self.code == 404

    @property
    def forbidden(self) -> bool:
        """Return whether it may not be asked for, or may not be done."""
        return self.code == 403

    @property
    def exists(self) -> bool:
        """Return whether an object of that name is in the way."""
        return self.status.get("reason") == "AlreadyExists"

    @property
    def immutable(self) -> bool:
        """Return whether a field cannot change in place."""
        return self.code == 422 and "field is immutable" in self.words

    @property
    def without_namespace(self) -> bool:
        """Return whether it is the namespace that is missing."""
        return self.missing and (self.status.get("details") or {}).get("kind") == "namespaces"


def unreachable(access: Access, failure: Exception) -> Unreachable:
    """Return a failure on the way to an API server, with its meaning and its remedy."""
    words = str(getattr(failure, "reason", None) or failure)
    remedy = next(remedy for pattern, remedy in WAY if re.search(pattern, words))
    meaning = remedy.format(context=access.context)
    return Unreachable(
        f"the API server at {access.server} cannot be reached: {meaning}\nIn its words: {words}"
    )


def explained(answer: Answer, manager: str) -> str:
    """Return what an API server answered, and what a manager of fields can do about it."""
    if answer.exists:
        return EXISTS.format(words=answer.words)
    if answer.code == 409:
        return CONFLICT.format(manager=manager, words=answer.words)
    return answer.words
