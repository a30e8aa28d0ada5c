"""The password of a page that a service shows its operator."""

from components.services.context import PartyContext
from components.services.service import Secret
from config import catalogue


def password_of(key: str, context: PartyContext) -> Secret:
    """Return the password of the page that a key of a party opens, such as `board`."""
    service, _ = catalogue().pages()[key]
    return Secret(f"{key}-password", holder=service, rotation=getattr(context.rotation, key))
