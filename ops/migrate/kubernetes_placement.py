"""On which nodes and claims a party lies: KubeFATE says it by module, a stack for the party as a whole."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from config.kubernetes import Scheduling
from ops.migrate import values
from ops.migrate.account import Account
from ops.migrate.placeholders import Values

SCHEDULING: TypeAdapter[Scheduling] = TypeAdapter(Scheduling)
MODULES = ("python", "mysql", "nginx", "rabbitmq", "osx", "rollsite")
PARTS = {"nodeSelector": "node-selector", "tolerations": "tolerations", "affinity": "affinity"}
CLAIMED = ("python", "mysql", "rabbitmq")
VOLUMES: Mapping[str, tuple[str, ...]] = {
    "python": ("fateflow-jobs", "fateflow-logs", "fateflow-model"),
    "nodemanager": ("fateflow-data",),
    "mysql": ("database",),
    "rabbitmq": ("broker",),
}


def scheduling_of(account: Account, place: str) -> Values:
    """Return where the party's pods run: as the first of its modules that says so."""
    found: dict[str, object] = {}
    for part, key in PARTS.items():
        for module in MODULES:
            _take(account, f"{module}.{part}", key, place, found)
    return found


def storage_of(account: Account, place: str) -> Values:
    """Return the storage class and the sizes of the claims, where KubeFATE made claims."""
    if account.text("persistence").lower() != "true":
        return {}
    sizes = {
        volume: size
        for module, volumes in VOLUMES.items()
        if (size := _size(account, f"{module}.size", volumes, place))
        for volume in volumes
    }
    storage_class = _class(account, place)
    return {
        **({"class": storage_class} if storage_class else {}),
        **({"size": sizes} if sizes else {}),
    }


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
    if not value or values.fitting(SCHEDULING, {key: value}) is None:
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


def _class(account: Account, place: str) -> str | None:
    written: str | None = None
    for module in CLAIMED:
        key = f"{module}.storageClass"
        given = account.text(key)
        if not given:
            continue
        fitting = values.fitting(values.OBJECT, given)
        written = written or fitting
        if fitting and fitting == written:
            account.kept(key, f"{place}.class")
        else:
            instead = f"{written} is written" if written else "the cluster's default is taken"
            account.without_counterpart(key, f"a party's claims have one class: {instead}")
    return written


def _size(account: Account, key: str, volumes: tuple[str, ...], place: str) -> str | None:
    size = values.fitting(values.SIZE, account.value(key))
    if size:
        account.kept(key, *(f"{place}.size.{volume}" for volume in volumes))
    elif account.text(key):
        account.without_counterpart(key, "it is no size of a claim; the volumes' own sizes hold")
    return size
