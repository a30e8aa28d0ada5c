"""One of the party's Eggroll node managers: it starts what computes, and keeps tables on its volume.

Eggroll knows it by its host name, under which it finds its tables again: the name of the service, which
stays.
"""

from components.services import eggroll
from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.service import File, Probe, Service, Tcp
from components.services.start import START, started
from config import catalogue

KIND = "nodemanager"
FOLDER = "/etc/fate/eggroll"


def service(context: PartyContext) -> Service:
    """Make a node manager. Its port opens before it is registered: only the cluster manager's table tells.

    It reads `node-extend-env.properties` beside its properties, and stops without it
    (facts/official-layout.md).
    """
    properties = f"{FOLDER}/eggroll.properties"
    return catalogued(
        KIND,
        context,
        command=started({}, eggroll.daemon(KIND, context, properties), context.awaited(KIND)),
        probe=Probe(Tcp(catalogue().port(KIND, "grpc"))),
        environment={**eggroll.environment(KIND), "PYTHONPATH": _python_path(context)},
        files=(
            START,
            eggroll.LOGGING,
            File.named(properties, eggroll.properties(context)),
            File.named(f"{FOLDER}/node-extend-env.properties", ""),
        ),
    )


def _python_path(context: PartyContext) -> str:
    fate = context.layout(KIND).paths["home"].rpartition("/")[0]
    return ":".join(f"{fate}/{part}/python" for part in ("fate", "fate_flow", "eggroll"))
