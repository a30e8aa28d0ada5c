"""The parties of a stack, each by itself, and the Docker engines that they run on."""

from collections.abc import Iterator

from config.engines import Computing, engine_fault
from config.faults import Fault, path, shown
from config.mirror import DistributionMirror, contents_of
from config.plan import Plan
from config.runtime import DockerSettings

WRITE_ENGINES = (
    "write engines: {computing: standalone, storage: standalone, federation: rabbitmq}, or federation:"
    " standalone for a party without peers"
)


def at_least_one_party(plan: Plan) -> Iterator[Fault]:
    """Refuse a stack that would make neither a party nor an exchange, nor a mirror to be filled first."""
    others_fill_it = isinstance(plan.mirror, DistributionMirror) and not plan.mirror.builds
    if not plan.exchange_is_absent or contents_of(plan.mirror) or others_fill_it:
        return
    if plan.names_no_party:
        yield Fault(
            path("parties"), "names no party, so there is nothing to make", 'write - id: "9999" below it'
        )
    if plan.parties_are_absent:
        problem = "is missing, and the stack has no exchange either: there is nothing to make"
        yield Fault(path("parties"), problem, 'write parties: and below it - id: "9999"')


def an_id_a_party(plan: Plan) -> Iterator[Fault]:
    """Refuse two parties that every route table would take for one."""
    firsts: dict[str, int] = {}
    for place, id in plan.ids.items():
        first = firsts.setdefault(id, place)
        if first != place:
            yield Fault(
                path("parties", place, "id"),
                f"{shown(id)} is the party at {path('parties', first)} already, and peers route by the id",
                "write an id that no other party of the federation has",
            )


def engines_go_together(plan: Plan) -> Iterator[Fault]:
    """Refuse engines that FATE refuses, and those that this program cannot run yet."""
    for place, party in plan.parties.items():
        if problem := engine_fault(party.engines):
            yield Fault(path("parties", place, "engines"), problem, WRITE_ENGINES)


def a_database_that_others_share(plan: Plan) -> Iterator[Fault]:
    """Refuse SQLite where more than FATE-Flow asks the database, or where its file has no volume."""
    for place, party in plan.parties.items():
        if party.database == "sqlite" and party.engines.computing is not Computing.STANDALONE:
            yield Fault(
                path("parties", place, "database"),
                f"sqlite is a file of FATE-Flow's own, and computing {party.engines.computing} needs a"
                " database that others reach",
                "write database: mariadb",
            )


def one_way_to_an_engine(plan: Plan) -> Iterator[Fault]:
    """Refuse two sets of options for one engine: all that runs there is made over one connection."""
    firsts: dict[str, tuple[str, DockerSettings]] = {}
    for at, engine in _engines(plan):
        if not engine.ssh_options:
            continue
        where, first = firsts.setdefault(engine.place, (at, engine))
        if engine.ssh_options != first.ssh_options:
            yield Fault(
                f"{at}.ssh-options",
                f"differ from those at {where}, and {engine.place} is one engine: it is reached in one way",
                "write them once: they hold for everything on that engine",
            )


def _engines(plan: Plan) -> Iterator[tuple[str, DockerSettings]]:
    if isinstance(plan.runtime, DockerSettings):
        yield path("runtime"), plan.runtime
    if plan.exchange and isinstance(plan.exchange.runtime, DockerSettings):
        yield path("exchange", "runtime"), plan.exchange.runtime
    for place, party in plan.parties.items():
        if isinstance(party.runtime, DockerSettings):
            yield path("parties", place, "runtime"), party.runtime
