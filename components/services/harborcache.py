"""Harbor's Valkey: sessions, the queue of jobs, the registry's cache. It asks for a password."""

from components.services.harbor import CACHE_CONF, of_harbor
from components.services.service import Command, File, Probe, Service
from config import HarborMirror, catalogue

FACTS = catalogue().services["harborcache"]
PORT = FACTS.ports["redis"].number
CONF = "/etc/fate/valkey.conf"
PROBE = ("bash", "-c", f": </dev/tcp/127.0.0.1/{PORT}")


def valkey_conf() -> str:
    """Render `valkey.conf`, which takes the password from a file of its own."""
    keys = {
        "port": PORT,
        "protected-mode": "no",
        "daemonize": "no",
        "dir": FACTS.volumes["harborcache"].path,
        "save": "900 1 300 10 60 10000",
        "appendonly": "no",
        "include": f"/run/secrets/{CACHE_CONF.name}",
    }
    return "".join(f"{key} {value}\n" for key, value in keys.items())


def password_conf(password: str) -> str:
    """Render the file with the password."""
    return f"requirepass {password}\n"


def service(settings: HarborMirror) -> Service:
    """Make the cache of a Harbor. Nobody but Harbor's services reaches it."""
    return of_harbor(
        "harborcache",
        settings,
        probe=Probe(Command(PROBE)),
        environment={"HOME": FACTS.volumes["harborcache"].path},
        files=(File.named(CONF, valkey_conf()),),
        secrets=(CACHE_CONF,),
    )
