"""From a `cluster.yaml` to a stack of one party in a namespace of a Kubernetes cluster."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from config import Federation, PartySettings
from config.faults import shown
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.elsewhere import beside_others, external_of
from ops.migrate.external_database import OF_A_CLUSTER, database_of
from ops.migrate.external_engines import engines_of_a_cluster
from ops.migrate.given_secrets import secrets_for
from ops.migrate.images_of_release import images_of, origin_for
from ops.migrate.key_rules import rules_for
from ops.migrate.kubefate_engines import engines_of
from ops.migrate.kubernetes_exchange import behind_it, exchange_of, is_behind_one
from ops.migrate.kubernetes_modules import account_for_modules, scheduling_of, services_of, storage_of
from ops.migrate.kubernetes_routes import exposure_of, ways_of
from ops.migrate.migrated_stack import MigratedStack, Placeholder, Values
from ops.migrate.mirror_of_source import mirror_for
from ops.migrate.pages import Shape, shape_on_kubernetes
from ops.migrate.serving_registry import zookeeper_of
from ops.migrate.source import Key
from ops.migrate.variants import party_of_source, variant_of

PARTY = "fate:parties[0]"
RUNTIME = "fate:runtime"
EXCHANGE = "fate-exchange"
MUST_BE_GONE = "KubeFATE's cluster must be gone from it first: its Service fateflow has the same name"
OTHER_CHARTS = {
    EXCHANGE: "it leads to no party; fate:exchange is what may lead to some (docs/exchange.md)",
    "fate-serving": "FATE-Serving is not made: keep the one that runs",
}


@dataclass(frozen=True)
class Wishes:
    """What the operator says besides the source: None where nothing."""

    name: str | None = None
    registry: str | None = None
    context: str | None = None
    host: str | None = None


def account_of(keys: Sequence[Key]) -> Account:
    """Return the account of a `cluster.yaml`."""
    return Account(keys, rules_for("cluster-yaml"))


def id_of(account: Account) -> str | None:
    """Return the party's id, None where the source has none."""
    return accepted.party_id(account.value("partyId"))


def party_of(account: Account, source: str, wishes: Wishes, known: str | None = None) -> MigratedStack:
    """Return the stack of a party. `known` is the address that other sources have for it."""
    chart = account.text("chartName")
    if chart in OTHER_CHARTS:
        for name in account.names:
            account.without_counterpart(name, OTHER_CHARTS[chart])
        return MigratedStack(chart, source, None, account.entries(), f"The chart {chart}")
    id = id_of(account)
    name = name_of(account, wishes, id)
    account.kept("partyId", f"{PARTY}.id") if id else None
    party = party_of_source(account, engines_of(account, PARTY), PARTY)
    origin = origin_for(account, party, "chartVersion", "imageTag")
    engines = engines_of_a_cluster(account, party, PARTY, is_behind_one(account, party))
    external = external_of({"database": database_of(account, OF_A_CLUSTER, PARTY), **engines})
    shape = shape_on_kubernetes(account, party, origin, PARTY)
    shape = replace(shape, party=beside_others(shape.party, external))
    stack = _stack(account, id, shape, external, wishes, known)
    account_for_modules(account, shape.party)
    first = (_make_room(account, name),) if account.text("namespace") else ()
    return MigratedStack(
        name, source, stack, account.entries(), f"Party {id or '(no id could be read)'}", first
    )


