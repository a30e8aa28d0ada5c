"""The party's gateway: an nginx that carries the control plane between FATE-Flow servers.

It routes on the request header `dest-party-id`, which FATE-Flow sets on every call between parties, its
own party's included (source: facts/fate-from-pypi.md, "The HTTP control plane through a plain nginx").
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from components.services.catalogued import catalogued
from components.services.context import PartyContext, Route
from components.services.service import File, Http, Probe, Service
from components.services.start import START, started
from config import catalogue

GRPC_PORT = 9310
"""Which FATE-Flow is told of, and nothing listens on."""
CONF = "/tmp/nginx.conf"

DEFAULTS: Mapping[str, object] = {
    "worker_processes": 1,
    "worker_connections": 1024,
    "client_max_body_size": 0,
    "proxy_read_timeout": "60s",
}

_template = jinja2.Template(
    Path(__file__).with_name("nginx.conf.j2").read_text(),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return the gateway as FATE-Flow's `service_conf.yaml` has it."""
    del context
    return {
        "host": "gateway",
        "http_port": catalogue().port("gateway", "http"),
        "grpc_port": GRPC_PORT,
        "protocol": "http",
    }


def nginx_conf(party: str, domain: str, routes: Sequence[Route], overrides: Mapping[str, object]) -> str:
    """Render `nginx.conf`: one upstream for the own FATE-Flow, one for each peer's gateway, else 404.

    `domain` makes the name of the own FATE-Flow absolute where nginx's resolver needs that: it knows no
    search domains.
    """
    return str(_template.render(party=party, domain=domain, routes=routes, **{**DEFAULTS, **overrides}))


def service(context: PartyContext) -> Service:
    """Make the gateway of one party. It ends no TLS and checks no identity: put it behind what does."""
    overrides = context.configuration("gateway", "nginx.conf")
    conf = nginx_conf(context.settings.id, context.domain, context.routes, overrides)
    return catalogued(
        "gateway",
        context,
        command=started({"/etc/fate/nginx.conf": CONF}, context.program("gateway")),
        probe=Probe(Http(catalogue().port("gateway", "http"), "/healthz", "ok", status_tells=True)),
        environment={"HOME": "/var/lib/nginx"},
        files=(START, File.named("/etc/fate/nginx.conf", conf)),
    )
