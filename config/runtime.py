"""Where a stack's containers run."""

from typing import Annotated, Literal

from pydantic import Field

from config.kubernetes import KubernetesSettings
from config.settings import Alternatives, Settings, tagged
from config.text import DockerHost, NonEmptyText, is_loopback

THIS_MACHINE = "this machine"


class DockerSettings(Settings):
    """A Docker engine, on this machine or over ssh. It is not installed and its daemon not configured."""

    kind: Literal["docker"] = Field(default="docker", description="a Docker engine")
    host: DockerHost = Field(
        default="unix:///var/run/docker.sock",
        description="the engine's socket here, or ssh://user@host[:port]; DOCKER_HOST changes nothing",
    )
    ssh_options: tuple[NonEmptyText, ...] = Field(
        default=(), description="options for ssh, one an entry, such as -i and then a key's path"
    )

    @property
    def machine(self) -> str:
        """Return the machine that the engine's ports are opened on."""
        if self.host.startswith("unix://"):
            return THIS_MACHINE
        name = self.host.removeprefix("ssh://").rpartition("@")[2].partition(":")[0].lower().rstrip(".")
        return THIS_MACHINE if is_loopback(name) else name

    @property
    def place(self) -> str:
        """Return within what parties reach each other by the names of their containers: the engine's address.

        It is the same however an address is spelled: a host's capitals, the dot after it, ssh's own port.
        """
        scheme, _, address = self.host.partition("://")
        if scheme == "unix":
            return self.host
        user, at, machine = address.rpartition("@")
        name, _, port = machine.partition(":")
        shown = name.lower().rstrip(".") + (f":{port}" if port not in ("", "22") else "")
        return f"{scheme}://{user}{at}{shown}"

    @property
    def address(self) -> str:
        """Return the engine's address without its scheme."""
        return self.place.partition("://")[2]


_KINDS: dict[str, type[Settings]] = {"docker": DockerSettings, "kubernetes": KubernetesSettings}
_ALTERNATIVES = Alternatives("kind", "kind", _KINDS)
_OF_A_PARTY = Alternatives("kind", "kind", _KINDS, first_unsaid=True)
Runtime = Annotated[
    Annotated[DockerSettings, tagged(DockerSettings)]
    | Annotated[KubernetesSettings, tagged(KubernetesSettings)],
    *_ALTERNATIVES.parts,
]
PartyRuntime = Annotated[
    Annotated[DockerSettings, tagged(DockerSettings)]
    | Annotated[KubernetesSettings, tagged(KubernetesSettings)],
    *_OF_A_PARTY.parts,
]
