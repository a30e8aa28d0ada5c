"""What failures of an API server mean."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from clients.kubernetes.failures import (
    KubernetesFailure,
    Misconfigured,
    NoSuchEntry,
    Refused,
    Unreachable,
    Unreadable,
    UnusableCertificate,
    names,
)
from clients.kubernetes.kubeconfig import Access
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


class NoCluster(Refusal):
    """A cluster that gives no answer, or to which no way is known."""


@contextmanager
def in_words(access: Access) -> Iterator[None]:
    """Tell failures on the way to an API server, with their remedies; what it refuses itself passes."""
    try:
        yield
    except Refused:
        raise
    except UnusableCertificate as failure:
        raise Refusal(f"a certificate of context {access.context!r} cannot be used: {failure}") from failure
    except Unreachable as failure:
        raise unreachable(access, failure.cause) from failure
    except KubernetesFailure as failure:
        raise Refusal(str(failure)) from failure


def unreachable(access: Access, failure: Exception) -> NoCluster:
    """Return a failure on the way to an API server, with its meaning and its remedy."""
    words = str(getattr(failure, "reason", None) or failure)
    remedy = next(remedy for pattern, remedy in WAY if re.search(pattern, words))
    meaning = remedy.format(context=access.context)
    return NoCluster(f"the API server at {access.server} cannot be reached: {meaning}\nIn its words: {words}")


def nowhere(failure: Misconfigured) -> NoCluster:
    """Return the failure of a kubeconfig, with what the provider is to be given instead."""
    match failure:
        case NoSuchEntry(kind="context", name=None, known=known, where=where):
            given = f"Give the provider `context`: {names(known)}."
            return NoCluster(f"{where} has no current context. {given}")
        case Unreadable(cause=FileNotFoundError()):
            return NoCluster(f"{failure}. Give the provider `kubeconfig`, the path of one that does.")
    return NoCluster(str(failure))


def explained(answer: Refused, manager: str) -> str:
    """Return what an API server answered, and what a manager of fields can do about it."""
    if answer.exists:
        return EXISTS.format(words=answer)
    if answer.status == 409:
        return CONFLICT.format(manager=manager, words=answer)
    return str(answer)
