"""What all of Eggroll's processes of one party are told: the one file of properties, and their Java.

The keys of the file are set once, at the cluster manager: they hold for the node managers and FATE-Flow too.
"""

from pathlib import Path

from components.services.context import PartyContext
from components.services.properties import rendered
from components.services.service import File
from config import catalogue

CLUSTER_MANAGER = "clustermanager"
DAEMON = "EGGROLL_DAEMON"
HEAP = (
    "-Xmx64m",
    "-XX:MaxMetaspaceSize=96m",
    "-XX:ReservedCodeCacheSize=48m",
    "-XX:+UseSerialGC",
    "-Xss512k",
)
"""Enough for both managers, which compute nothing (facts/official-layout.md, "J")."""


LOGGING = File("/etc/fate/log4j2.xml", Path(__file__).with_name("log4j2.xml").read_text())
"""Both managers log to their container's output, and tell no property there: the image's own tells all."""


def properties(context: PartyContext, account: dict[str, object] | None = None) -> str:
    """Render `eggroll.properties`. The database's `account` is for the cluster manager alone.

    Whoever needs no password is told none: Eggroll's scripts write down all that they know.
    """
    own = {**_places(context), **(account or {}), **_sessions()}
    return "[eggroll]\n" + rendered(own, context.configuration(CLUSTER_MANAGER, "eggroll.properties"))


def daemon(kind: str, context: PartyContext, file: str) -> tuple[str, ...]:
    """Return the command of one of Eggroll's two managers, that reads the properties in `file`."""
    home = context.layout(kind).paths["home"]
    return (
        *context.program(kind),
        *HEAP,
        f"-Dlog4j.configurationFile={LOGGING.path}",
        f"-Dmodule={kind}",
        "-cp",
        f"{home}/lib/*:",
        f"org.fedai.eggroll.{kind}.Bootstrap",
        "-c",
        file,
        "-p",
        str(catalogue().port(kind, "grpc")),
        "-s",
        DAEMON,
    )


def environment(kind: str) -> dict[str, str]:
    """Return the variables of one of the two managers; without `module` its log has no name."""
    return {"HOME": "/tmp", "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python", "module": kind}


def _places(context: PartyContext) -> dict[str, object]:
    home = context.layout(CLUSTER_MANAGER).paths["home"]
    return {
        "eggroll.resourcemanager.clustermanager.host": CLUSTER_MANAGER,
        "eggroll.resourcemanager.clustermanager.port": catalogue().port(CLUSTER_MANAGER, "grpc"),
        "eggroll.resourcemanager.nodemanager.host": context.instance or context.all_of(["nodemanager"])[0],
        "eggroll.resourcemanager.nodemanager.port": catalogue().port("nodemanager", "grpc"),
        "eggroll.resourcemanager.nodemanager.net.device": "eth0",
        "eggroll.resourcemanager.nodemanager.gpu.num.shell": "nvidia.sh",
        "eggroll.resourcemanager.process.tag": context.settings.id,
        "eggroll.data.dir": f"{home}/data/",
        "eggroll.logs.dir": f"{home}/logs/",
    }


def _sessions() -> dict[str, object]:
    eggs = "eggroll.resourcemanager.bootstrap.egg_pair"
    return {
        "eggroll.bootstrap.root.script": "bin/eggroll_boot.sh",
        f"{eggs}.exepath": "bin/roll_pair/egg_pair_bootstrap.sh",
        f"{eggs}.venv": "",
        f"{eggs}.pythonpath": "python",
        f"{eggs}.filepath": "python/eggroll/computing/egg_pair/egg_pair.py",
        f"{eggs}.ld_library_path": "",
        "eggroll.session.processors.per.node": 2,
    }
