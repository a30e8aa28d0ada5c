"""A Spark that others run: what FATE-Flow, the driver of each task, is told of it.

Its executors dial the driver back, at two ports for each task that runs: so these are few and known.
"""

from collections.abc import Mapping

from components.services.context import PartyContext
from components.services.service import Secret
from config.external import ExternalSpark

SECRET = "spark-secret"


def of(context: PartyContext) -> ExternalSpark | None:
    """Return what others run in the place of the party's Spark, None where it has its own or needs none."""
    others = context.settings.outside.get("sparkmaster")
    return others if isinstance(others, ExternalSpark) else None


def secrets(others: ExternalSpark) -> tuple[Secret, ...]:
    """Return the secret that its services know each other by, where it asks for one: it was given."""
    return (Secret(SECRET, "fateflow", given=others.secret.secret),) if others.secret else ()


def known_to(others: ExternalSpark) -> Mapping[str, object]:
    """Return what makes it take a task."""
    if others.secret is None:
        return {"spark.authenticate": "false"}
    return {"spark.authenticate": "true", "spark.authenticate.secret": f"@@secret:{SECRET}@@"}


def way_back(others: ExternalSpark) -> Mapping[str, object]:
    """Return where executors dial the driver: at the engine's machine, or at a pod's own address.

    Spark takes the next port where one is taken, and so on, `maxRetries` times.
    """
    ports = others.called_back_at
    half = len(ports) // 2
    return {
        "spark.driver.host": others.driver.host if others.driver else "@@address@@",
        "spark.driver.port": ports[0],
        "spark.driver.blockManager.port": ports[half],
        "spark.port.maxRetries": half - 1,
    }
