"""Harbor's PostgreSQL. Its image makes the database at the first start, and keeps the password of that.

So a stack's new secret key does not reach it: core would be refused. POSTGRES_PASSWORD_FILE: Harbor 2.15.2,
make/photon/db/initdb.sh.
"""

from components.services.harbor import DATABASE_NAME, DATABASE_USER, database_password, of_harbor
from components.services.service import Command, Probe, Service
from config import HarborMirror

QUESTION = ("psql", "-h", "127.0.0.1", "-U", DATABASE_USER, "-d", DATABASE_NAME, "-qtAc", "SELECT 1")
"""Which nobody but the container itself may ask without a password."""


def service(settings: HarborMirror) -> Service:
    """Make the database of a Harbor. It opens no TLS port, and nobody but Harbor's services reaches it."""
    password = database_password(settings)
    return of_harbor(
        "harbordatabase",
        settings,
        probe=Probe(Command(QUESTION)),
        environment={"POSTGRES_PASSWORD_FILE": f"/run/secrets/{password.name}"},
        secrets=(password,),
    )
