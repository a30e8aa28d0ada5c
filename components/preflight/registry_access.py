"""The way from this machine to a registry that exists already.

It is https, unless the registry is on loopback or the stack says otherwise; through the proxy of HTTPS_PROXY,
HTTP_PROXY and NO_PROXY; trusting whom the system trusts. Pulls nothing and takes no login.
"""

import http.client
import ssl
from functools import cached_property
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
    getproxies,
    proxy_bypass,
)

from config.text import is_loopback

TIMEOUT = 10.0
ACCEPT = ", ".join(
    f"application/{kind}+json"
    for kind in (
        "vnd.docker.distribution.manifest.v2",
        "vnd.docker.distribution.manifest.list.v2",
        "vnd.oci.image.manifest.v1",
        "vnd.oci.image.index.v1",
    )
)


class Refusal(Exception):
    """A registry that cannot be asked: why, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(problem)


class Registry:
    """Registries as this machine reaches them."""

    def __init__(self, plain_http: bool = False, ca_file: str | None = None) -> None:
        self.plain_http = plain_http
        self.ca_file = ca_file

    def holds(self, registry: str, name: str) -> bool:
        """Return whether an image is there, as far as it may be known without a login. Raises Refusal."""
        scheme = "http" if self.plain_http or _is_local(registry) else "https"
        way = f"from this machine over {scheme}{_through(scheme, registry)}"
        try:
            status = self._status(scheme, registry, name)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            problem = f"cannot be reached {way}: {reason}"
            raise Refusal(problem, _remedy(reason, self.ca_file)) from None
        if scheme == "http" and status == 400:
            raise Refusal(f"does not answer {way}: 400", "Leave plain-http out, if it has TLS")
        if status >= 500 or status == 407:
            raise Refusal(f"cannot be asked {way}: {status}", "Look at the log of what answers there")
        return status != 404

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def _status(self, scheme: str, registry: str, name: str) -> int:
        repository, mark, version = name.partition("@")
        if not mark:
            repository, _, version = name.rpartition(":")
        url = f"{scheme}://{registry}/v2/{repository}/manifests/{version}"
        asked = Request(url, method="HEAD", headers={"Accept": ACCEPT})
        try:
            with self._opener(scheme, registry).open(asked, timeout=TIMEOUT) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def _opener(self, scheme: str, registry: str) -> OpenerDirector:
        """Return what opens connections: never through a proxy to this machine itself, as Docker does."""
        trusting = [HTTPSHandler(context=self._trust)] if scheme == "https" else []
        local = [ProxyHandler({})] if _is_local(registry) else []
        return build_opener(*trusting, *local)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        trust = ssl.create_default_context()
        if self.ca_file:
            try:
                trust.load_verify_locations(Path(self.ca_file).expanduser())
            except OSError as error:
                problem = f"cannot be asked: ca-file {self.ca_file} cannot be read as certificates: {error}"
                raise Refusal(
                    problem, "Write the path of a PEM file with the authority's certificate"
                ) from None
        return trust


def _remedy(reason: object, ca_file: str | None) -> str:
    match reason:
        case ssl.SSLCertVerificationError():
            which = "another ca-file" if ca_file else "ca-file"
            return (
                f"Write {which}: the path of the authority that signed its certificate; every node must trust"
                " it too"
            )
        case ssl.SSLError():
            return (
                "Write plain-http: true if it has no TLS, and tell every node so (docs/mirror.md); else mend"
                " its TLS"
            )
        case _:
            return "Bring it up, or write the address of one that this machine reaches"


def _through(scheme: str, registry: str) -> str:
    """Return in words the proxy that leads to a registry, without the login that its address may hold."""
    proxy = getproxies().get(scheme)
    direct = not proxy or _is_local(registry) or proxy_bypass(registry)
    return "" if direct else f" through the proxy {urlsplit(str(proxy)).hostname or 'of the environment'}"


def _is_local(registry: str) -> bool:
    return is_loopback(registry.partition(":")[0])
