"""The logins that a cluster pulls images with, as Docker's configuration writes them; no Pulumi."""

import json
from base64 import b64encode
from collections.abc import Iterable
from typing import NamedTuple


class Account(NamedTuple):
    """An account of a registry, by the registry's address."""

    address: str
    user: str
    password: str


def docker_config(accounts: Iterable[Account]) -> str:
    """Return the text of a Secret of type `kubernetes.io/dockerconfigjson`."""
    auths = {
        each.address: {"auth": b64encode(f"{each.user}:{each.password}".encode()).decode()}
        for each in accounts
    }
    return json.dumps({"auths": auths})
