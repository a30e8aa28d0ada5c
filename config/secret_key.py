"""The secret key of a stack: what it must be, and where a checkout keeps one that is in no stack's file.

Besides it secrets stand below `fate:secrets`. Anywhere else one is refused, for the program would open it.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from config.faults import ConfigurationFault, Fault, path
from config.secrets import PLAIN, SECRETS, SET_ONE

SECRET_KEY = "secret-key"
SHORTEST = 32
REMEDY = 'run: pulumi config set --secret fate:secret-key "$(openssl rand -hex 32)"'
KEPT = "FATE_SECRET_KEYS"
"""Names the folder in which a checkout keeps the secrets of stacks, a file each; `setup/activate` sets it."""
MAKE_ONE = "type: . setup/activate; setup/stack.sh STACK. Or, for everyone who uses the stack,"
PREFIX = "fate:"
SEALED = (
    "is encrypted, and this program would open it: it would stand in plain text in previews, in the state and"
    " in containers"
)


def check_secret_key(value: str | None) -> None:
    """Refuse a secret key that is missing or shorter than 32 characters, without repeating it."""
    if not value:
        problem = "is missing: every password of the stack is derived from it"
        raise ConfigurationFault([Fault(f"{PREFIX}{SECRET_KEY}", problem, f"{MAKE_ONE} {REMEDY}")])
    if len(value) < SHORTEST:
        problem = f"has {len(value)} characters, and needs {SHORTEST} to be beyond guessing"
        raise ConfigurationFault([Fault(f"{PREFIX}{SECRET_KEY}", problem, REMEDY)])


def kept_secret_key(stack: str) -> str | None:
    """Return the secret key that this checkout keeps for a stack, None where it keeps none.

    Raises ConfigurationFault for one that cannot be read.
    """
    folder = os.environ.get(KEPT)
    if not folder:
        return None
    file = Path(folder) / stack
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        problem = f"is kept in {file}, which cannot be read: {error}"
        raise ConfigurationFault(
            [Fault(f"{PREFIX}{SECRET_KEY}", problem, "make it readable for you")]
        ) from None


def check_secrets(keys: Iterable[str], file: Path) -> None:
    """Refuse every key below `fate:` in which Pulumi has opened a secret, but those that hold secrets.

    Pulumi tells the key alone. The place within it is read from the stack's file, where that can be read: so
    is what stands in plain text beside encrypted secrets.
    """
    written = _keys_in(file)
    places = list(sealed(written))
    faults = [
        fault
        for key in sorted(set(keys) - {SECRET_KEY, SECRETS})
        for fault in _faults([place for place in places if place[0] == key] or [(key,)])
    ]
    if faults := [*faults, *_plain(written.get(SECRETS))]:
        raise ConfigurationFault(faults)


def sealed_faults(keys: Mapping[str, object]) -> list[Fault]:
    """Return a fault for every secret in the keys of a stack's file, but for those where secrets belong."""
    return _faults([place for place in sealed(keys) if place != (SECRET_KEY,) and not _is_given(place)])


def sealed(value: object, *place: str | int) -> Iterator[tuple[str | int, ...]]:
    """Return the places of the secrets in a value: each stands there as `{secure: ...}`."""
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            yield place
            return
        for key, part in value.items():
            yield from sealed(part, *place, str(key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from sealed(part, *place, index)


def _is_given(place: Sequence[str | int]) -> bool:
    return place[0] == SECRETS and len(place) == 2


def _plain(secrets: object) -> Iterator[Fault]:
    """Yield a fault for each secret that the stack's file has in plain text."""
    for name, value in secrets.items() if isinstance(secrets, Mapping) else ():
        if isinstance(value, str):
            remedy = f"take a new one, and run: {SET_ONE.replace('NAME', str(name))}"
            yield Fault(path(SECRETS, str(name)), PLAIN, remedy)


def _faults(places: Iterable[Sequence[str | int]]) -> list[Fault]:
    return [Fault(path(*place), SEALED, _remedy(path(*place))) for place in places]


def _remedy(place: str) -> str:
    quoted = place.replace("'", "'\\''")
    return (
        f"run: pulumi config rm --path '{quoted}'; every password of what a stack makes is derived from"
        f" {PREFIX}{SECRET_KEY}. A key that takes {{secret: NAME}} takes one after: {SET_ONE}. If it is no"
        f" secret: pulumi config set --plaintext --path '{quoted}' VALUE"
    )


def _keys_in(file: Path) -> Mapping[str, object]:
    try:
        config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
        return {str(key).removeprefix(PREFIX): part for key, part in config.items()}
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return {}
