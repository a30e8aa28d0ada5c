"""The whole configuration of a stack."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from config.catalogue import catalogue
from config.exchange import Exchange, HereExchange
from config.images import ImageReference, Images
from config.mirror import Mirror
from config.pages import rotation_keys
from config.party import PartySettings
from config.peers import PartyPeer, Peer
from config.runtime import DockerSettings, Runtime
from config.secrets import SealedText, SecretName
from config.settings import Settings, also
from config.text import Fingerprint, Flag, ReleaseName, Rotations, order_of


@also(rotation_keys())
class Rotation(Settings):
    """Numbers to raise when a password is to change. The stack's secret key itself stays."""

    database: Rotations = Field(default=1, description="raise it for new passwords of the databases")
    broker: Rotations = Field(default=1, description="raise it for new passwords of the brokers")
    spark: Rotations = Field(default=1, description="raise it for new secrets among Spark's services")


class StackSettings(Settings):
    """A stack's settings. Made by `config.load`, which refuses what cannot work; holds no secret."""

    release: ReleaseName = Field(description="the release of FATE, in quotes")
    runtime: Runtime = Field(description="where the stack runs")
    images: Images = Field(description="where images come from")
    mirror: Mirror | None = Field(default=None, description="the registry that parties pull from")
    parties: tuple[PartySettings, ...] = Field(
        default=(), description="the parties, one at least where the stack has no exchange"
    )
    exchange: Exchange | None = Field(
        default=None, description="the exchange in the middle of a star; none if absent"
    )
    rotation: Rotation = Field(default=Rotation(), description="numbers to raise for new passwords")
    secrets: Mapping[SecretName, SealedText] = Field(
        default={},
        description="secrets of what the stack does not make, by a name that other keys call them by: run"
        " pulumi config set --secret --path fate:secrets.NAME",
    )
    adopts: tuple[Fingerprint, ...] = Field(
        default=(),
        description="earlier secret keys of the stack, by the label fate.owner of what was made with them: it"
        " stays the stack's",
    )
    protect: Flag = Field(
        default=False,
        description="refuse to delete or replace data volumes, claims and their namespaces: destroy fails",
    )

    @property
    def parties_by_id(self) -> tuple[PartySettings, ...]:
        """Return the parties in the order of their ids: their order in the file changes nothing."""
        return tuple(sorted(self.parties, key=lambda party: order_of(party.id)))

    def party(self, id: str) -> PartySettings:
        """Return a party of the stack. Raises KeyError for any other id."""
        for party in self.parties:
            if party.id == id:
                return party
        raise KeyError(id)

    def runtime_of(self, party: PartySettings) -> Runtime:
        """Return where a party runs: on its own runtime, or on the stack's."""
        return party.runtime or self.runtime

    @property
    def exchange_runtime(self) -> Runtime:
        """Return where the exchange runs: on its own runtime, or on the stack's."""
        return (self.exchange and self.exchange.runtime) or self.runtime

    @property
    def runtimes(self) -> tuple[Runtime, ...]:
        """Return where anything of the stack runs: the stack's own runtime, the exchange's, the parties'."""
        of_parties = (self.runtime_of(party) for party in self.parties)
        return (self.runtime, *((self.exchange_runtime,) if self.exchange else ()), *of_parties)

    @property
    def behind_the_exchange(self) -> tuple[PartySettings, ...]:
        """Return the parties that are behind the stack's own exchange, in the order of their ids."""
        return tuple(party for party in self.parties_by_id if isinstance(party.exchange, HereExchange))

    @property
    def led_to_by_the_exchange(self) -> tuple[str, ...]:
        """Return the ids of all parties that the stack's exchange leads to, in order."""
        members = self.exchange.parties if self.exchange else ()
        return tuple(sorted((each.id for each in (*self.behind_the_exchange, *members)), key=order_of))

    @property
    def met_by_the_exchange(self) -> tuple[str, ...]:
        """Return the ids of the parties that meet the stack's exchange by name: both are in one place."""
        there = self.exchange_runtime.place
        return tuple(party.id for party in self.behind_the_exchange if self.runtime_of(party).place == there)

    def ssh_options(self, engine: DockerSettings) -> tuple[str, ...]:
        """Return the options of an engine, which hold for all that run on it, wherever they are written."""
        same = (
            each for each in self.runtimes if isinstance(each, DockerSettings) and each.place == engine.place
        )
        return next((each.ssh_options for each in same if each.ssh_options), ())

    def peers_of(self, party: PartySettings) -> tuple[Peer, ...]:
        """Return a party's peers by id: those it names, or every other party where it has no `peers` key."""
        named: Sequence[Peer] = party.peers
        if "peers" not in party.model_fields_set:
            named = [PartyPeer(id=other.id) for other in self.parties if other.id != party.id]
        return tuple(sorted(named, key=lambda peer: order_of(peer.id)))

    def image(self, party: PartySettings | None, service: str) -> ImageReference:
        """Return the image of a service of a party, or of the exchange.

        Raises KeyError where the release has none like it.
        """
        source = self.images.source_of(service)
        suffix = party.image_suffix(service, source) if party else ""
        image = catalogue().image(self.release, source, service, suffix)
        if image is None:
            raise KeyError(f"{service} in release {self.release} from {source}")
        return self.images.reference(service, image)
