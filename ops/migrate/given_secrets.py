"""The passwords that others chose: none is taken over, each is to be set by the name that a stack has."""

from collections.abc import Mapping

from config.secrets import SECRETS, SET_ONE
from ops.migrate.migrated_stack import Placeholder, Values


def secrets_for(values: Values) -> Values:
    """Return `fate:secrets`, to be filled in, for the secrets that values of a stack name."""
    names = sorted(set(_named_in(values)))
    if not names:
        return {}
    runs = " and ".join(SET_ONE.replace("NAME", name) for name in names)
    return {SECRETS: Placeholder({name: {"secure": "v1:..."} for name in names}, f"run {runs}")}


def _named_in(value: object) -> list[str]:
    match value:
        case {"secret": str(name)}:
            return [name]
        case Mapping():
            return [name for below in value.values() for name in _named_in(below)]
        case list() | tuple():
            return [name for below in value for name in _named_in(below)]
        case _:
            return []
