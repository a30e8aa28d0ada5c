"""The machines of a `parties.conf`, each with a Docker engine that is reached by ssh."""

from dataclasses import dataclass

from config.text import is_loopback
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.migrated_stack import Placeholder

SSH = 22


@dataclass(frozen=True)
class Site:
    """A party of the file, or its exchange, and the address of its machine; empty where there is none."""

    id: str
    address: str

    @property
    def is_here(self) -> bool:
        """Say whether its machine is the one that deploys."""
        return bool(self.address) and is_loopback(self.address)


def own_engine(account: Account, site: Site, place: str) -> dict[str, object]:
    """Return where an engine is; nothing for this machine's own."""
    if site.is_here:
        return {}
    user, port = account.text("user"), accepted.port(account.text("SSH_PORT"))
    engine = f"ssh://{user}{'@' if user else ''}{site.address}{f':{port}' if port not in (None, SSH) else ''}"
    if not site.address or accepted.value_of(accepted.ENGINE, engine) is None:
        return {
            "host": Placeholder(
                f"ssh://fate@{example(site)}", f"the Docker engine of the machine of {site.id}"
            )
        }
    account.kept("user", place)
    if port:
        account.kept("SSH_PORT", place, note="22 is ssh's own" if port == SSH else "")
    return {"host": engine}


def example(site: Site) -> str:
    """Return what a name of its machine looks like."""
    return f"fate-{site.id}.bank.example"
