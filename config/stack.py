"""The whole configuration of a stack."""

from pydantic import Field

from config.images import ImageName, ImageReference, Images, RegistryImages
from config.mirror import Mirror
from config.party import PartySettings
from config.peers import PartyPeer, Peer
from config.releases import release
from config.rotation import Rotation
from config.runtime import Runtime
from config.settings import Settings
from config.text import Flag, ReleaseName


class StackSettings(Settings):
    """A stack's settings. Made by `config.load`, which refuses what cannot work; holds no secret."""

    release: ReleaseName = Field(description="the release of FATE, in quotes")
    runtime: Runtime = Field(description="where the stack runs")
    images: Images = Field(description="where images come from")
    mirror: Mirror | None = Field(default=None, description="the registry that parties pull from")
    parties: tuple[PartySettings, ...] = Field(description="the parties, one at least")
    rotation: Rotation = Field(default=Rotation(), description="numbers to raise for new passwords")
    protect: Flag = Field(
        default=False,
        description="refuse to delete or replace data volumes, claims and their namespaces: destroy fails",
    )

    def party(self, id: str) -> PartySettings:
        """Return a party of the stack. Raises KeyError for any other id."""
        for party in self.parties:
            if party.id == id:
                return party
        raise KeyError(id)

    def runtime_of(self, party: PartySettings) -> Runtime:
        """Return where a party runs: on its own runtime, or on the stack's."""
        return party.runtime or self.runtime

    def peers_of(self, party: PartySettings) -> tuple[Peer, ...]:
        """Return a party's peers: those it names, or every other party where it has no `peers` key."""
        if "peers" in party.model_fields_set:
            return party.peers
        return tuple(PartyPeer(id=other.id) for other in self.parties if other.id != party.id)

    def image(self, service: str) -> ImageReference:
        """Return the image of a service. Raises KeyError where the release has none from this source."""
        source = "packages" if isinstance(self.images, RegistryImages) else self.images.source
        image = release(self.release).image(source, service)
        if image is None:
            raise KeyError(f"{service} in release {self.release} from {source}")
        if not isinstance(self.images, RegistryImages):
            return ImageReference(image.name, image.tag)
        digest = self.images.digests.get(ImageName(image.name))
        return ImageReference(f"{self.images.prefix}/{image.name}", image.tag, digest)