def _stack(
    account: Account, id: str | None, shape: Shape, external: Values, wishes: Wishes, known: str | None
) -> Values:
    engines, origin = shape.party.engines, shape.origin
    mirror = mirror_for(account, "registry", wishes.registry, origin)
    ways = {} if engines.federation is Federation.STANDALONE else ways_of(account, shape.party, id)
    exchange = exchange_of(account, shape.party)
    peers = [*(way.peer for way in ways.values()), *_met_there(shape.party, exchange, {*ways, id or ""})]
    exposure, expose = exposure_of(account, shape.party, wishes.host or known, bool(peers or exchange))
    party: dict[str, object] = {
        **({"id": id} if id else {}),
        "engines": engines.model_dump(mode="json"),
        **variant_of(shape.party),
        **({} if id else {"id": Placeholder(_free_id(ways), "the party's id, in quotes")}),
        **({"expose": expose} if expose else {}),
        **({"exchange": exchange} if exchange else {}),
        **({"peers": peers} if peers else {}),
        **({"services": services} if (services := services_of(account, shape.party, PARTY)) else {}),
        **shape.pages,
        **external,
        **({"zookeeper": zookeeper} if (zookeeper := zookeeper_of(account, PARTY)) else {}),
    }
    return {
        "release": origin.release,
        "runtime": _runtime(account, shape.party, wishes, exposure),
        "images": images_of(origin, mirror),
        **({"mirror": mirror} if mirror else {}),
        **secrets_for(party),
        "parties": [party],
    }


def _met_there(party: PartySettings, exchange: Values, taken: Collection[str]) -> list[object]:
    """Return a place for the peers behind the exchange, which KubeFATE's parties did not have to list."""
    why = "each peer that is met through the exchange, with the exchange's port for its broker"
    example = behind_it(party, _free_id(taken)) if exchange else {}
    return [Placeholder(example, why)] if example else []


def _free_id(peers: Collection[str]) -> str:
    """Return an example of an id: no peer has it."""
    return next(str(number) for number in count(9999) if str(number) not in peers)


def _runtime(account: Account, party: PartySettings, wishes: Wishes, exposure: Values) -> Values:
    why = "the context of your kubeconfig, as kubectl config get-contexts shows it; or give --context"
    parts: Mapping[str, object] = {
        "namespace": namespace_of(account),
        "storage": storage_of(account, party, f"{RUNTIME}.storage"),
        "exposure": exposure,
        "scheduling": scheduling_of(account, party, f"{RUNTIME}.scheduling"),
        "pull-secrets": pull_secrets_of(account),
        "gateway-replicas": _replicas(account, party),
    }
    context = wishes.context or Placeholder("prod", why)
    return {"kind": "kubernetes", "context": context, **{key: part for key, part in parts.items() if part}}


def name_of(account: Account, wishes: Wishes, id: str | None) -> str:
    """Return the stack's name: the one that is asked for, or the cluster's."""
    given = account.text("name")
    if wishes.name:
        return wishes.name
    if accepted.STACK_NAME.fullmatch(given):
        account.kept("name", "the stack's name")
        return given
    return f"fate-{id}" if id else "party"


def namespace_of(account: Account, note: str = MUST_BE_GONE) -> str | None:
    """Return the namespace of a cluster, None where it names none that could be one."""
    namespace = accepted.value_of(accepted.NAMESPACE, account.text("namespace"))
    if namespace:
        account.kept("namespace", f"{RUNTIME}.namespace", note=note)
    return namespace


def pull_secrets_of(account: Account) -> list[str]:
    """Return the names of the Secrets that images are pulled with."""
    listed = account.value("imagePullSecrets")
    entries = listed if isinstance(listed, list) else []
    names = [entry.get("name") if isinstance(entry, dict) else entry for entry in entries]
    good = [name for name in names if accepted.value_of(accepted.OBJECT, name)]
    if good:
        left = ", ".join(shown(name) for name in names if name not in good)
        note = f"{left} can be no Secret's name" if left else "they must exist in the namespace"
        account.kept("imagePullSecrets", f"{RUNTIME}.pull-secrets", note=note)
    return [str(name) for name in good]


def _replicas(account: Account, party: PartySettings) -> int | None:
    replicas = accepted.number(account.value("nginx.replicas"))
    if replicas is None or replicas > 5 or "gateway" not in party.service_names:
        return None
    account.kept("nginx.replicas", f"{RUNTIME}.gateway-replicas")
    return replicas


def _make_room(account: Account, name: str) -> str:
    namespace, cluster = account.text("namespace"), account.text("name") or name
    return (
        f"Take KubeFATE's cluster {cluster} out of namespace {namespace} before pulumi up, or write another"
        " namespace and other ports: the new party takes the names of its Services and its node ports, and"
        " closes the namespace to other traffic. What KubeFATE's volumes hold is not taken over."
    )
