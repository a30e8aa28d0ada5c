"""Questions of health, asked from where FATE-Flow stands and with its own settings."""

from __future__ import annotations

from collections.abc import Callable

from ops.doctor.inside.party import HEALTH, address, ailment, conf, parsed, reason, request, version_in

EXCHANGE_LACKS = "the exchange knows no such party"


def main(probe: str, *arguments: str) -> dict[str, str]:
    """Answer one question by its name."""
    return PROBES[probe](*arguments)


def server(release: str) -> dict[str, str]:
    """Ask FATE-Flow for its version, which must be that of the `release` if one is named."""
    try:
        status, text = request(address() + HEALTH)
    except OSError as error:
        return ailment("fateflow-silent", f"{address()}: {reason(error)}")
    version = version_in(text)
    if version is None:
        return ailment("fateflow-fault", f"{address()}{HEALTH} answers {status}: {text.strip()[:200]}")
    if release and version != release:
        return ailment("version-differs", f"FATE-Flow {version} runs, the stack says {release}")
    return {"detail": f"FATE-Flow {version}"}


def computing() -> dict[str, str]:
    """Say what computes."""
    return {"detail": str((conf().get("default_engines") or {}).get("computing", ""))}


def broker() -> dict[str, str]:
    """Ask the broker's management API what FATE needs of it."""
    settings = conf()["federation"]["rabbitmq"]
    base = f"http://{settings['host']}:{settings['mng_port']}/api"
    account = (str(settings["user"]), str(settings["password"]))
    try:
        return _broker(base, account, replicates=settings.get("mode") != "client")
    except OSError as error:
        return ailment("broker-silent", f"{base}: {reason(error)}")


def broker_route(peer: str) -> dict[str, str]:
    """Say where this party's route table puts the broker of a peer."""
    table = {str(key): value for key, value in conf("rabbitmq_route_table").items()}
    if peer not in table:
        return ailment("no-broker-route", f"rabbitmq_route_table.yaml names {', '.join(table) or 'nobody'}")
    return {"detail": f"{table[peer]['host']}:{table[peer]['port']}"}


def gateway(party: str) -> dict[str, str]:
    """Ask the FATE-Flow of a party through the own gateway, the way a job's calls go."""
    settings = conf()["federation"]["nginx"]
    base = f"http://{settings['host']}:{settings['http_port']}"
    try:
        status, text = request(base + HEALTH, {"dest-party-id": party, "service": "fateflow"}, limit=8)
    except OSError as error:
        return ailment("gateway-silent", f"{base}: {reason(error)}")
    if status == 404 and EXCHANGE_LACKS in text:
        return ailment("exchange-lacks", f"{base} passes it on for party {party}: {text.strip()[:100]}")
    if status == 404:
        return ailment("no-route", f"{base} answers 404 for party {party}: {text.strip()[:100]}")
    if status in (502, 503, 504):
        return ailment("gateway-upstream", f"{base} answers {status} for party {party}")
    version = version_in(text)
    if version is None:
        return ailment("fateflow-fault", f"{base} answers {status} for party {party}: {text.strip()[:100]}")
    return {"detail": f"FATE-Flow {version}"}


def _broker(base: str, account: tuple[str, str], replicates: bool) -> dict[str, str]:
    status, text = request(f"{base}/whoami", account=account)
    if status == 401:
        return ailment("broker-refuses", f"{base}/whoami answers 401 to user {account[0]}")
    if "administrator" not in str(parsed(text).get("tags")):
        return ailment("broker-not-administered", f"user {account[0]} is no administrator (answer {status})")
    overview = parsed(request(f"{base}/overview", account=account)[1])
    if replicates and request(f"{base}/federation-links", account=account)[0] != 200:
        return ailment("broker-without-federation", f"{base}/federation-links does not answer")
    status, text = request(f"{base}/health/checks/local-alarms", account=account)
    if status == 503:
        return ailment("broker-alarm", str(parsed(text).get("reason", text))[:200])
    plugin = "federation plugin" if replicates else "one for all parties"
    return {"detail": f"RabbitMQ {overview.get('rabbitmq_version', '?')}, {plugin}, user {account[0]}"}


PROBES: dict[str, Callable[..., dict[str, str]]] = {
    "server": server,
    "computing": computing,
    "broker": broker,
    "broker_route": broker_route,
    "gateway": gateway,
}
