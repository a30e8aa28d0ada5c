"""The connection to a Docker engine, made when it is first needed."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from clients.docker import sdk
from clients.failures import NoSsh, Unreachable
from offline.docker.configuration import Configuration, registry_of_image
from offline.docker.explained import explained, unreachable
from offline.protocol.failures import Refusal

if TYPE_CHECKING:
    from docker.api.client import APIClient
    from requests import Response

TIMEOUT = 600
CONNECTIONS = 64


class DockerEngine:
    """One Docker engine, shared by all resource types. Its failures come as clear `Refusal`s."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._lock = threading.Lock()
        self._client: APIClient | None = None

    @contextmanager
    def api(self, doing: str) -> Iterator["APIClient"]:
        """Give the client; what fails inside is explained, starting with what was being done."""
        from docker.errors import APIError, DockerException
        from requests.exceptions import RequestException

        try:
            yield self._connected()
        except APIError as failure:
            raise explained(doing, str(failure.explanation or failure)) from failure
        except (Unreachable, DockerException, RequestException) as failure:
            raise unreachable(doing, self.configuration.host, failure) from failure

    def login(self, image: str) -> dict[str, str] | None:
        """Return the login that the provider was given for an image's registry."""
        login = self.configuration.logins.get(registry_of_image(image))
        return {"username": login.username, "password": login.password} if login else None

    def _connected(self) -> "APIClient":
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> "APIClient":
        host = self.configuration.host
        if not host:
            raise Refusal("the Docker host is not known yet; it must be known to look at what runs there")
        if host.startswith("ssh://") and not urlsplit(host).hostname:
            raise Refusal(f"Docker host {host!r} names no machine. Write ssh://user@machine.")
        try:
            return sdk(host, self.configuration.ssh_options, timeout=TIMEOUT, pool=CONNECTIONS).api
        except NoSsh:
            raise Refusal(
                f"Docker host {host!r}: there is no ssh command here. Install an ssh client."
            ) from None


def create(api: "APIClient", body: Mapping[str, Any], name: str) -> str:
    """Create a container from the body of the engine's own call, and return its id."""
    made: Mapping[str, Any] = api.create_container_from_config(body, name)  # type: ignore[no-untyped-call] # stub
    return str(made["Id"])


def accepted(response: "Response") -> None:
    """Raise what the engine refused, as the client does for its own calls."""
    from docker.errors import create_api_error_from_http_exception
    from requests.exceptions import HTTPError

    try:
        response.raise_for_status()
    except HTTPError as failure:
        create_api_error_from_http_exception(failure)


def as_map(pairs: list[dict[str, Any]]) -> dict[str, str]:
    """Return labels, which are pairs in a program, as the engine takes them."""
    return {pair["label"]: pair["value"] for pair in pairs}


def as_pairs(labels: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return labels that the engine tells as a program declares them."""
    return [{"label": name, "value": value} for name, value in (labels or {}).items()]
