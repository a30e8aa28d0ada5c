"""The logins that `docker login` left on this machine, in its file or with its credential helper."""

from docker.auth import load_config
from docker.errors import DockerException

from clients.failures import Failure

HUB = "registry-1.docker.io"


def login_of(host: str) -> tuple[str, str]:
    """Return the user and the password for a registry by its host and port, empty where there is none.

    An identity token, which some clouds' logins leave in the place of a password, is passed over. Raises
    Failure where a credential helper fails.
    """
    try:
        found = load_config().resolve_authconfig("docker.io" if host == HUB else host) or {}
    except DockerException as error:
        raise Failure(f"the login for {host} cannot be read from Docker's configuration: {error}") from None
    given = {key.lower(): value for key, value in found.items()}
    return given.get("username") or "", given.get("password") or ""
