"""The one secret of a stack: checked here, read nowhere in this package."""

from config.faults import ConfigurationFault, Fault

SECRET_KEY = "secret-key"
SHORTEST = 32
REMEDY = 'run: pulumi config set --secret fate:secret-key "$(openssl rand -hex 32)"'


def check_secret_key(value: str | None) -> None:
    """Refuse a secret key that is missing or shorter than 32 characters, without repeating it."""
    if not value:
        problem = "is missing: every password of the stack is derived from it"
    elif len(value) < SHORTEST:
        problem = f"has {len(value)} characters, and needs {SHORTEST} to be beyond guessing"
    else:
        return
    raise ConfigurationFault([Fault(f"fate:{SECRET_KEY}", problem, REMEDY)])
