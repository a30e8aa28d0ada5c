"""Every service's password, derived from the stack's one secret.

Source: design rule "the one secret of a stack; every service's password is derived from it".
"""

import hashlib
import hmac
from collections.abc import Mapping
from functools import cache

from components.services.service import Secret, Service


def derive(secret_key: str, owner: str, secret: Secret) -> str:
    """Return 48 hexadecimal characters: the HMAC-SHA256 of the secret's full name under the stack's key.

    `owner` is the party's id, or the mirror's name. Another rotation gives an unrelated password.
    """
    name = f"{owner}/{secret.holder}/{secret.name}/{secret.rotation}"
    return hmac.new(secret_key.encode(), name.encode(), hashlib.sha256).hexdigest()[:48]


@cache
def fingerprint(secret_key: str) -> str:
    """Return 4 hexadecimal characters that change with the key, for a label that anybody may read.

    They tell 16 bits of a slow hash: enough to notice another key, too little to find one of 32 characters.
    """
    return _slow_hash(secret_key, b"fate.secrets", 2)


@cache
def owner_fingerprint(secret_key: str) -> str:
    """Return the 8 hexadecimal characters that objects name their owner by; anybody may read them.

    Two operators who chose one name for their stacks are told apart by them.
    """
    return _slow_hash(secret_key, b"fate.owner", 4)


def _slow_hash(secret_key: str, salt: bytes, length: int) -> str:
    return hashlib.scrypt(secret_key.encode(), salt=salt, n=2**13, r=8, p=1, dklen=length).hex()


def given_fingerprint(secret_key: str, secret: Secret, value: str) -> str:
    """Return 8 hexadecimal characters that change with a given secret, and tell nothing without the key."""
    told = f"given/{secret.given}/{value}"
    return hmac.new(secret_key.encode(), told.encode(), hashlib.sha256).hexdigest()[:8]


def revision(secret_key: str, service: Service, given: Mapping[str, str]) -> str:
    """Return what changes when a secret of a service does: the key's fingerprint, and a number for each.

    That is its rotation; of one that was given, a fingerprint.
    """
    numbers = (
        f"{secret.name} {given_fingerprint(secret_key, secret, given[secret.given])}"
        if secret.given
        else f"{secret.name} {secret.rotation}"
        for secret in service.secrets
    )
    return ", ".join((f"key {fingerprint(secret_key)}", *numbers))
