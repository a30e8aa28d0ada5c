"""What makes a service start anew when a secret of it changes."""

from pulumi import Input, Output

from components.services.passwords import fingerprint, revision
from components.services.service import Service


def secrets_revision(secret_key: Input[str], service: Service) -> Output[str] | None:
    """Return what changes with the stack's key or a rotation, and may be read; None without a secret."""
    if not service.secrets:
        return None
    key = Output.unsecret(Output.from_input(secret_key).apply(fingerprint))
    return key.apply(lambda key: revision(key, service))
