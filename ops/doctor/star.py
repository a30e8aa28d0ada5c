"""Questions to an exchange: does it run, and does it reach each party behind it."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ops.doctor.checks import Check, Patient, as_declared, of_service
from ops.doctor.exported import Exported
from ops.doctor.greetings import greeted
from ops.doctor.symptoms import Ailment, Symptom

RELAY, OSX = "relay", "osxrelay"
"""The one service of an exchange, by its kind."""
CALL = "timeout 12 busybox wget -q -O - --header {party} http://127.0.0.1:9300/v2/server/fateflow 2>&1"
"""Without the option -T, on which Debian 12's busybox ends with a fault of memory."""
ROUTES = ("cat", "conf/broker/route_table.json")
KNOCK = "busybox nc -w 5 {host} {port} -e true 2>&1"


def planned_of_exchange(
    patient: Patient, ports: Mapping[str, Mapping[str, int]], state: Callable[[], Exported] | None = None
) -> list[Check]:
    """Return the checks of an exchange: itself, and each party behind it, asked from it."""
    (service,) = patient.services
    checks = [of_service(patient, service)]
    for party, kept in ports.items():
        checks += _behind_osx(patient, party) if service == OSX else _behind_relay(patient, party, kept)
    return [*checks, as_declared(patient, state, service)] if state is not None else checks


def _behind_relay(patient: Patient, party: str, kept: Mapping[str, int]) -> Iterator[Check]:
    yield Check(patient, f"gateway of {party}", partial(_gateway, patient, party), RELAY, party)
    for service, port in ((key.removesuffix("-at"), port) for key, port in kept.items()):
        ask = partial(greeted, patient.reach, service, f"127.0.0.1:{port}", RELAY)
        yield Check(patient, f"{service} of {party}", ask, RELAY, party)


def _behind_osx(patient: Patient, party: str) -> Iterator[Check]:
    yield Check(patient, f"osx of {party}", partial(_osx, patient, party), OSX, party)


def _gateway(patient: Patient, party: str) -> str:
    """Ask the FATE-Flow of a party as another party's call would, from the exchange on."""
    answer = patient.reach.exec(
        RELAY, ["sh", "-c", CALL.format(party=shlex.quote(f"dest-party-id: {party}"))]
    )
    if '"code":0' in answer.text.replace(" ", ""):
        return "FATE-Flow behind it answers"
    told = " ".join(answer.text.split())[-120:] or "no answer in 12 s"
    raise Ailment(Symptom.EXCHANGE_LACKS if " 404 " in told else Symptom.PEER_SILENT, told)


def _osx(patient: Patient, party: str) -> str:
    """Knock at the OSX of a party, where the exchange's own table leads. Its FATE-Flow is asked by peers."""
    host, port = _route(patient, party)
    answer = patient.reach.exec(OSX, ["sh", "-c", KNOCK.format(host=shlex.quote(host), port=port)])
    if answer.code:
        silence = " ".join(answer.text.split())[-120:] or "no answer in 5 s"
        raise Ailment(Symptom.PEER_SILENT, f"{host}:{port}: {silence}")
    return f"{host}:{port} opens; the rows of its peers tell what answers there"


def _route(patient: Patient, party: str) -> tuple[str, int]:
    told = patient.reach.exec(OSX, ROUTES).text
    try:
        table: Any = json.loads(told)["route_table"]
    except (ValueError, KeyError, TypeError):
        raise Ailment(Symptom.EXCHANGE_LACKS, f"its route table cannot be read: {told[:100]}") from None
    if party not in table:
        raise Ailment(Symptom.EXCHANGE_LACKS, f"its route table names {', '.join(table) or 'nobody'}")
    (end,) = table[party]["default"]
    return str(end["ip"]), int(end["port"])
