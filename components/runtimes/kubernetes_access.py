"""The way to a Kubernetes API server that a stack names: its kubeconfig, its context, plain questions.

Provides no typed objects and no retries: it serves the questions asked before anything is made.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from config import ConfigurationFault, Fault, KubernetesSettings

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

TIMEOUT = 10.0


class Forbidden(Exception):
    """The API server answers, and this user may not ask that."""


class ApiServer:
    """The API server of a context. `path` is the runtime's in the stack's configuration, for faults."""

    def __init__(self, path: str, settings: KubernetesSettings) -> None:
        self.path = path
        self.context = settings.context
        self._client = _connected(path, settings)

    def ask(self, url: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return what is at a path, or the answer to a body that is posted there.

        Raises Forbidden, or ConfigurationFault where there is no answer.
        """
        from urllib3.exceptions import HTTPError

        asked = self._client.param_serialize(
            "POST" if body else "GET",
            url,
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            auth_settings=["BearerToken"],
        )
        try:
            answer = self._client.call_api(*asked, _request_timeout=TIMEOUT)
            text = answer.read()  # type: ignore[no-untyped-call]
        except (HTTPError, OSError) as error:
            raise ConfigurationFault([self._unreachable(error)]) from None
        if answer.status == 403:
            raise Forbidden
        if answer.status >= 400:
            raise ConfigurationFault([self._refused(answer.status, str(answer.reason))])
        return json.loads(text)

    def _refused(self, status: int, reason: str) -> Fault:
        at = f"{self.path}.context"
        if status == 401:
            problem = f"the cluster of {self.context} does not know this user (401 {reason})"
            return Fault(at, problem, f"log in anew; then: kubectl --context {self.context} auth whoami")
        problem = f"the API server of {self.context} answers {status} {reason}"
        return Fault(
            at, problem, f"ask it yourself: kubectl --context {self.context} get --raw /readyz?verbose"
        )

    def _unreachable(self, error: Exception) -> Fault:
        reason, address = getattr(error, "reason", None) or error, self._client.configuration.host
        return Fault(
            f"{self.path}.context",
            f"the API server of {self.context} does not answer at {address}: {reason}",
            "start the cluster (the one of this machine: make cluster), mend the way there, or write another"
            " context",
        )


def kubeconfig_of(settings: KubernetesSettings) -> str:
    """Return the path of the kubeconfig: the stack's, else KUBECONFIG's, else kubectl's default."""
    return os.path.expanduser(settings.kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config")


def _connected(path: str, settings: KubernetesSettings) -> "ApiClient":
    from kubernetes.client import ApiClient, Configuration
    from kubernetes.config import ConfigException, load_kube_config

    file = kubeconfig_of(settings)
    _check_context(path, file, settings.context)
    configuration = Configuration()
    try:
        load_kube_config(file, settings.context, configuration)  # type: ignore[no-untyped-call]
    except (ConfigException, OSError, ValueError) as error:
        problem = f"context {settings.context} of {file} cannot be used: {error}"
        remedy = f"mend it: kubectl --kubeconfig {file} config view --minify --context {settings.context}"
        raise ConfigurationFault([Fault(f"{path}.context", problem, remedy)]) from None
    configuration.retries = False
    return ApiClient(configuration)


def _check_context(path: str, file: str, context: str) -> None:
    try:
        contexts = _contexts([Path(part) for part in file.split(os.pathsep) if part])
    except OSError as error:
        raise ConfigurationFault([_unreadable(path, file, error.strerror or str(error))]) from None
    except yaml.YAMLError as error:
        raise ConfigurationFault([_unreadable(path, file, " ".join(str(error).split()))]) from None
    if context not in contexts:
        remedy = f"write one that it has: {', '.join(contexts)}" if contexts else "write another kubeconfig"
        raise ConfigurationFault([Fault(f"{path}.context", f"{file} has no context {context}", remedy)])


def _contexts(files: Sequence[Path]) -> list[str]:
    trees = [yaml.safe_load(file.read_text()) for file in files]
    listed = [tree.get("contexts") or [] for tree in trees if isinstance(tree, dict)]
    return [str(context["name"]) for contexts in listed for context in contexts]


def _unreadable(path: str, file: str, reason: str) -> Fault:
    problem = f"{file} cannot be read as a kubeconfig: {reason}"
    return Fault(f"{path}.kubeconfig", problem, "write the path of one; make cluster makes one")
