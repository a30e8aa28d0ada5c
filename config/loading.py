"""From the values of a stack to its settings, or to everything that is wrong with them."""

import re
from collections.abc import Mapping

from pydantic import ValidationError

from config.checks import faults_in
from config.faults import ConfigurationFault, Fault
from config.plan import read
from config.settings import kebab
from config.stack import StackSettings
from config.wording import faults_of


def load(values: Mapping[str, object]) -> StackSettings:
    """Make a stack's settings from its keys, `fate:` and the secret key left out.

    Raises ConfigurationFault with every fault at once: those of single values, and those of the plan as far
    as it can be read.
    """
    given = dict(values)
    planned = tuple(faults_in(read(given)))
    try:
        settings = StackSettings.model_validate(given, by_alias=True, by_name=False)
    except ValidationError as error:
        every = (*faults_of(error, StackSettings), *planned)
        raise ConfigurationFault(sorted(every, key=_place_in_file)) from None
    if planned:
        raise ConfigurationFault(sorted(planned, key=_place_in_file))
    return settings


def _place_in_file(fault: Fault) -> tuple[int, int]:
    """Return where a reader of the stack comes upon a fault: its key, then its party."""
    key, _, rest = fault.path.removeprefix("fate:").partition("[")
    keys = [kebab(name) for name in StackSettings.model_fields]
    top = key.partition(".")[0]
    party = re.match(r"\d+", rest)
    return keys.index(top) if top in keys else len(keys), int(party[0]) if party else -1
