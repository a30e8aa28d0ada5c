"""What a source says of its modules: the limits of their services, and on which nodes and claims they lie.

KubeFATE says all of it by module; a stack places a party, and chooses the class of its claims, as a whole.
"""

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter

from clients.kubernetes.quantities import amount
from config import Computing, PartySettings
from config.catalogue import catalogue, claim_name
from config.kubernetes import Scheduling
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.eggroll_processes import processes_of
from ops.migrate.kubefate_engines import OFFERED, is_spark
from ops.migrate.migrated_stack import Values
from ops.migrate.party_of_engines import modules_of
from ops.migrate.pulsar_keys import pulsar_of
from ops.migrate.variants import gpus_of

LOG_LEVELS = {"debug": 10, "info": 20, "warn": 30, "warning": 30, "error": 40}
LEAST_MEMORY, MOST_MEMORY, MOST_CPUS, MOST_INSTANCES = 32, 1_048_576, 1024, 99
SCHEDULING: TypeAdapter[Scheduling] = TypeAdapter(Scheduling)
PARTS = {"nodeSelector": "node-selector", "tolerations": "tolerations", "affinity": "affinity"}


def services_of(account: Account, party: PartySettings, place: str) -> Values:
    """Return what a stack changes about a party's services."""
    limits: list[Mapping[str, Values]] = [
        {service: _of_service(account, module, party, service, f"{place}.services.{service}")}
        for module, service in modules_of(party).items()
    ]
    limited = any("memory" in each.get("nodemanager", {}) for each in limits)
    found: dict[str, dict[str, object]] = {}
    for part in (
        {"fateflow": _of_fateflow(account, party, f"{place}.services.fateflow")},
        *limits,
        processes_of(account, party, place, "nodemanager.sessionProcessorsPerNode", limited),
        pulsar_of(account, party, place),
    ):
        for service, settings in part.items():
            found[service] = _merged(settings, found.get(service, {}))
    return {service: settings for service, settings in found.items() if settings}


