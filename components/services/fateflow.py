"""The party's FATE-Flow server: it takes jobs, plans them and runs FATE's algorithms."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from components.services import broker, database, eggroll, hadoop, model_store, pulsar, spark, zookeeper
from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.job_defaults import FILE, job_defaults
from components.services.service import File, Http, Probe, Secret, Service
from components.services.service_conf import service_conf
from components.services.start import START, started
from config import Computing, catalogue

HEALTH = "/v2/server/fateflow"


def service(context: PartyContext) -> Service:
    """Make the FATE-Flow server of one party. It makes its own database tables at its first start.

    Its `conf` folder is filled at every start: with the image's own files, then with ours. `temps` is first
    written to at an upload (facts/fate-on-kubernetes.md).
    """
    files, paths = _conf(context), context.layout("fateflow").paths
    folder = f"{paths['home']}/conf"
    images_own = {paths["conf"]: folder} if "conf" in paths else {}
    made = catalogued(
        "fateflow",
        context,
        command=started(
            images_own | {file.path: f"{folder}/{file.path.rpartition('/')[2]}" for file in files},
            context.program("fateflow"),
            context.awaited("fateflow"),
        ),
        probe=Probe(
            Http(
                catalogue().port("fateflow", "http"),
                HEALTH,
                '"code":0',
                on_own_address=True,
                status_tells=True,
            )
        ),
        environment={"HOME": "/tmp", **_environment(context, folder)},
        files=(START, *files, *_for_eggroll(context)),
        secrets=_secrets(context),
    )
    further = (*model_store.addresses(context), *zookeeper.addresses(context))
    return replace(
        made, fetches_from=(*made.fetches_from, *further), called_back_at=spark.called_back_at(context)
    )


def render(tree: Mapping[str, Any]) -> str:
    """Return a tree as YAML, its keys in the order given."""
    return yaml.safe_dump(tree, sort_keys=False)


def _conf(context: PartyContext) -> tuple[File, ...]:
    """Return each file of the folder `conf` that is written here."""
    own = (File.named(f"/etc/fate/{name}", text) for name, text in _texts(context))
    return (*own, *_for_spark(context), *_for_hdfs(context))


def _texts(context: PartyContext) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file that FATE-Flow itself reads."""
    yield "service_conf.yaml", render(service_conf(context))
    if context.settings.engines.computing is not Computing.STANDALONE:
        yield FILE, render(job_defaults(context))
    if "broker" in context.used:
        yield "rabbitmq_route_table.yaml", render(broker.route_table(context))
    if "pulsar" in context.used:
        yield "pulsar_route_table.yaml", render(pulsar.route_table(context))


def _for_eggroll(context: PartyContext) -> Iterator[File]:
    """Yield what Eggroll's client reads in FATE-Flow: no password is in it."""
    if "clustermanager" in context.present:
        folder = f"{context.layout('fateflow').paths['eggroll']}/conf"
        yield File.named(f"{folder}/eggroll.properties", eggroll.properties(context))


def _for_spark(context: PartyContext) -> Iterator[File]:
    if context.settings.engines.computing is Computing.SPARK:
        yield spark.defaults_file(context, "fateflow", spark.for_driver(context))


def _for_hdfs(context: PartyContext) -> Iterator[File]:
    if "namenode" in context.used:
        yield hadoop.site_file(context, "fateflow", "/etc/fate", hadoop.CORE, hadoop.core(context))
        yield hadoop.site_file(context, "fateflow", "/etc/fate", hadoop.HDFS, hadoop.client(context))


def _environment(context: PartyContext, conf: str) -> dict[str, str]:
    """Return what FATE-Flow and its tasks find their way by: as Spark's driver, and as a client of HDFS."""
    found: dict[str, str] = {}
    if context.settings.engines.computing is Computing.SPARK:
        found["SPARK_CONF_DIR"] = conf
    if "namenode" in context.used:
        jars = context.layout("fateflow").paths["jars"]
        found |= {
            "HADOOP_CONF_DIR": conf,
            "HADOOP_USER_NAME": hadoop.user(context),
            "CLASSPATH": f"{conf}:{jars}/*",
        }
    return found


def _secrets(context: PartyContext) -> list[Secret]:
    held = {
        "broker": broker.password(context),
        "database": database.password(context),
    }
    own = [secret for holder, secret in held.items() if holder in context.used]
    return [
        *own,
        *spark.secrets_of_driver(context),
        *model_store.secrets(context),
        *zookeeper.secrets(context),
    ]
