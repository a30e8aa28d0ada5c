"""Secrets that others gave: passwords of what a stack does not make, such as a database elsewhere.

Every password of what a stack makes is derived from its secret key and stands nowhere. These alone cannot be:
they stand encrypted below `fate:secrets`, by name, and a key that wants one says that name. A model holds the
name, never the value.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, ValidatorFunctionWrapHandler, WithJsonSchema, WrapValidator, model_validator

from config.faults import ConfigurationFault, Fault, path, refusal
from config.settings import Settings
from config.written import written

SECRETS = "secrets"
NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
ONE_LINE = re.compile(r"[!-~]+")
PEM = re.compile(r"-----BEGIN [ -~]+-----\n([ -~]*\n)+")
SET_ONE = "pulumi config set --secret --path fate:secrets.NAME"
NOTHING = "{}"
"""What Pulumi tells of a mapping that holds nothing."""
PLAIN = "stands in plain text, for everyone who reads the repository"

SecretName = Annotated[
    str,
    *written(NAME, "a name of a secret", "write lower-case letters, digits and hyphens, such as model-store"),
]


class SealedText(Settings):
    """A secret as Pulumi writes it, encrypted. Only Pulumi opens it, and no model sees what it is."""

    secure: str = Field(description="what `pulumi config set --secret` writes")

    @model_validator(mode="before")
    @classmethod
    def _encrypted(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return value
        raise refusal(PLAIN, f"take a new one, and run: {SET_ONE}")


def _is_named(value: object, check: ValidatorFunctionWrapHandler) -> object:
    """Refuse what names no secret, without repeating it: it may be one."""
    if isinstance(value, str) and re.fullmatch(NAME, value, re.ASCII):
        return check(value)
    raise refusal("is not the name of a secret", f"run: {SET_ONE}, and write that name")


class SecretReference(Settings):
    """Where a secret is meant: by its name among `fate:secrets`."""

    secret: Annotated[
        str, WrapValidator(_is_named), WithJsonSchema({"type": "string", "pattern": f"^{NAME}$"})
    ] = Field(description="the name of one of fate:secrets")

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        if isinstance(value, Mapping | SecretReference):
            return value
        raise refusal(PLAIN, f"run: {SET_ONE}, and write {{secret: NAME}}")


def sealed_again(opened: str, encrypted: bool) -> dict[str, object]:
    """Return what Pulumi opened of `fate:secrets` as a stack's file has it: names, and nothing of a value.

    Raises ConfigurationFault where it was not `encrypted` and holds something, or is no names with values; it
    repeats none of it.
    """
    if not encrypted and opened != NOTHING:
        raise ConfigurationFault([Fault(path(SECRETS), PLAIN, f"take new ones, and run: {SET_ONE}")])
    return {name: {"secure": ""} for name in values_of(opened)}


def values_of(opened: str) -> Mapping[str, str]:
    """Return the value of each secret by its name, from what Pulumi opened of `fate:secrets`.

    A value is one line without spaces, which stands in a configuration file, or the text of a PEM file.
    Raises ConfigurationFault with every one that is neither, and repeats none.
    """
    try:
        values = json.loads(opened)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        problem = "is one value, and must be names with a value each"
        raise ConfigurationFault([Fault(path(SECRETS), problem, f"run: {SET_ONE}")])
    if faults := [_no_value(name) for name, value in values.items() if not _is_value(value)]:
        raise ConfigurationFault(faults)
    return values


def _is_value(value: object) -> bool:
    return isinstance(value, str) and bool(ONE_LINE.fullmatch(value) or PEM.fullmatch(f"{value.rstrip()}\n"))


def _no_value(name: str) -> Fault:
    problem = (
        "is neither one line of letters, digits and ASCII signs without a space, nor a PEM file's text:"
        " no configuration file takes it as it is"
    )
    return Fault(path(SECRETS, name), problem, f"choose another, and run: {SET_ONE.replace('NAME', name)}")
