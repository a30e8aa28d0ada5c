"""From the values of a stack to its settings, or to everything that is wrong with them."""

from collections.abc import Mapping

from pydantic import ValidationError

from config.faults import ConfigurationFault
from config.stack import StackSettings
from config.wording import faults_of


def load(values: Mapping[str, object]) -> StackSettings:
    """Make a stack's settings from its keys, `fate:` and the secret key left out.

    Raises ConfigurationFault with every fault at once.
    """
    try:
        return StackSettings.model_validate(values, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ConfigurationFault(faults_of(error, StackSettings)) from None
