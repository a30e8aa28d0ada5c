"""The one HTTP client: for registries of images, for Harbor, and for servers that files are downloaded from.

It goes through the proxy of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, trusts whom the system trusts unless it is
told otherwise, and tries nothing twice. urllib3 is imported where something is asked: few previews ask.
"""

import base64
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from clients.failures import NoTls, Refused, Unreachable, Untrusted

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

TIMEOUT = 20.0
ACCEPT = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "docker.distribution.manifest.v2",
        "docker.distribution.manifest.list.v2",
        "oci.image.manifest.v1",
        "oci.image.index.v1",
    )
)
"""What a registry's manifest may be."""


@contextmanager
def answered(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    timeout: float = TIMEOUT,
    trust: ssl.SSLContext | None = None,
    direct: bool = False,
    body: bytes | IO[bytes] | None = None,
) -> Iterator["BaseHTTPResponse"]:
    """Ask a server, and give its answer whatever its status; its body is read from it as it came.

    Follows an answer that leads elsewhere. `timeout` is how long the server may say nothing, `trust` whose
    certificates count where not the system's; `direct` is past any proxy; `body` is what is sent, with its
    Content-Length among the headers where it is a file. Raises Unreachable, also where a body breaks off.
    """
    from urllib3 import Retry
    from urllib3.exceptions import HTTPError

    once = Retry(None, connect=0, read=0, status=0, other=0, redirect=10)
    try:
        with (
            _pool(url, trust, direct) as pool,
            closing(
                pool.request(
                    method,
                    url,
                    body=body,
                    headers=headers,
                    timeout=timeout,
                    retries=once,
                    preload_content=False,
                    decode_content=False,
                )
            ) as answer,
        ):
            yield answer
    except HTTPError as error:
        raise _unreachable(error) from None


def proxy_of(url: str) -> str | None:
    """Return the proxy that leads to a server, None where none does."""
    address = urlsplit(url)
    proxy = getproxies().get(address.scheme)
    if not proxy or proxy_bypass(address.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def manifest_url(registry: str, image: str, reference: str = "") -> str:
    """Return where a registry has the manifest of an image: by its digest, its tag, or as the latest.

    The image's name is that within the registry; `reference` goes before what it says.
    """
    repository, tag, digest = re.findall(r"^(.*?)(?::([\w.-]+))?(?:@(.*))?$", image)[0]
    return f"{registry}/v2/{repository}/manifests/{reference or digest or tag or 'latest'}"


@dataclass(frozen=True)
class Registry:
    """A registry by its URL, and the user that asks it. Where it wants a token, the user gets one first."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    def ask(self, method: str, image: str, reference: str = "") -> "BaseHTTPResponse":
        """Ask about an image by its name within the registry. Raises Unreachable, or Refused."""
        url = manifest_url(self.url, image, reference)
        answer = _answer(method, url, basic(self.username, self.password))
        way = answer.headers.get("WWW-Authenticate") or ""
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', way))
        if (
            answer.status == HTTPStatus.UNAUTHORIZED
            and way.lower().startswith("bearer")
            and "realm" in challenge
        ):
            answer = _answer(method, url, {"Authorization": f"Bearer {self._token(challenge)}"})
        return _accepted(answer)

    def _token(self, challenge: Mapping[str, str]) -> str:
        query = urlencode({key: value for key, value in challenge.items() if key in ("service", "scope")})
        url = f"{challenge['realm']}?{query}"
        answer = json.loads(_accepted(_answer("GET", url, basic(self.username, self.password))).data)
        return str(answer.get("token") or answer["access_token"])


def _answer(method: str, url: str, headers: Mapping[str, str]) -> "BaseHTTPResponse":
    with answered(method, url, {**headers, "Accept": ACCEPT}) as answer:
        answer.read(cache_content=True)
        return answer


def _accepted(answer: "BaseHTTPResponse") -> "BaseHTTPResponse":
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise Refused(answer.status, answer.reason or "")
    return answer


def basic(user: str, password: str, header: str = "Authorization") -> dict[str, str]:
    """Return the header of a login by password, none where there is no user."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {header: f"Basic {pair}"} if user else {}


def _pool(url: str, trust: ssl.SSLContext | None, direct: bool) -> "PoolManager":
    from urllib3 import PoolManager, ProxyManager

    proxy = None if direct else proxy_of(url)
    if proxy is None:
        return PoolManager(ssl_context=trust)
    named = urlsplit(proxy)
    login = basic(unquote(named.username or ""), unquote(named.password or ""), "Proxy-Authorization")
    return ProxyManager(proxy, proxy_headers=login, ssl_context=trust)


def _unreachable(error: BaseException) -> Unreachable:
    """Return the failure that urllib3 wrapped, once or more."""
    wrapped = error.__cause__ or next((one for one in error.args if isinstance(one, BaseException)), None)
    if wrapped is not None:
        return _unreachable(wrapped)
    match error:
        case ssl.SSLCertVerificationError():
            return Untrusted(str(error))
        case ssl.SSLError():
            return NoTls(str(error))
        case _:
            return Unreachable(str(error))
