"""The party's RabbitMQ: the data plane of the federation.

FATE makes users, virtual hosts, upstreams and policies for each task through the management API, and a
peer's broker logs in with the task's own user; the account made here never leaves the party
(source: FATE 2.2.0, fate/arch/federation/backends/rabbitmq).
"""

import json
from collections.abc import Mapping

from components.services.catalogued import catalogued
from components.services.context import PartyContext, overlaid
from components.services.service import File, Http, Probe, Secret, Service
from components.services.start import START, started
from config import catalogue
from config.external import ExternalBroker

FACTS = catalogue().services["broker"]
USER = "fate"
PASSWORD = "broker-password"
DEFINITIONS = "/tmp/definitions.json"

CONF: Mapping[str, object] = {
    "listeners.tcp.default": FACTS.ports["amqp"].number,
    "management.tcp.port": FACTS.ports["management"].number,
    "load_definitions": DEFINITIONS,
    "loopback_users": "none",
    "max_message_size": 536870912,
    "log.console": "true",
    "log.file": "false",
}
PLUGINS = "[rabbitmq_management,rabbitmq_federation,rabbitmq_federation_management].\n"
ENVIRONMENT = {
    "HOME": FACTS.volumes["broker"].path,
    "RABBITMQ_NODENAME": "rabbit@localhost",
    "RABBITMQ_CONFIG_FILE": "/etc/fate/rabbitmq.conf",
    "RABBITMQ_ENABLED_PLUGINS_FILE": "/etc/fate/enabled_plugins",
}


def password(context: PartyContext) -> Secret:
    """Return the password of the account that FATE-Flow administers the broker with."""
    return context.account_password("broker", PASSWORD, context.rotation.broker)


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return the broker as FATE-Flow's `service_conf.yaml` has it."""
    others = context.settings.outside.get("broker")
    there = context.address("broker", "amqp")
    return {
        "host": there.host,
        "mng_port": context.address("broker", "management").port,
        "port": there.port,
        "user": others.user if isinstance(others, ExternalBroker) else USER,
        "password": f"@@secret:{PASSWORD}@@",
        "route_table": None,
        "mode": str(context.settings.mode),
    }


def route_table(context: PartyContext) -> Mapping[str, object]:
    """Return the tree of `rabbitmq_route_table.yaml`: where each party's broker is, the own one included."""
    return {party: there._asdict() for party, there in context.met_at("broker", "amqp").items()}


def rabbitmq_conf(overrides: Mapping[str, object]) -> str:
    """Render `rabbitmq.conf`; `overrides` are keys of that file, in any order."""
    return "".join(f"{key} = {value}\n" for key, value in overlaid(CONF, overrides).items())


def definitions() -> str:
    """Render the definitions that RabbitMQ loads at every start, so that a rotated password takes effect."""
    account = {"name": USER, "password": f"@@secret:{PASSWORD}@@", "tags": ["administrator"]}
    rights = {"user": USER, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    content = {"users": [account], "vhosts": [{"name": "/"}], "permissions": [rights]}
    return json.dumps(content, indent=2) + "\n"


def service(context: PartyContext) -> Service:
    """Make the broker of one party. It opens no TLS port."""
    conf = rabbitmq_conf(context.configuration("broker", "rabbitmq.conf"))
    return catalogued(
        "broker",
        context,
        command=started({"/etc/fate/definitions.json": DEFINITIONS}, context.program("broker")),
        probe=Probe(Http(FACTS.ports["management"].number, "/", "RabbitMQ", status_tells=True)),
        environment=ENVIRONMENT,
        files=(
            START,
            File.named("/etc/fate/rabbitmq.conf", conf),
            File.named("/etc/fate/enabled_plugins", PLUGINS, comment="%"),
            File("/etc/fate/definitions.json", definitions()),
        ),
        secrets=(password(context),),
    )
