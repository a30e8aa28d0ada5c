"""What Harbor copies of an upstream: images by namespace and tag, as its filters can name them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.harbor import Artifact, Filter, one_of
from config import ImageReference


@dataclass(frozen=True)
class Copies:
    """Images of one namespace and one tag: exactly these, where names and tags apart would cross."""

    images: tuple[ImageReference, ...]

    @property
    def title(self) -> str:
        """Return what tells them from all others, as Harbor takes names."""
        space, tag = self.images[0].name.rpartition("/")[0], self.images[0].tag
        return "-".join([*space.split("/"), tag] if space else [tag]).lower()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name and the tag of each."""
        return tuple(f"{each.name}:{each.tag}" for each in self.images)

    @property
    def filters(self) -> list[Filter]:
        """Return the filters for exactly these: one brace of names, for which no catalogue is asked."""
        return [
            Filter(type="name", value=one_of([each.name for each in self.images])),
            Filter(type="tag", value=self.images[0].tag),
            Filter(type="resource", value="image"),
        ]

    @property
    def artifacts(self) -> list[Artifact]:
        """Return what has to be there after the run, by digest where the stack says one."""
        return [
            Artifact(repository=each.name, tag=each.tag, digest=each.digest)
            if each.digest
            else Artifact(repository=each.name, tag=each.tag)
            for each in self.images
        ]


def copies_of(images: Sequence[ImageReference]) -> Iterator[Copies]:
    """Yield images together that one replication takes, in an order of their own."""
    together: dict[tuple[str, str], list[ImageReference]] = {}
    for image in sorted(images, key=lambda each: each.text):
        together.setdefault((image.name.rpartition("/")[0], image.tag), []).append(image)
    for _, group in sorted(together.items()):
        yield Copies(tuple(group))
