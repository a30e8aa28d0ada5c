"""KubeFATE's algorithm and device, and those that images of a party's engines hold."""

from collections.abc import Iterator, Sequence
from itertools import product

from config import Algorithm, Device, Engines, PartySettings
from config.faults import nearest
from ops.migrate.account import Account
from ops.migrate.images_of_release import origin_of
from ops.migrate.migrated_stack import Values
from ops.migrate.party_of_engines import party_with
from ops.migrate.source import seen

NN_OF_BEFORE = ("python.enabledNN", "enabled_nn")
"""What KubeFATE 1 has in the place of `algorithm`: whether it is NN."""
COUNT, LIMIT = "gpu_count", "resources.limits.nvidia.com/gpu"
USUAL = (Algorithm.BASIC, Device.CPU)
MOST_GPUS = 64


def party_of_source(account: Account, engines: Engines, place: str) -> PartySettings:
    """Return a party with the images that it asks for, or those nearest to them that exist."""
    keys = {
        "algorithm": _given(account, "algorithm", [*Algorithm]),
        "device": _given(account, "device", [*Device]),
    }
    wanted = party_with(engines, keys)
    party = next(party for party in _nearest(wanted) if origin_of(party) is not None)
    _account_for(account, account.first("algorithm", *NN_OF_BEFORE), "algorithm", (wanted, party), place)
    _account_for(account, account.first("device"), "device", (wanted, party), place)
    return party


def variant_of(party: PartySettings) -> Values:
    """Return what a stack says of a party's images; nothing where it need not."""
    said = {"algorithm": party.algorithm, "device": party.device}
    return {key: str(value) for key, value in said.items() if value not in USUAL}


def account_for_gpus_on_docker(account: Account, party: PartySettings) -> None:
    """Say what becomes of a number of GPUs."""
    if account.text("device").upper() != "GPU":
        account.not_needed(COUNT, "device is not GPU, so KubeFATE took no notice of it")
    elif party.device is Device.GPU:
        account.not_needed(COUNT, "on Docker what computes gets all GPUs of its machine")


def gpus_of(account: Account, module: str, party: PartySettings, service: str, place: str) -> int | None:
    """Return how many GPUs a service gets, None where nothing is said. KubeFATE gave FATE-Flow's alone."""
    if not party.gpus_of(service):
        return None
    number = account.value(f"{module}.{LIMIT}")
    if isinstance(number, int | str) and str(number).isdigit() and int(number) <= MOST_GPUS:
        account.kept(f"{module}.{LIMIT}", f"{place}.gpus")
        account.not_needed(f"{module}.{LIMIT.replace('limits', 'requests')}", "the limit is the request too")
        return int(number)
    return 0 if any(name.endswith(LIMIT) for name in account.names) else None


def _given(account: Account, role: str, names: Sequence[str]) -> str:
    """Return what a source says, in a stack's words; the first of the names where it says nothing of them."""
    if role == "algorithm" and any(account.text(key).lower() == "true" for key in NN_OF_BEFORE):
        return Algorithm.NN
    given = account.text(role).lower()
    return given if given in names else names[0]


def _nearest(wanted: PartySettings) -> Iterator[PartySettings]:
    """Yield what is wanted, then what keeps its algorithm, then what keeps its device, then neither."""
    fewer = [each for each in reversed(Algorithm) if each is not wanted.algorithm]
    devices = tuple(dict.fromkeys((wanted.device, Device.CPU)))
    for device in devices:
        yield wanted.with_variant(wanted.algorithm, device)
    for device, algorithm in product(devices, fewer):
        yield wanted.with_variant(algorithm, device)


def _account_for(
    account: Account, key: str | None, role: str, wanted_and_written: tuple[PartySettings, ...], place: str
) -> None:
    if key is None:
        return
    wanted, written = wanted_and_written
    asked, has = getattr(wanted, role), getattr(written, role)
    given, known = account.text(key), [each.upper() for each in type(has)]
    if key == role and given.upper() not in known:
        near = nearest(given, known)
        meant = f"; {near} was meant?" if near else ""
        account.without_counterpart(
            key, f"{seen(key, given)} is no {role} of KubeFATE's{meant}; {has} is written"
        )
    elif asked is not has:
        lacking = f"these engines have no images of {wanted.algorithm} on {wanted.device}"
        account.without_counterpart(key, f"{lacking}; {role} {has} is written")
    elif has not in USUAL:
        account.kept(key, f"{place}.{role}")
