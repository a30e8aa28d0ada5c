"""A Spark worker of the party: it runs the executors of jobs, with FATE's code."""

from components.services import spark
from components.services.catalogued import catalogued
from components.services.context import PartyContext, overlaid
from components.services.service import Command, File, Probe, Service
from components.services.start import OWN_ADDRESS, START, started
from config import catalogue
from config.spark import OF_A_WORKER, WORKER, spark_plan

FACTS = catalogue().services["sparkworker"]
REGISTERED = (
    "busybox wget -q -O - http://sparkmaster:{web}/json/ | tr -d ' \\n' | sed 's/{{\"id\"/\\n&/g'"
    ' | grep -F "\\"host\\":\\"{own}\\"," | grep -q \'"state":"ALIVE"\''
)
"""Asks the master for its workers, a line each, and looks for this one among those that are alive."""


def service(context: PartyContext) -> Service:
    """Make a worker. It is well where the master counts it among its own."""
    home = context.layout("sparkworker").paths["home"]
    files = {name: f"{home}/{name}" for name in (spark.DEFAULTS, WORKER)}
    own = {**spark.known_to_each_other(), "spark.worker.cleanup.enabled": "true"}
    asked = REGISTERED.format(web=catalogue().port("sparkmaster", "web"), own=OWN_ADDRESS)
    return catalogued(
        "sparkworker",
        context,
        command=started(
            {f"/etc/fate/{name}": path for name, path in files.items()},
            ("sh", "-c", _command(context, home)),
            context.awaited("sparkworker"),
        ),
        probe=Probe(Command(("sh", "-c", asked))),
        environment={
            "HOME": "/tmp",
            "SPARK_CONF_DIR": home,
            "SPARK_DAEMON_MEMORY": f"{OF_A_WORKER * 3 // 4}m",
        },
        files=(START, spark.defaults_file(context, "sparkworker", own), _settings_file(context)),
        secrets=(spark.secret(context.rotation.spark),),
    )


def _settings_file(context: PartyContext) -> File:
    """Return `spark-env.sh`: what the worker offers."""
    plan = spark_plan(context.settings)
    assert plan is not None
    own = {"SPARK_WORKER_CORES": plan.worker_cores, "SPARK_WORKER_MEMORY": f"{plan.worker_heaps}m"}
    settings = overlaid(own, context.configuration("sparkworker", WORKER))
    return File.named(
        f"/etc/fate/{WORKER}", "".join(f"export {key}={value}\n" for key, value in settings.items())
    )


def _command(context: PartyContext, home: str) -> str:
    program = " ".join(context.program("sparkworker"))
    web, master = FACTS.ports["web"].number, spark.master(context)
    return f'exec {program} --host "{OWN_ADDRESS}" --webui-port {web} --work-dir {home}/work {master}'
