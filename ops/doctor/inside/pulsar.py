"""Questions to the party's Pulsar, asked by its administration from where FATE-Flow stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ops.doctor.inside.party import ailment, conf, parsed, reason, request

LIMIT = 12
"""Seconds: a broker that stores nothing any more gives up after 30, and the doctor waits for 20."""
MOST = 200
"""Topics that are looked at: each is a question."""


def main(probe: str, *arguments: str) -> dict[str, str]:
    """Answer one question by its name."""
    probes: dict[str, Callable[..., dict[str, str]]] = {"health": health, "peer": peer, "waiting": waiting}
    try:
        return probes[probe](*arguments)
    except OSError as error:
        return ailment("pulsar-silent", f"{_base()}: {reason(error)}")


def health() -> dict[str, str]:
    """Ask whether the broker stores and delivers a message, and which peers it knows."""
    version = _asked("brokers/version")[1].strip()
    try:
        status, text = _asked("brokers/health")
    except OSError as error:
        return ailment(
            "pulsar-unwell", f"Pulsar {version} stores no message within {LIMIT} s: {reason(error)}"
        )
    if status != 200 or text.strip() != "ok":
        return ailment("pulsar-unwell", f"Pulsar {version} stores no message: {status} {text.strip()[:120]}")
    peers = sorted(set(_clusters()) - {_settings()["cluster"]})
    return {"detail": f"Pulsar {version}, peers {', '.join(peers) or 'none'}"}


def peer(party: str) -> dict[str, str]:
    """Say where the broker finds the one of a peer: FATE's jobs go by this, not by the route table."""
    if _settings().get("mode") == "client":
        return {"detail": "one Pulsar for all parties"}
    if party not in _clusters():
        return ailment("peer-unregistered", f"Pulsar knows {', '.join(_clusters()) or 'no cluster'}")
    told = parsed(_asked(f"clusters/{quote(party)}")[1]).get("brokerServiceUrl")
    table = conf("pulsar_route_table").get(party) or {}
    wanted = f"{table.get('host')}:{table.get('port')}"
    if told != f"pulsar://{wanted}":
        return ailment("peer-unregistered", f"Pulsar finds party {party} at {told}, the stack at {wanted}")
    return {"detail": wanted}


def waiting(job: str) -> dict[str, str]:
    """Say which messages of a job wait, and for whom; nothing of a party that exchanges by another broker.

    For a peer's broker, or for a worker that takes them.
    """
    if conf()["default_engines"]["federation"] != "pulsar":
        return {"detail": ""}
    tenant = _settings()["tenant"]
    spaces = [space for space in _listed(f"namespaces/{tenant}") if job in space]
    topics = [topic for space in spaces for topic in _listed(f"persistent/{space}")]
    seen = [line for topic in topics[:MOST] for line in _of_topic(topic.partition("://")[2])]
    return {"detail": "; ".join(sorted(set(seen)))}


def _of_topic(topic: str) -> list[str]:
    stats = parsed(_asked(f"persistent/{quote(topic)}/stats")[1])
    name = topic.rpartition("/")[2]
    waits = [
        f"{each['replicationBacklog']} messages of {name} wait for party {party},"
        f" whose broker is {'connected' if each.get('connected') else 'not connected'}"
        for party, each in (stats.get("replication") or {}).items()
        if each.get("replicationBacklog")
    ]
    untaken = [
        f"{each['msgBacklog']} messages of {name} wait for a worker"
        for each in (stats.get("subscriptions") or {}).values()
        if each.get("msgBacklog") and not each.get("consumers")
    ]
    return waits + untaken


def _settings() -> dict[str, Any]:
    found: dict[str, Any] = conf()["federation"]["pulsar"]
    return found


def _base() -> str:
    settings = _settings()
    return f"http://{settings['host']}:{settings['mng_port']}/admin/v2"


def _asked(path: str) -> tuple[int, str]:
    return request(f"{_base()}/{path}", limit=LIMIT)


def _clusters() -> list[str]:
    return _listed("clusters")


def _listed(path: str) -> list[str]:
    status, text = _asked(path)
    return [str(name) for name in json.loads(text)] if status == 200 else []
