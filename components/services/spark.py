"""Spark's `spark-defaults.conf`: for its master and workers, and for FATE-Flow, the driver of each task."""

from collections.abc import Mapping

from components.services import spark_elsewhere
from components.services.context import PartyContext, overlaid
from components.services.service import File, Secret
from config.spark import DRIVER, SparkPlan, spark_plan

DEFAULTS = DRIVER
SECRET = spark_elsewhere.SECRET
LOCAL_MEMORY, DRIVER_MEMORY = 4, 6
"""Which part of FATE-Flow's memory is the heap of a task: where Spark computes in it, or on workers."""

Conf = Mapping[str, object]


def secret(rotation: int) -> Secret:
    """Return what Spark's services know each other by."""
    return Secret(SECRET, holder="sparkmaster", rotation=rotation)


def secrets_of_driver(context: PartyContext) -> tuple[Secret, ...]:
    """Return what FATE-Flow is known to Spark's services by: to its own, or to those that others run."""
    if (others := spark_elsewhere.of(context)) is not None:
        return spark_elsewhere.secrets(others)
    return (secret(context.rotation.spark),) if "sparkmaster" in context.present else ()


def called_back_at(context: PartyContext) -> range:
    """Return the ports at which executors that others run dial FATE-Flow."""
    others = spark_elsewhere.of(context)
    return others.called_back_at if others else range(0)


def master(context: PartyContext) -> str:
    """Return the address of the party's master, or of that which others run for it."""
    there = context.address("sparkmaster", "spark")
    return f"spark://{there.host}:{there.port}"


def known_to_each_other() -> Conf:
    """Return what makes Spark's services take nothing from anybody else."""
    return {"spark.authenticate": "true", "spark.authenticate.secret": f"@@secret:{SECRET}@@"}


def defaults_file(context: PartyContext, service: str, own: Conf) -> File:
    """Return the file with the keys that the stack lays over it."""
    return File.named(f"/etc/fate/{DEFAULTS}", conf(overlaid(own, context.configuration(service, DEFAULTS))))


def conf(properties: Conf) -> str:
    """Render properties, a line each."""
    texts = {
        key: str(value).lower() if isinstance(value, bool) else value for key, value in properties.items()
    }
    return "".join(f"{key} {value}\n" for key, value in texts.items())


def for_driver(context: PartyContext) -> Conf:
    """Return the properties of the driver, for a party that computes on Spark."""
    plan = spark_plan(context.settings)
    assert plan is not None
    memory = context.memory("fateflow")
    own = {
        "spark.driver.host": "@@address@@",
        "spark.driver.bindAddress": "0.0.0.0",
        "spark.local.dir": "/tmp",
    }
    quiet = {"spark.ui.enabled": "false"}
    on_workers = {"spark.driver.memory": f"{memory // DRIVER_MEMORY}m", **quiet}
    if (others := spark_elsewhere.of(context)) is not None:
        known = spark_elsewhere.known_to(others)
        return {**_shared(context, plan, known), **own, **spark_elsewhere.way_back(others), **on_workers}
    if plan.workers:
        heap = {"spark.executor.memory": f"{plan.executor_heap}m"}
        return {**_shared(context, plan, known_to_each_other()), **heap, **own, **on_workers}
    local = {"spark.master": f"local[{plan.cores}]"}
    return {**local, **own, "spark.driver.memory": f"{memory // LOCAL_MEMORY}m", **quiet}


def _shared(context: PartyContext, plan: SparkPlan, known: Conf) -> Conf:
    """Return what holds each task to its executors. Spark's master would give it all that is free."""
    return {
        "spark.master": master(context),
        **known,
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        "spark.dynamicAllocation.minExecutors": plan.executors,
        "spark.dynamicAllocation.maxExecutors": plan.executors,
    }
