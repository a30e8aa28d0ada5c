"""Every service's password, derived from the stack's one secret.

Source: design rule "the one secret of a stack; every service's password is derived from it".
"""

import hashlib
import hmac

from components.services.service import Secret


def derive(secret_key: str, owner: str, secret: Secret) -> str:
    """Return 48 hexadecimal characters: the HMAC-SHA256 of the secret's full name under the stack's key.

    `owner` is the party's id, or the mirror's name. Another rotation gives an unrelated password.
    """
    name = f"{owner}/{secret.holder}/{secret.name}/{secret.rotation}"
    return hmac.new(secret_key.encode(), name.encode(), hashlib.sha256).hexdigest()[:48]
