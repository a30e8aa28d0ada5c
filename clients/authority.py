"""An authority of the operator's own, by the path of a PEM file, trusted beside those of the system."""

import ssl
from pathlib import Path

from clients.failures import Failure


def trusting(file: str | Path) -> ssl.SSLContext:
    """Return whose certificates count. Raises Failure for a file that cannot be read as certificates."""
    trust = ssl.create_default_context()
    try:
        trust.load_verify_locations(Path(file).expanduser())
    except OSError as error:
        raise Failure(f"ca-file {file} cannot be read as certificates: {error}") from None
    return trust
