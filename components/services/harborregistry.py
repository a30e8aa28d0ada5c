"""The registry behind Harbor: it holds the layers, and takes core alone for a client.

Its configuration has no secret: REGISTRY_REDIS_PASSWORD and REGISTRY_HTTP_SECRET, which win over the file,
have them (distribution, docs/configuration, "Override specific configuration options").
"""

import hashlib
import hmac
from typing import Any

import yaml

from components.services.harbor import (
    HTPASSWD,
    HTTP_SECRET,
    LAYERS,
    REGISTRY_USER,
    address,
    cache_password,
    held,
    of_harbor,
)
from components.services.registry import bcrypt_line
from components.services.service import Command, File, Probe, Service
from config import HarborMirror, catalogue

FACTS = catalogue().services["harborregistry"]
PORT = FACTS.ports["http"].number
STORAGE = FACTS.volumes["harborregistry"].path
CONFIG = "/etc/registry/config.yml"


def config_yml(settings: HarborMirror) -> str:
    """Render the registry's `config.yml`, which its controller reads, too."""
    cache = address(settings, "harborcache")
    tree: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "info", "fields": {"service": "registry"}},
        "storage": {
            "cache": {"layerinfo": "redis"},
            "filesystem": {"rootdirectory": STORAGE},
            "maintenance": {
                "uploadpurging": {"enabled": True, "age": "168h", "interval": "24h", "dryrun": False}
            },
            "delete": {"enabled": True},
        },
        "redis": {
            "addr": f"{cache.host}:{cache.port}",
            "readtimeout": "10s",
            "writetimeout": "10s",
            "dialtimeout": "10s",
            "db": LAYERS,
            "pool": {"maxidle": 100, "maxactive": 500, "idletimeout": "60s"},
        },
        "http": {"addr": f":{PORT}", "debug": {"addr": "localhost:5001"}},
        "auth": {
            "htpasswd": {"realm": "harbor-registry-basic-realm", "path": f"/run/secrets/{HTPASSWD.name}"}
        },
        "validation": {"disabled": True},
        "compatibility": {"schema1": {"enabled": True}},
    }
    return yaml.safe_dump(tree, sort_keys=False)


def htpasswd(secret_key: str, password: str) -> str:
    """Return the account that core has here, its salt derived from the stack's key."""
    salt = hmac.new(secret_key.encode(), b"harborregistry/htpasswd/salt", hashlib.sha256).digest()
    return bcrypt_line(REGISTRY_USER, password, salt)


def service(settings: HarborMirror) -> Service:
    """Make the registry behind a Harbor. Nobody but its services reaches it."""
    cache = cache_password(settings)
    return of_harbor(
        "harborregistry",
        settings,
        probe=Probe(Command(("curl", "--fail", "-s", f"http://127.0.0.1:{PORT}"))),
        environment={"HOME": "/tmp"},
        exports={
            "REGISTRY_HTTP_SECRET": held(HTTP_SECRET),
            **({"REGISTRY_REDIS_PASSWORD": held(cache)} if cache else {}),
        },
        files=(File.named(CONFIG, config_yml(settings)),),
        secrets=(HTPASSWD, HTTP_SECRET, *((cache,) if cache else ())),
    )
