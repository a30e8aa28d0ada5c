"""Whether those who push to a Harbor of the stack's own trust it, asked before anything is built.

Makes nothing. The engine pushes. Then the Docker plugin, a process of this machine, asks Harbor for the
digest of what was pushed: by HTTPS, and it trusts whom the system trusts.
"""

from collections.abc import Mapping

from clients.failures import Unreachable, Untrusted
from components.preflight.mirror import Asker, Engine, Registry, pulling_engines
from config import DockerSettings, HarborMirror, StackSettings

LET_THE_PLUGIN_TRUST = (
    "The Docker plugin asks it for the digest of what was pushed: put the authority that signed its"
    " certificate among those of this machine's system, or into the file of SSL_CERT_FILE (docs/harbor.md)"
)


class Plugin(Registry):
    """A machine as its Docker plugin asks a Harbor: always by HTTPS, with what the system trusts."""

    def scheme(self, local: bool) -> str:
        """Return that of HTTPS, on loopback too."""
        return "https"

    def remedy(self, failure: Unreachable) -> str:
        """Return what to do where it cannot be asked."""
        return LET_THE_PLUGIN_TRUST if isinstance(failure, Untrusted) else super().remedy(failure)


def pushers_of(settings: StackSettings, mirror: HarborMirror) -> list[Asker]:
    """Return the engine that builds and those that pull, each once, and this machine."""
    own = settings.runtime
    builder = own if isinstance(own, DockerSettings) else mirror.builder or DockerSettings()
    engines = {engine.place: engine for engine in (builder, *pulling_engines(settings))}
    return [*map(Engine, engines.values()), Plugin()]


def one_of(images: Mapping[str, str]) -> dict[str, str]:
    """Return one image of many: whether Harbor answers is asked of each asker once."""
    holder = min(images)
    return {holder: images[holder]}
