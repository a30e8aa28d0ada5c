"""The registry that parties pull from: the CNCF distribution registry."""

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import bcrypt
import yaml

from components.services.catalogued import neutral
from components.services.service import File, Http, Probe, Secret, Service
from config import catalogue

FACTS = catalogue().services["registry"]
LAYOUT = catalogue().layout("registry", "packages", catalogue().releases[-1])
PORT = FACTS.ports["http"].number
HEALTH_PORT = 5001
DATA = FACTS.volumes["registry"].path
ACCOUNT = "fate"
PASSWORD = Secret("password", holder="registry")
HTPASSWD = "htpasswd"

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT64 = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def config_yml(upstream: str | None, login: bool = False) -> str:
    """Render the registry's configuration; with an `upstream` it is a cache and takes no push.

    Its health answers on a port of its own, on loopback: the other one may ask for a login.
    """
    tree: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": False}},
        "storage": {"filesystem": {"rootdirectory": DATA}, "delete": {"enabled": True}},
        "http": {"addr": f":{PORT}", "debug": {"addr": f"127.0.0.1:{HEALTH_PORT}"}},
        "health": {"storagedriver": {"enabled": True, "interval": "10s", "threshold": 3}},
    }
    if login:
        tree["auth"] = {"htpasswd": {"realm": "fate", "path": f"/run/secrets/{HTPASSWD}"}}
    if upstream is not None:
        tree["proxy"] = {"remoteurl": upstream}
    return yaml.safe_dump(tree, sort_keys=False)


def htpasswd(secret_key: str, password: str) -> str:
    """Return the registry's one account with the password's bcrypt hash, the only kind that it reads.

    The salt is derived from the stack's key, so that the next preview finds the same hash.
    """
    salt = hmac.new(secret_key.encode(), b"registry/htpasswd/salt", hashlib.sha256).digest()
    return bcrypt_line(ACCOUNT, password, salt)


def bcrypt_line(user: str, password: str, salt: bytes) -> str:
    """Return a line of an htpasswd file, by the first 16 bytes of a salt."""
    spelled = base64.b64encode(salt[:16]).rstrip(b"=").translate(bytes.maketrans(_BASE64, _BCRYPT64))
    return f"{user}:{bcrypt.hashpw(password.encode(), b'$2b$10$' + spelled).decode()}\n"


def registry(upstream: str | None, login: bool = False) -> Service:
    """Make the registry of a mirror. Without a `login`, publish it on loopback, or behind what asks."""
    made = neutral(
        "registry",
        LAYOUT,
        command=LAYOUT.program,
        probe=Probe(Http(HEALTH_PORT, "/debug/health", "{}")),
        environment={"HOME": DATA},
        files=(File.named("/etc/fate/config.yml", config_yml(upstream, login)),),
        secrets=(Secret(HTPASSWD, holder="registry"),) if login else (),
    )
    return replace(made, fetches_from=(_address(upstream),)) if upstream else made


def _address(upstream: str) -> tuple[str, int]:
    """Return the host and the port of a URL."""
    url = urlsplit(upstream)
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
