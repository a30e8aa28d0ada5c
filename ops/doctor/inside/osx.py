"""A call of FATE-Flow through the party's own OSX, the way a job's calls go."""

from __future__ import annotations

import importlib
from typing import Any

from ops.doctor.inside.party import HEALTH, ailment, conf, version_in

LIMIT = 8
PROTOCOL = "fate_flow.proto.rollsite"
"""Its modules stand on each other in that order, and do not say so themselves."""
NO_WAY = ("route", "router", "not found", "no available")


def main(party: str) -> dict[str, str]:
    """Ask the FATE-Flow of a party for its version."""
    grpc: Any = importlib.import_module("grpc")
    settings = conf()["federation"]["osx"]
    place = f"{settings['host']}:{settings['port']}"
    try:
        with grpc.insecure_channel(place) as channel:
            grpc.channel_ready_future(channel).result(timeout=LIMIT)
            text = _called(channel, party)
    except grpc.FutureTimeoutError:
        return ailment("osx-silent", f"{place}: no answer in {LIMIT} s")
    except grpc.RpcError as error:
        return _refused(place, party, str(error.details()))
    version = version_in(text)
    if version is None:
        return ailment("fateflow-fault", f"{place} answers for party {party}: {text.strip()[:100]}")
    return {"detail": f"FATE-Flow {version}"}


def _called(channel: Any, party: str) -> str:  # noqa: ANN401 - gRPC has no types
    names = ("basic_meta_pb2", "proxy_pb2", "proxy_pb2_grpc")
    modules: list[Any] = [importlib.import_module(f"{PROTOCOL}.{name}") for name in names]
    _, messages, services = modules
    ends = [
        messages.Topic(name="doctor", partyId=id, role="fateflow") for id in (str(conf()["party_id"]), party)
    ]
    header = messages.Metadata(
        src=ends[0],
        dst=ends[1],
        task=messages.Task(taskId="doctor", model=messages.Model(name="headers", dataKey="{}")),
        command=messages.Command(name=HEALTH),
        operator="GET",
        conf=messages.Conf(overallTimeout=LIMIT * 1000),
    )
    packet = messages.Packet(header=header, body=messages.Data(key=HEALTH, value=b"{}"))
    answer = services.DataTransferServiceStub(channel).unaryCall(packet, timeout=LIMIT)
    return str(answer.body.value.decode(errors="replace"))


def _refused(place: str, party: str, words: str) -> dict[str, str]:
    symptom = "no-route" if any(word in words.lower() for word in NO_WAY) else "osx-upstream"
    return ailment(symptom, f"{place} for party {party}: {words.strip().splitlines()[0][:160]}")
