"""The Docker engines of a stack."""

from collections.abc import Iterator

from config.faults import Fault
from config.paths import path
from config.plan import Plan
from config.runtime import DockerSettings


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
    for place, party in plan.parties.items():
        if isinstance(party.runtime, DockerSettings):
            yield path("parties", place, "runtime"), party.runtime
