"""The logins that `docker login` left on this machine, in its file or with its credential helper.

Those of `helm registry login` lie in a file of the same form; Helm looks into Docker's, too.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from docker.auth import load_config
from docker.errors import DockerException

from clients.failures import Failure

HUB = "registry-1.docker.io"


def login_of(host: str) -> tuple[str, str]:
    """Return the user and the password for a registry by its host and port, empty where there is none.

    An identity token, which some clouds' logins leave in the place of a password, is passed over. Raises
    Failure where a credential helper fails.
    """
    return _read(_entry(host) or {})


def helm_login_of(host: str) -> tuple[str, str] | None:
    """Return the same for Helm, None where neither `helm registry login` nor `docker login` left any."""
    found = _entry(host, _helms_file()) or _entry(host)
    return None if found is None else _read(found)


def _helms_file() -> str:
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    folder = os.environ.get("HELM_CONFIG_HOME") or f"{config}/helm"
    return os.environ.get("HELM_REGISTRY_CONFIG") or f"{folder}/registry/config.json"


def _entry(host: str, file: str | None = None) -> Mapping[str, str] | None:
    try:
        known = load_config(file)
        return known.resolve_authconfig("docker.io" if host == HUB else host) or None
    except DockerException as error:
        where = file or "Docker's configuration"
        raise Failure(f"the login for {host} cannot be read from {where}: {error}") from None


def _read(entry: Mapping[str, str]) -> tuple[str, str]:
    given = {key.lower(): value for key, value in entry.items()}
    return given.get("username") or "", given.get("password") or ""