def _merged(settings: Values, over: Values) -> dict[str, object]:
    """Return `settings` with those of `over` in the place of its own, and below them the same."""
    merged = dict(settings)
    for key, value in over.items():
        own = merged.get(key)
        if isinstance(own, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(own, value)
        else:
            merged[key] = value
    return merged


def account_for_modules(account: Account, party: PartySettings) -> None:
    """Say which modules a party has nothing in the place of, and why, once all else is accounted for."""
    listed = accepted.listed(account.value("modules"))
    served = {module: name for name, facts in catalogue().services.items() for module in facts.kubefate}
    for module, service in served.items():
        if service not in party.service_names:
            _account_for_absent(account, party, module, service, module.partition(".")[0] in listed)
    made = {module.partition(".")[0] for module in served}
    if lost := [module for module in listed if module not in made]:
        account.without_counterpart(
            "modules", f"services follow from the engines; not made: {', '.join(lost)}"
        )


def _account_for_absent(
    account: Account, party: PartySettings, module: str, service: str, listed: bool
) -> None:
    note = f"the party has no {service}: {party.absence_of(service)}"
    for key in account.below(module):
        if listed:
            account.without_counterpart(key, note)
        else:
            account.not_needed(key, note)


def _of_service(account: Account, module: str, party: PartySettings, service: str, place: str) -> Values:
    settings = {
        "memory": _memory(account, f"{module}.resources.limits.memory", service, place),
        "cpus": _cpus(account, f"{module}.resources.limits.cpu", place),
        "gpus": gpus_of(account, module, party, service, place),
        "instances": _instances(account, module, service, place),
    }
    return {key: value for key, value in settings.items() if value is not None}


def _instances(account: Account, module: str, service: str, place: str) -> int | None:
    key = account.first(f"{module}.replicas", f"{module}.count")
    number = accepted.number(account.value(key)) if key else None
    if number is None or number > MOST_INSTANCES or catalogue().services[service].instances is None:
        return None
    account.kept(key, f"{place}.instances")
    return number


def _memory(account: Account, key: str, service: str, place: str) -> int | None:
    found = amount(str(account.value(key)).strip())
    if found is None or found < 0:
        return None
    memory = int(found // 2**20)
    needed = catalogue().services[service].memory
    if needed.least and memory < needed.least:
        account.without_counterpart(key, f"too little: {needed.seen}; the service's own limit holds")
        return None
    if not LEAST_MEMORY <= memory <= MOST_MEMORY:
        return None
    account.kept(key, f"{place}.memory", note="in MiB")
    return memory


def _cpus(account: Account, key: str, place: str) -> float | None:
    """Return such as `500m` in CPUs; nothing finer than `1m`."""
    found = amount(str(account.value(key)).strip())
    if not found or not 0 < found <= MOST_CPUS or (found * 1000).denominator > 1:
        return None
    account.kept(key, f"{place}.cpus")
    return int(found) if found.denominator == 1 else float(found)


def _of_fateflow(account: Account, party: PartySettings, place: str) -> Values:
    file = f'{place}.configuration["service_conf.yaml"]'
    keys: dict[str, object] = {}
    if level := LOG_LEVELS.get(account.text("python.logLevel").lower()):
        account.kept("python.logLevel", f"{file}.log_level")
        keys["log_level"] = level
    cores_key = f"python.{'spark' if is_spark(account) else 'clustermanager'}.cores_per_node"
    cores, engine = accepted.number(account.value(cores_key)), party.engines.computing
    if engine is Computing.EGGROLL:
        account.not_needed(cores_key, "FATE-Flow is told what the node managers have the memory for")
        account.not_needed(
            "python.clustermanager.nodes", "FATE-Flow is told how many node managers there are"
        )
    elif "sparkworker" in party.service_names:
        account.not_needed(cores_key, OFFERED)
    elif cores:
        cores *= _nodes_elsewhere(account, party, f"{file}.computing.{engine}.cores")
        account.kept(cores_key, f"{file}.computing.{engine}.cores")
        keys["computing"] = {str(engine): {"cores": cores}}
    return {"configuration": {"service_conf.yaml": keys}} if keys else {}


def _nodes_elsewhere(account: Account, party: PartySettings, place: str) -> int:
    """Return on how many nodes of a Spark elsewhere the cores are, where a source says so."""
    nodes = accepted.number(account.value("python.spark.nodes")) if "sparkmaster" in party.outside else None
    if nodes:
        account.kept("python.spark.nodes", place, note="so many times cores_per_node")
    return nodes or 1


def scheduling_of(account: Account, party: PartySettings, place: str) -> Values:
    """Return where the party's pods run: as the first of its modules that says so."""
    found: dict[str, object] = {}
    for part, key in PARTS.items():
        for module in modules_of(party):
            _take(account, f"{module}.{part}", key, place, found)
    return found


def storage_of(account: Account, party: PartySettings, place: str) -> Values:
    """Return the storage class and the sizes of the claims, where KubeFATE made claims."""
    if account.text("persistence").lower() != "true":
        return {}
    sizes = {
        volume: size
        for module, volumes in _claims(party).items()
        if (size := _size(account, f"{module}.size", volumes, place))
        for volume in volumes
    }
    storage_class = _class(account, party, place)
    return {
        **({"class": storage_class} if storage_class else {}),
        **({"size": sizes} if sizes else {}),
    }


def _claims(party: PartySettings) -> Mapping[str, list[str]]:
    """Return the claims of a party that hold what a claim of a module held."""
    claims: dict[str, list[str]] = {}
    for service in party.service_names:
        for volume, each in party.volumes_of(service).items():
            for module in each.kubefate or catalogue().services[service].kubefate:
                claims.setdefault(module, []).append(claim_name(service, volume))
    return claims


def _take(account: Account, name: str, key: str, place: str, found: dict[str, object]) -> None:
    given = account.value(name)
    if not given:
        return
    value = _as_stacks_have_it(key, given)
    if value is None:
        account.without_counterpart(name, "it is not as Kubernetes takes it; fill in fate:runtime.scheduling")
    elif found.setdefault(key, value) == value:
        account.kept(name, f"{place}.{key}")
    else:
        account.without_counterpart(name, "a party is placed as a whole, and another module's is written")


def _as_stacks_have_it(key: str, given: object) -> object:
    value = given
    if key == "node-selector":
        maps = given if isinstance(given, list) else [given]
        pairs = [pair for each in maps if isinstance(each, dict) for pair in each.items()]
        value = {str(label): _label(label_value) for label, label_value in pairs}
    elif key == "tolerations" and isinstance(given, list):
        value = [_toleration(each) for each in given]
    if not value or accepted.value_of(SCHEDULING, {key: value}) is None:
        return None
    return value


def _label(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _toleration(given: object) -> object:
    if not isinstance(given, dict):
        return given
    keys = {"tolerationSeconds": "toleration-seconds"}
    return {
        keys.get(str(key), str(key)): _label(value) if key == "value" else value
        for key, value in given.items()
        if value is not None
    }


def _class(account: Account, party: PartySettings, place: str) -> str | None:
    written: str | None = None
    for module in _claims(party):
        key = f"{module}.storageClass"
        given = account.text(key)
        if not given:
            continue
        own = accepted.value_of(accepted.OBJECT, given)
        written = written or own
        if own and own == written:
            account.kept(key, f"{place}.class")
        else:
            instead = f"{written} is written" if written else "the cluster's default is taken"
            account.without_counterpart(key, f"a party's claims have one class: {instead}")
    return written


def _size(account: Account, key: str, volumes: Sequence[str], place: str) -> str | None:
    size = accepted.value_of(accepted.SIZE, account.value(key))
    if size:
        account.kept(key, *(f"{place}.size.{volume}" for volume in volumes))
    elif account.text(key):
        account.without_counterpart(key, "it is no size of a claim; the volumes' own sizes hold")
    return size
