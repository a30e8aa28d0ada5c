"""What a party's services may use: from the modules `python`, `mysql`, `rabbitmq` and `nginx`."""

from collections.abc import Mapping

from config import catalogue
from ops.migrate import quantities, values
from ops.migrate.account import Account
from ops.migrate.engines import is_spark
from ops.migrate.placeholders import Values

MODULES: Mapping[str, str] = {
    "python": "fateflow",
    "mysql": "database",
    "rabbitmq": "broker",
    "nginx": "gateway",
}
LOG_LEVELS = {"debug": 10, "info": 20, "warn": 30, "warning": 30, "error": 40}
LEAST_MEMORY, MOST_MEMORY, MOST_CPUS = 32, 1_048_576, 1024


def services_of(account: Account, party: str) -> Values:
    """Return what a stack changes about a party's services."""
    found: dict[str, object] = {}
    for module, service in MODULES.items():
        place = f"{party}.services.{service}"
        settings = {
            "memory": _memory(account, f"{module}.resources.limits.memory", service, place),
            "cpus": _cpus(account, f"{module}.resources.limits.cpu", place),
            "configuration": _configuration(account, place) if service == "fateflow" else None,
        }
        given = {key: value for key, value in settings.items() if value}
        found |= {service: given} if given else {}
    return found


def _memory(account: Account, key: str, service: str, place: str) -> int | None:
    memory = quantities.mebibytes(account.value(key))
    if memory is None:
        return None
    needed = catalogue().services[service].memory
    if needed.least and memory < needed.least:
        account.without_counterpart(key, f"too little: {needed.seen}; the service's own limit holds")
        return None
    if not LEAST_MEMORY <= memory <= MOST_MEMORY:
        return None
    account.kept(key, f"{place}.memory", note="in MiB")
    return memory


def _cpus(account: Account, key: str, place: str) -> float | None:
    cpus = quantities.cpus(account.value(key))
    if cpus is None or cpus > MOST_CPUS:
        return None
    account.kept(key, f"{place}.cpus")
    return cpus


def _configuration(account: Account, place: str) -> Values:
    file = f'{place}.configuration["service_conf.yaml"]'
    keys: dict[str, object] = {}
    if level := LOG_LEVELS.get(account.text("python.logLevel").lower()):
        account.kept("python.logLevel", f"{file}.log_level")
        keys["log_level"] = level
    engine = "spark" if is_spark(account) else "clustermanager"
    cores_key = f"python.{engine}.cores_per_node"
    if cores := values.number(account.value(cores_key)):
        account.kept(cores_key, f"{file}.computing.standalone.cores")
        keys["computing"] = {"standalone": {"cores": cores}}
    return {"service_conf.yaml": keys} if keys else {}
