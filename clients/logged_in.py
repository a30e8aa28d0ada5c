"""A registry as this machine is logged in to it."""

from pathlib import Path
from urllib.parse import urlsplit

from clients.authority import trusting
from clients.docker_login import login_of
from clients.failures import Failure
from clients.repository import Server


def logged_in(url: str, ca_file: str | Path | None = None, direct: bool = False) -> Server:
    """Return a registry with the login that `docker login` left for it.

    Raises Failure, with what to do, where that cannot be read, or the file of an authority.
    """
    host = urlsplit(url).netloc
    try:
        user, password = login_of(host)
    except Failure as reason:
        raise Failure(f"{reason}. Log in anew: docker login {host}") from None
    return Server(url, user, password, trusting(ca_file) if ca_file else None, direct)
