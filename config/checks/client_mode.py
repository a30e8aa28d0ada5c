"""Client mode: whether all who exchange messages in it have one broker."""

from collections.abc import Iterator

from config.checks.external import key_of
from config.checks.peers import pairs
from config.engines import Federation
from config.faults import Fault, path, shown
from config.party import Mode, PartySettings
from config.plan import Plan

BY_BROKER = (Federation.RABBITMQ, Federation.PULSAR)
"""Which federations know the modes."""


def one_broker_for_client_mode(plan: Plan) -> Iterator[Fault]:
    """Refuse client mode without one broker for all.

    In client mode both parties use one queue or topic on the broker that each is told of, and nothing carries
    messages between brokers (FATE 2.2.0, `_create_topic_by_client_mode` of RabbitMQ's and of Pulsar's
    `_federation.py`).
    """
    for place, party in plan.parties.items():
        if _is_client(party) and plan.peers[place] and not party.met_outside:
            service = next(name for name in party.meets if name != "gateway")
            yield Fault(
                path("parties", place, "mode"),
                '"client" needs one broker for all parties, and each party here has its own: no message would'
                " arrive",
                f"write mode: replication, or external: {{{key_of(service)}: ...}}, one for all parties",
            )
    for place, other in pairs(plan):
        party, peer = plan.parties[place], plan.parties[other]
        if place < other and party.engines.federation is peer.engines.federation:
            yield from _apart(place, other, party, peer)


def _apart(place: int, other: int, party: PartySettings, peer: PartySettings) -> Iterator[Fault]:
    """Yield what keeps two peers from one broker, if one of them says that they have one."""
    clients = [at for at, each in ((place, party), (other, peer)) if _is_client(each) and each.met_outside]
    if len(clients) == 2 and party.met_outside != peer.met_outside:
        service, there = next(iter(party.met_outside.items()))
        yield Fault(
            path("parties", other, "external", key_of(service)),
            f"is another than that of party {shown(party.id)} ({there.host}:{there.port}), and mode client"
            " needs one for both: no message would arrive",
            "write the same host and port for both, or mode: replication",
        )
    replicating = peer if clients == [place] else party
    if len(clients) == 1 and replicating.mode is Mode.REPLICATION:
        yield Fault(
            path("parties", clients[0], "mode"),
            f'"client" needs one broker for all parties, and party {shown(replicating.id)} replicates from'
            " its own: no message would arrive",
            f"write mode: replication, or mode: client and the same broker at party {shown(replicating.id)}",
        )


def _is_client(party: PartySettings) -> bool:
    return party.engines.federation in BY_BROKER and party.mode is Mode.CLIENT
