"""From sources to stacks. What one party's source says of another party is told to that other's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ops.migrate.docker_federation import federation_of
from ops.migrate.kubernetes_middle import has_ways, middle_of
from ops.migrate.kubernetes_party import EXCHANGE, Wishes, account_of, id_of, party_of
from ops.migrate.kubernetes_routes import addresses_in
from ops.migrate.migrated_stack import MigratedStack
from ops.migrate.recognition import Kind, Source
from ops.migrate.source import Key


def stacks_of(
    sources: Sequence[Source], environment: Sequence[Key], wishes: Wishes
) -> tuple[MigratedStack, ...]:
    """Return the stack of each source. `environment` is that of `.env`, which goes with `parties.conf`."""
    addresses = _addresses([source for source in sources if source.kind is Kind.CLUSTER])
    made = [_stack(source, environment, wishes, addresses) for source in sources]
    return tuple(_named_apart(made))


def _stack(
    source: Source, environment: Sequence[Key], wishes: Wishes, addresses: Mapping[str, str]
) -> MigratedStack:
    if source.kind is Kind.PARTIES:
        return federation_of([*source.keys, *environment], source.file, wishes.name, wishes.registry)
    account = account_of(source.keys)
    if account.text("chartName") == EXCHANGE and has_ways(account):
        return middle_of(account, source.file, wishes)
    return party_of(account, source.file, wishes, addresses.get(id_of(account) or ""))


def _addresses(clusters: Sequence[Source]) -> Mapping[str, str]:
    """Return where each party is found by what its peers' sources say; the first who says it counts."""
    found: dict[str, str] = {}
    for source in clusters:
        account = account_of(source.keys)
        for id, host in addresses_in(account, id_of(account)).items():
            found.setdefault(id, host)
    return found


def _named_apart(stacks: Sequence[MigratedStack]) -> list[MigratedStack]:
    taken: dict[str, int] = {}
    apart = []
    for stack in stacks:
        taken[stack.name] = taken.get(stack.name, 0) + 1
        number = taken[stack.name]
        apart.append(stack if number == 1 else replace(stack, name=f"{stack.name}-{number}"))
    return apart
