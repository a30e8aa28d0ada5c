"""The party's Eggroll cluster manager: it knows tables and node managers, and opens sessions.

Its tables lie in FATE-Flow's own schema; the party's own database makes them. In one that others run they are
made by hand (`fate sql`).
"""

from components.services import database, eggroll
from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.service import File, Probe, Service, Tcp
from components.services.start import START, started
from config import catalogue

PROPERTIES = "/tmp/eggroll.properties"


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return Eggroll as FATE-Flow's `service_conf.yaml` has it."""
    return {
        "cores": cores(context),
        "nodes": len(context.all_of(["nodemanager"])),
        "host": eggroll.CLUSTER_MANAGER,
        "port": catalogue().port(eggroll.CLUSTER_MANAGER, "grpc"),
    }


def cores(context: PartyContext) -> int:
    """Return how many processes all node managers have the memory for; FATE-Flow counts them as cores.

    What each takes, and a node manager itself, stands in the catalogue.
    """
    facts = catalogue().services["nodemanager"].memory
    each = max(1, (context.memory("nodemanager") - (facts.alone or 0)) // (facts.process or 1))
    return each * len(context.all_of(["nodemanager"]))


def service(context: PartyContext) -> Service:
    """Make the cluster manager of one party. Its dashboard stays closed.

    Its port opens once the database has answered, and stays open if that dies later
    (facts/official-layout.md).
    """
    text = eggroll.properties(context, _account(context))
    return catalogued(
        eggroll.CLUSTER_MANAGER,
        context,
        command=started(
            {"/etc/fate/eggroll.properties": PROPERTIES},
            eggroll.daemon(eggroll.CLUSTER_MANAGER, context, PROPERTIES),
            context.awaited(eggroll.CLUSTER_MANAGER),
        ),
        probe=Probe(Tcp(catalogue().port(eggroll.CLUSTER_MANAGER, "grpc"))),
        environment=eggroll.environment(eggroll.CLUSTER_MANAGER),
        files=(START, eggroll.LOGGING, File.named("/etc/fate/eggroll.properties", text)),
        secrets=(database.password(context),),
    )


def _account(context: PartyContext) -> dict[str, object]:
    key = "eggroll.resourcemanager.clustermanager.jdbc"
    options = "useSSL=false&serverTimezone=UTC&characterEncoding=utf8&allowPublicKeyRetrieval=true"
    (schema, user), there = database.account(context), context.address("database", "mysql")
    return {
        f"{key}.driver.class.name": "com.mysql.cj.jdbc.Driver",
        f"{key}.url": f"jdbc:mysql://{there.host}:{there.port}/{schema}?{options}",
        f"{key}.username": user,
        f"{key}.password": f"@@secret:{database.PASSWORD}@@",
    }
