"""The parts of a party that others run: whether it has a use for them, and whether they meet its peers'."""

from collections.abc import Iterator

from config.catalogue import catalogue
from config.checks.peers import pairs
from config.external import ExternalDatabase, ExternalSpark
from config.faults import Fault, path, shown
from config.kubernetes import KubernetesSettings
from config.party import Mode, PartySettings
from config.plan import Plan
from config.runtime import DockerSettings
from config.settings import kebab


def parts_that_are_needed(plan: Plan) -> Iterator[Fault]:
    """Refuse a part that nothing of the party would dial."""
    for place, party in plan.parties.items():
        used = list(party.outside.values())
        for key, part in party.external.parts.items():
            if not any(part is each for each in used):
                name, facts = next(
                    (name, facts) for name, facts in catalogue().services.items() if facts.external == key
                )
                wanted = " and ".join(f"{k}: {values[0]}" for k, values in facts.when.items())
                yield Fault(
                    path("parties", place, "external", key),
                    f"party {shown(party.id)} would not dial it, as it needs no {name}: {facts.absent}",
                    f"leave {key} out of external, or write {wanted}",
                )


def a_schema_a_party(plan: Plan) -> Iterator[Fault]:
    """Refuse two parties in one schema: each FATE-Flow would take the other's jobs for its own."""
    firsts: dict[tuple[object, ...], str] = {}
    for place, party in plan.parties.items():
        match party.outside.get("database"):
            case ExternalDatabase(host=host, port=port, database=schema):
                first = firsts.setdefault((host.lower(), port, schema), party.id)
                if first != party.id:
                    yield Fault(
                        path("parties", place, "external", "database", "database"),
                        f"{shown(schema)} at {host}:{port} is the schema of party {first}, whose jobs the"
                        f" FATE-Flow of party {shown(party.id)} would take for its own",
                        f"write a schema of its own, such as fate_flow_{party.id.replace('-', '_')}",
                    )


def a_way_back_from_executors(plan: Plan) -> Iterator[Fault]:
    """Refuse a Spark elsewhere whose executors could not dial FATE-Flow, the driver of each task."""
    for place, party in plan.parties.items():
        spark, runtime = party.outside.get("sparkmaster"), plan.runtime_of(party)
        if not isinstance(spark, ExternalSpark):
            continue
        at = path("parties", place, "external", "spark", "driver")
        if isinstance(runtime, DockerSettings) and spark.driver is None:
            yield Fault(
                at,
                "is missing: executors elsewhere dial FATE-Flow back, and nothing leads them to its"
                " container",
                "write driver: {host: the name or address of the engine's machine, as executors dial it}",
            )
        if isinstance(runtime, KubernetesSettings) and spark.driver is not None:
            yield Fault(
                at,
                "is for Docker: on a cluster executors dial the pod of FATE-Flow at its own address",
                "leave driver out, and let Spark's workers reach the cluster's pods",
            )


def what_executors_dial(plan: Plan) -> Iterator[Fault]:
    """Refuse a Spark elsewhere beside what its executors could not dial: they know no name of the party's.

    They read and write tables, and send what tables hold to peers, themselves (FATE 2.2.0,
    `arch/federation/message_queue`, `_push_table`).
    """
    dialled = [name for name in catalogue().services["sparkworker"].calls if name != "fateflow"]
    for place, party in plan.parties.items():
        if "sparkmaster" in party.outside:
            for name in party.service_names:
                if name in dialled and name != "datanode":
                    yield _out_of_reach(place, name)


def _out_of_reach(place: int, service: str) -> Fault:
    key = key_of(service)
    at, remedy = ("external", key), f"write {key}: {{host: ...}} below external, or leave spark out of it"
    if not key:
        at, remedy = ("engines", "federation"), "write federation: rabbitmq, and external: {broker: ...}"
    problem = "is missing" if key else f"{service} is the party's own"
    return Fault(
        path("parties", place, *at),
        f"{problem}: the executors of external.spark dial the {service} themselves, and nothing within the"
        " party's own network",
        remedy,
    )


def no_exchange_before_a_broker_elsewhere(plan: Plan) -> Iterator[Fault]:
    """Refuse a broker elsewhere that would have to dial those of peers through the party's exchange."""
    for place, party in plan.parties.items():
        if _dials_from_elsewhere(party) and party.exchange is not None:
            service = next(iter(party.met_outside))
            key = key_of(service)
            yield Fault(
                path("parties", place, "external", key),
                f"a {service} elsewhere dials those of peers itself, and party {shown(party.id)} meets its"
                " peers through an exchange only",
                f"leave {key} out of external, or write mode: client with one {service} for all parties",
            )


def a_way_from_a_broker_elsewhere(plan: Plan) -> Iterator[Fault]:
    """Refuse a peer whose broker one elsewhere could not dial: it knows no name of a party's network."""
    for place, other in pairs(plan):
        party, peer = plan.parties[place], plan.parties[other]
        hidden = [name for name in party.met_outside if name in peer.service_names and peer.expose is None]
        near = party.exchange is None and _near(plan, party, peer)
        if hidden and near and _dials_from_elsewhere(party):
            yield Fault(
                path("parties", other, "expose"),
                f"is missing: the {hidden[0]} of party {shown(party.id)} is elsewhere, and dials that of"
                f" party {shown(peer.id)}",
                "write expose: {host: the name or address of this party's machine or cluster}",
            )


def no_ports_of_what_is_elsewhere(plan: Plan) -> Iterator[Fault]:
    """Refuse ports that the party would open for a broker that it does not have."""
    for place, party in plan.parties.items():
        for service in party.met_outside if party.expose else ():
            for field in (f"{service}_port", f"{service}_host"):
                if party.expose and field in party.expose.model_fields_set:
                    yield Fault(
                        path("parties", place, "expose", kebab(field)),
                        f"is without effect: {party.absence_of(service)}, and peers dial it there",
                        f"leave {kebab(field)} out",
                    )


def key_of(service: str) -> str:
    """Return the key below `external` of what is in a service's place."""
    return catalogue().services[service].external


def _dials_from_elsewhere(party: PartySettings) -> bool:
    return bool(party.met_outside) and party.mode is Mode.REPLICATION


def _near(plan: Plan, party: PartySettings, peer: PartySettings) -> bool:
    """Tell whether both are in one place; of others another check tells that the peer must expose itself."""
    here, there = plan.runtime_of(party), plan.runtime_of(peer)
    return here is not None and there is not None and here.place == there.place
