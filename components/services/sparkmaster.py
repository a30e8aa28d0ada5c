"""The party's Spark master: it gives the cores of workers to jobs."""

from components.services import spark
from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.service import Http, Probe, Service
from components.services.start import OWN_ADDRESS, START, started
from config import catalogue

FACTS = catalogue().services["sparkmaster"]


def service(context: PartyContext) -> Service:
    """Make the master of one party. It remembers nothing: after a restart workers and jobs return to it."""
    home = context.layout("sparkmaster").paths["home"]
    heap = context.memory("sparkmaster") // 2
    own = {**spark.known_to_each_other(), "spark.ui.killEnabled": "false"}
    return catalogued(
        "sparkmaster",
        context,
        command=started(
            {f"/etc/fate/{spark.DEFAULTS}": f"{home}/{spark.DEFAULTS}"}, ("sh", "-c", _command(context))
        ),
        probe=Probe(Http(FACTS.ports["web"].number, "/json/", '"status" : "ALIVE"')),
        environment={"HOME": "/tmp", "SPARK_CONF_DIR": home, "SPARK_DAEMON_MEMORY": f"{heap}m"},
        files=(START, spark.defaults_file(context, "sparkmaster", own)),
        secrets=(spark.secret(context.rotation.spark),),
    )


def _command(context: PartyContext) -> str:
    """Return the shell's words. It listens on its own address, for its name may be a Service's."""
    program = " ".join(context.program("sparkmaster"))
    ports = {name: port.number for name, port in FACTS.ports.items()}
    return f'exec {program} --host "{OWN_ADDRESS}" --port {ports["spark"]} --webui-port {ports["web"]}'
