"""A stack's file on disk, read without Pulumi: its secret stays closed."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from config.faults import ConfigurationFault, Fault
from config.secret_key import PREFIX, REMEDY, SECRET_KEY, sealed_faults

NAMESPACE_ENDS = ":"


def values_in(file: Path) -> Mapping[str, object]:
    """Return the stack's keys, `fate:` and the secret key left out; keys of other programs are passed over.

    Raises ConfigurationFault for what cannot be read, for a secret key in plain text and for other secrets.
    """
    config = _config(file)
    own = {str(key).removeprefix(PREFIX): value for key, value in config.items() if _is_own(key)}
    if faults := sealed_faults(own):
        raise ConfigurationFault(faults)
    secret = own.pop(SECRET_KEY, None)
    if secret is not None and not (isinstance(secret, dict) and set(secret) == {"secure"}):
        problem = f"stands in plain text in {file.name}, for everyone who reads the repository"
        raise ConfigurationFault([Fault(f"{PREFIX}{SECRET_KEY}", problem, f"take a new one, {REMEDY}")])
    return own


def _is_own(key: object) -> bool:
    return str(key).startswith(PREFIX) or NAMESPACE_ENDS not in str(key)


def _config(file: Path) -> Mapping[object, object]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(file, f"cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise _unreadable(file, f"is no YAML: {' '.join(str(error).split())}") from None
    config = content.get("config") if isinstance(content, dict) else None
    if not isinstance(config, dict):
        raise _unreadable(file, "has no config: with keys below it")
    return config


def _unreadable(file: Path, problem: str) -> ConfigurationFault:
    remedy = "write a Pulumi.<stack>.yaml as docs/configuration.md shows"
    return ConfigurationFault([Fault(str(file), problem, remedy)])
