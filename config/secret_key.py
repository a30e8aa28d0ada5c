"""The one secret of a stack: what it must be, and where a checkout keeps one that is in no stack's file."""

import os
from pathlib import Path

from config.faults import ConfigurationFault, Fault

SECRET_KEY = "secret-key"
SHORTEST = 32
REMEDY = 'run: pulumi config set --secret fate:secret-key "$(openssl rand -hex 32)"'
KEPT = "FATE_SECRET_KEYS"
"""Names the folder in which a checkout keeps the secrets of stacks, a file each; `setup/activate` sets it."""
MAKE_ONE = "type: . setup/activate; setup/stack.sh STACK. Or, for everyone who uses the stack,"


def check_secret_key(value: str | None) -> None:
    """Refuse a secret key that is missing or shorter than 32 characters, without repeating it."""
    if not value:
        problem = "is missing: every password of the stack is derived from it"
        raise ConfigurationFault([Fault(f"fate:{SECRET_KEY}", problem, f"{MAKE_ONE} {REMEDY}")])
    if len(value) < SHORTEST:
        problem = f"has {len(value)} characters, and needs {SHORTEST} to be beyond guessing"
        raise ConfigurationFault([Fault(f"fate:{SECRET_KEY}", problem, REMEDY)])


def kept_secret_key(stack: str) -> str | None:
    """Return the secret key that this checkout keeps for a stack, None where it keeps none.

    Raises ConfigurationFault for one that cannot be read.
    """
    folder = os.environ.get(KEPT)
    if not folder:
        return None
    file = Path(folder) / stack
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        problem = f"is kept in {file}, which cannot be read: {error}"
        raise ConfigurationFault([Fault(f"fate:{SECRET_KEY}", problem, "make it readable for you")]) from None
