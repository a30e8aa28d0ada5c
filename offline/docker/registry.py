"""What the plugin asks of a registry itself, without an engine: the digest of an image, and to delete it."""

import base64
import hashlib
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import NamedTuple

from offline.docker.configuration import Login
from offline.protocol.failures import Refusal

TIMEOUT = 20
GONE = 404
NOT_ALLOWED = 405
NO_LOGIN = 401
KINDS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


class Registry(NamedTuple):
    """A registry by its URL, and who asks. An address without a scheme is asked by https."""

    url: str
    login: Login

    def digest(self, image: str) -> str:
        """Return the digest of what the image's tag leads to."""
        try:
            answer = self._asked("HEAD", image, _tag(image))
        except (OSError, ValueError) as failure:
            raise Refusal(
                f"image {image}: Got error getting registry image digest: {failure} (asked of {self.url}). "
                "A registry that speaks plain http has an address that begins with http://."
            ) from failure
        told = answer.headers["Docker-Content-Digest"]
        return told or f"sha256:{hashlib.sha256(answer.read()).hexdigest()}"

    def delete(self, image: str, digest: str) -> None:
        """Delete an image by its digest; one that is gone already is no failure."""
        try:
            self._asked("DELETE", image, digest)
        except urllib.error.HTTPError as failure:
            if failure.code == GONE:
                return
            why = "it does not allow that" if failure.code == NOT_ALLOWED else f"it answered {failure}"
            raise self._kept(image, why) from failure
        except OSError as failure:
            raise self._kept(image, f"it cannot be reached: {failure}") from failure

    def _kept(self, image: str, why: str) -> Refusal:
        return Refusal(
            f"image {image}: Got error deleting registry image: {self.url}: {why}. "
            "Set `keep_remotely=True` to leave it there."
        )

    def _asked(self, method: str, image: str, reference: str) -> HTTPResponse:
        """Send a request with the login; where the registry wants a token instead, get one by the login."""
        url = f"{self.url}/v2/{_repository(image)}/manifests/{reference}"
        pair = base64.b64encode(f"{self.login.username}:{self.login.password}".encode()).decode()
        basic = {"Authorization": f"Basic {pair}"} if self.login.username else {}
        try:
            return _sent(method, url, basic)
        except urllib.error.HTTPError as failure:
            challenge = dict(re.findall(r'(\w+)="([^"]*)"', failure.headers.get("WWW-Authenticate") or ""))
            if failure.code != NO_LOGIN or "realm" not in challenge:
                raise
            query = urllib.parse.urlencode({k: v for k, v in challenge.items() if k in ("service", "scope")})
            token = json.loads(_sent("GET", f"{challenge['realm']}?{query}", basic).read())
            return _sent(
                method, url, {"Authorization": f"Bearer {token.get('token') or token['access_token']}"}
            )


def url_of(address: str) -> str:
    """Return the URL of a registry's address, which may name a scheme and a path."""
    scheme = "http" if address.startswith("http://") else "https"
    return f"{scheme}://{address.removeprefix('http://').removeprefix('https://').split('/')[0]}"


def _repository(image: str) -> str:
    return re.sub(r"(:[\w.-]+)?(@.*)?$", "", image.partition("/")[2])


def _tag(image: str) -> str:
    found = re.search(r"(?::([\w.-]+))?(?:@(.*))?$", image.partition("/")[2])
    return (found[2] or found[1] if found else "") or "latest"


def _sent(method: str, url: str, headers: Mapping[str, str]) -> HTTPResponse:
    request = urllib.request.Request(url, method=method, headers={**headers, "Accept": ", ".join(KINDS)})
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
    return answer
