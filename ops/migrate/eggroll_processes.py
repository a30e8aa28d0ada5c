"""How many of Eggroll's processes compute on a node.

KubeFATE says a number of processes; a node manager here has as many as its memory allows.
"""

from collections.abc import Mapping

from config import PartySettings, catalogue
from ops.migrate import accepted
from ops.migrate.account import Account

NODE = "nodemanager"
FILE, PROPERTY = "eggroll.properties", "eggroll.session.processors.per.node"
MOST_MEMORY = 1_048_576

Services = Mapping[str, Mapping[str, object]]
"""What a stack says of services, by service."""


def processes_of(
    account: Account, party: PartySettings, place: str, key: str, limited: bool = False
) -> Services:
    """Return how many processes compute on a node, and the memory for them unless it is `limited` already."""
    number = accepted.number(account.value(key))
    memory = _memory_for(number) if NODE in party.service_names and number else None
    if memory is None:
        return {}
    properties = {"clustermanager": {"configuration": {FILE: {PROPERTY: number}}}}
    places = [f'{place}.services.clustermanager.configuration["{FILE}"]["{PROPERTY}"]']
    if limited:
        account.kept(key, *places, note="the memory of the node managers says how many there can be")
        return properties
    account.kept(key, *places, f"{place}.services.{NODE}.memory", note="which says how many there can be")
    return {**properties, NODE: {"memory": memory}}


def _memory_for(processes: int) -> int | None:
    facts = catalogue().services[NODE].memory
    memory = max(facts.least or 0, (facts.alone or 0) + processes * (facts.process or 0))
    return memory if memory <= MOST_MEMORY else None
