"""What a stack accepts of a source's values, as the stack has it."""

import re
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from config.kubernetes_text import NamespaceName, ObjectName, Quantity
from config.text import DockerHost, HostName, PartyId, RegistryAddress, UserName

T = TypeVar("T")

HOST: TypeAdapter[str] = TypeAdapter(HostName)
PARTY: TypeAdapter[str] = TypeAdapter(PartyId)
REGISTRY: TypeAdapter[str] = TypeAdapter(RegistryAddress)
ENGINE: TypeAdapter[str] = TypeAdapter(DockerHost)
NAMESPACE: TypeAdapter[str] = TypeAdapter(NamespaceName)
OBJECT: TypeAdapter[str] = TypeAdapter(ObjectName)
SIZE: TypeAdapter[str] = TypeAdapter(Quantity)
USER: TypeAdapter[str] = TypeAdapter(UserName)
STACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)


def value_of(adapter: TypeAdapter[T], value: object) -> T | None:
    """Return a value as a stack has it, None where a stack would refuse it."""
    try:
        return adapter.validate_python(value, by_alias=True, by_name=False)
    except ValidationError:
        return None


def host(value: object) -> str | None:
    """Return a host name or address that peers can dial, None for anything else."""
    return value_of(HOST, _text(value))


def party_id(value: object) -> str | None:
    """Return a party id as text, None for what is none."""
    return value_of(PARTY, _text(value))


def registry(value: object) -> str | None:
    """Return a registry's address without scheme and closing slash, None for what is none."""
    return value_of(REGISTRY, re.sub(r"^https?://", "", _text(value)).rstrip("/"))


def number(value: object) -> int | None:
    """Return a whole number above 0, None for anything else."""
    text = _text(value)
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text) else None


def port(value: object) -> int | None:
    """Return a port's number, None for what is none."""
    found = number(value)
    return found if found is not None and found <= 65535 else None


def listed(value: object) -> tuple[str, ...]:
    """Return the texts of a Bash array, or of a value that is one word."""
    if isinstance(value, tuple | list):
        return tuple(str(part) for part in value)
    return (str(value),) if value not in (None, "") else ()


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
