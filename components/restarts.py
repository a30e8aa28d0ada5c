"""What makes a service start anew when a secret of it changes."""

from collections.abc import Mapping

from pulumi import Input, Output

from components.services.passwords import revision
from components.services.service import Service


def secrets_revision(
    secret_key: Input[str], service: Service, given: Mapping[str, Input[str]] | None = None
) -> Output[str] | None:
    """Return what changes with the stack's key, a rotation or a given secret, and may be read.

    None without a secret.
    """
    if not service.secrets:
        return None
    values = {s.given: (given or {})[s.given] for s in service.secrets if s.given}
    told = Output.all(key=secret_key, values=Output.all(**values) if values else {})
    return Output.unsecret(told.apply(lambda told: revision(told["key"], service, told["values"])))
