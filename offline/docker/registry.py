"""The one thing that an engine cannot do with a registry: to delete an image from it."""

import base64
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

from offline.docker.configuration import registry_of_image
from offline.protocol.failures import Refusal

TIMEOUT = 20
GONE = 404
NOT_ALLOWED = 405


def missing(words: str) -> bool:
    """Return whether a registry says that it does not have an image."""
    return bool(re.search(r"manifest unknown|name unknown|not found", words, re.IGNORECASE))


def delete(image: str, digest: str, login: Mapping[str, str]) -> None:
    """Delete an image by its digest; one that is gone already is no failure."""
    address = registry_of_image(image)
    repository = re.sub(r"(:[\w.-]+)?(@.*)?$", "", image.removeprefix(f"{address}/"))
    url = f"{_scheme(address)}://{address}/v2/{repository}/manifests/{digest}"
    try:
        _send(url, login)
    except urllib.error.HTTPError as failure:
        if failure.code == GONE:
            return
        why = "it does not allow that" if failure.code == NOT_ALLOWED else f"it answered {failure}"
        raise _kept(image, address, why) from failure
    except OSError as failure:
        raise _kept(image, address, f"it cannot be reached: {failure}") from failure


def _kept(image: str, address: str, why: str) -> Refusal:
    return Refusal(
        f"image {image}: registry {address} did not delete it: {why}. "
        "Set `keep_remotely=True` to leave it there."
    )


def _scheme(address: str) -> str:
    """Return http for a registry of this machine, as Docker has it, and https for any other."""
    host = address.rsplit(":", 1)[0]
    return "http" if host == "localhost" or host.startswith("127.") else "https"


def _send(url: str, login: Mapping[str, str]) -> None:
    """Send the request with the login; where the registry wants a token instead, get one by the login."""
    pair = base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode()
    basic = {"Authorization": f"Basic {pair}"}
    try:
        _request("DELETE", url, basic)
    except urllib.error.HTTPError as failure:
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', failure.headers.get("WWW-Authenticate") or ""))
        if failure.code != 401 or "realm" not in challenge:
            raise
        query = urllib.parse.urlencode({k: v for k, v in challenge.items() if k in ("service", "scope")})
        token = json.loads(_request("GET", f"{challenge['realm']}?{query}", basic))
        bearer = token.get("token") or token["access_token"]
        _request("DELETE", url, {"Authorization": f"Bearer {bearer}"})


def _request(method: str, url: str, headers: Mapping[str, str]) -> bytes:
    request = urllib.request.Request(url, method=method, headers=dict(headers))
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        body: bytes = answer.read()
    return body
