"""The way to a Kubernetes API server that a stack names: its kubeconfig, its context, plain questions.

Provides no typed objects and no retries: it serves the questions asked before anything is made. Its faults
stand at `context` or `kubeconfig`; who asks knows of which runtime.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from config import ConfigurationFault, Fault, KubernetesSettings

if TYPE_CHECKING:
    from kubernetes.client import ApiClient, ApiException, Configuration

TIMEOUT = 10.0
AT_ONCE = 8
"""How many questions may be open at a time: fewer than kubectl's own burst of 10."""
HOME = "~/.kube/config"
JSON = "application/json"


class Forbidden(Exception):
    """The API server answers, and this user may not ask that."""


class ApiServer:
    """The API server of a context, asked over one connection, or over AT_ONCE by as many threads."""

    def __init__(self, settings: KubernetesSettings) -> None:
        self.context = settings.context
        self._files = kubeconfig_of(settings)
        self._client = _connected(self._files, self.context)

    def ask(self, url: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return what is at a path, or the answer to a body that is posted there.

        Raises Forbidden, or ConfigurationFault where there is no answer.
        """
        status, reason, text = self._asked(url, body)
        if status == 403:
            raise Forbidden
        if status >= 400:
            raise ConfigurationFault([self._refused(status, reason)])
        return self._understood(text)

    def found(self, url: str, accept: str = JSON) -> Mapping[str, Any] | None:
        """Return what is at a path; None where there is nothing. Raises Forbidden."""
        status, reason, text = self._asked(url, None, accept)
        if status == 404:
            return None
        if status == 403:
            raise Forbidden
        if status >= 400:
            raise ConfigurationFault([self._refused(status, reason)])
        return self._understood(text)

    def has(self, url: str) -> bool | None:
        """Return whether there is something at a path; None where this user may not know."""
        status, reason, text = self._asked(url, None)
        if status in (403, 404):
            return None if status == 403 else False
        if status >= 400:
            raise ConfigurationFault([self._refused(status, reason)])
        return bool(self._understood(text))

    def _asked(self, url: str, body: Mapping[str, Any] | None, accept: str = JSON) -> tuple[int, str, bytes]:
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        asked = self._client.param_serialize(
            "POST" if body else "GET",
            url,
            header_params={"Accept": accept, "Content-Type": JSON},
            body=body,
            auth_settings=["BearerToken"],
        )
        try:
            answer = self._client.call_api(*asked, _request_timeout=TIMEOUT)
            text: bytes = answer.read()  # type: ignore[no-untyped-call]
        except ApiException as error:
            raise ConfigurationFault([self._untrusted(error)]) from None
        except (HTTPError, OSError) as error:
            raise ConfigurationFault([self._unreachable(error)]) from None
        return answer.status, str(answer.reason), text

    def _understood(self, text: bytes) -> Mapping[str, Any]:
        try:
            tree = json.loads(text)
        except ValueError:
            tree = None
        if not isinstance(tree, dict) or "kind" not in tree:
            problem = (
                f"what answers at {self._address}, the server of {self.context}, is no Kubernetes API server"
            )
            remedy = f"correct its address: {self._kubectl('config view --minify')}"
            raise ConfigurationFault([Fault("context", problem, remedy)])
        return tree

    def _refused(self, status: int, reason: str) -> Fault:
        if status == 401:
            problem = f"the cluster of {self.context} does not know this user (401 {reason})"
            return Fault("context", problem, f"log in anew; then: {self._kubectl('auth whoami')}")
        problem = f"the API server of {self.context} answers {status} {reason}"
        return Fault("context", problem, f"ask it yourself: {self._kubectl('get --raw /readyz?verbose')}")

    def _untrusted(self, error: "ApiException") -> Fault:
        """Return the fault of TLS: the client makes no other error of its own while it asks."""
        reason = str(error.reason).rpartition("\n")[2]
        return Fault(
            "context",
            f"no trusted connection to the API server of {self.context} at {self._address}: {reason}",
            "write the authority that signed its certificate, and your own certificate if it wants one,"
            f" into the kubeconfig: {self._kubectl('config view --minify')}",
        )

    def _unreachable(self, error: Exception) -> Fault:
        reason = getattr(error, "reason", None) or error
        return Fault(
            "context",
            f"the API server of {self.context} does not answer at {self._address}: {reason}",
            "start the cluster (the one of this machine: make cluster), mend the way there, or write another"
            " context",
        )

    @property
    def _address(self) -> str:
        return str(self._client.configuration.host)

    def _kubectl(self, command: str) -> str:
        return _kubectl(self._files, self.context, command)


def kubeconfig_of(settings: KubernetesSettings) -> str:
    """Return the path of the kubeconfig: the stack's, else KUBECONFIG's, else kubectl's default.

    KUBECONFIG may name several, of which those that exist are read together, as kubectl does.
    """
    given = settings.kubeconfig or os.environ.get("KUBECONFIG") or HOME
    files = [os.path.expanduser(file) for file in given.split(os.pathsep) if file]
    return os.pathsep.join([file for file in files if os.path.exists(file)] or files)


def _kubectl(files: str, context: str, command: str) -> str:
    where = f"--kubeconfig {files}" if os.pathsep not in files else ""
    return " ".join(part for part in ("kubectl", where, "--context", context, command) if part)


def _connected(files: str, context: str) -> "ApiClient":
    from kubernetes.client import ApiClient

    _check_context(files, context)
    try:
        configuration = _configured(files, context)
        configuration.retries, configuration.connection_pool_maxsize = False, AT_ONCE
        if not configuration.verify_ssl:
            _accept_unverified()
        return ApiClient(configuration)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        problem = f"context {context} of {files} cannot be used: {error}"
        remedy = f"mend it: {_kubectl(files, context, 'config view --minify')}"
        raise ConfigurationFault([Fault("context", problem, remedy)]) from None


def _configured(files: str, context: str) -> "Configuration":
    """Return what a context says. Raises ValueError for a login program that fails.

    The client only logs that, and would ask as nobody.
    """
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException, load_kube_config

    configuration = Configuration()
    with _heard() as complaints:
        try:
            load_kube_config(files, context, configuration)  # type: ignore[no-untyped-call]
        except ConfigException as error:
            raise ValueError(str(error)) from None
    if complaints:
        raise ValueError("; ".join(complaints))
    return configuration


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Keep what is logged as an error meanwhile, and show none of it."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(" ".join(record.getMessage().split()))

    root = logging.getLogger()
    before, root.handlers = root.handlers, [Ear(logging.ERROR)]
    try:
        yield said
    finally:
        root.handlers = before


def _accept_unverified() -> None:
    """Say nothing of certificates that are not examined: the kubeconfig says insecure-skip-tls-verify."""
    import urllib3

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def _check_context(files: str, context: str) -> None:
    contexts = dict.fromkeys(name for file in files.split(os.pathsep) for name in _contexts(Path(file)))
    if context not in contexts:
        remedy = f"write one that it has: {', '.join(contexts)}" if contexts else "write another kubeconfig"
        raise ConfigurationFault([Fault("context", f"{files} has no context {context}", remedy)])


def _contexts(file: Path) -> Sequence[str]:
    try:
        tree = yaml.load(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return [str(entry["name"]) for entry in tree.get("contexts") or ()]
    except OSError as error:
        reason = error.strerror or str(error)
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
    except (AttributeError, LookupError, TypeError):
        reason = "it holds no list of contexts"
    problem = f"{file} cannot be read as a kubeconfig: {reason}"
    raise ConfigurationFault([Fault("kubeconfig", problem, "write the path of one; make cluster makes one")])
