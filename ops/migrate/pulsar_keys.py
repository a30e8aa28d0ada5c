"""What a source says of Pulsar: keys of its own file, and how long FATE keeps what nobody fetches."""

from collections.abc import Mapping

from config import PartySettings, catalogue
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Values

SERVICE, FILE, GIVEN = "pulsar", "standalone.conf", "pulsar.confs"
TTL = "python.pulsar.topic_ttl"


def pulsar_of(account: Account, party: PartySettings, place: str) -> Mapping[str, Values]:
    """Return what a stack says of it, by service; nothing for a party with another broker."""
    if SERVICE not in party.meets:
        return {}
    of_file = _of_file(account, place) if SERVICE in party.service_names else {}
    ttl = accepted.number(account.value(TTL))
    found: dict[str, Values] = {SERVICE: {"configuration": {FILE: of_file}}} if of_file else {}
    if ttl:
        file = f'{place}.services.fateflow.configuration["service_conf.yaml"]'
        account.kept(TTL, f"{file}.federation.pulsar.topic_ttl")
        keys = {"federation": {"pulsar": {"topic_ttl": ttl}}}
        found["fateflow"] = {"configuration": {"service_conf.yaml": keys}}
    return found


def _of_file(account: Account, place: str) -> Values:
    given = account.value(GIVEN)
    if not isinstance(given, Mapping):
        return {}
    good = {str(key): value for key, value in given.items() if _is_taken(str(key), value)}
    left = [str(key) for key in given if str(key) not in good]
    note = f"{', '.join(left)}: no key, or no value, that a stack takes for Pulsar" if left else ""
    if good:
        account.kept(GIVEN, f'{place}.services.{SERVICE}.configuration["{FILE}"]', note=note)
    return good


def _is_taken(key: str, value: object) -> bool:
    file = catalogue().services[SERVICE].files[FILE]
    form = file.keys.root.get(key)
    return isinstance(form, str) and key not in file.ours and catalogue().forms[form].fits(value, file.typed)
