"""The catalogue as a whole: which services there are, and of which releases."""

from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import model_validator

from config.catalogue.facts import Form, ImageFacts, Layout, Origin, PortFacts, ServiceFacts, Source
from config.settings import Settings

FOLDER = Path(__file__).parent
NO_SERVICE = ("forms", "releases")
Owner = Literal["party", "mirror", "exchange", "harbor"]
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML has it: every run of the program reads these files."""


class Catalogue(Settings):
    """Every service by name, in the order of lists; every release, the oldest first."""

    releases: tuple[str, ...]
    forms: Mapping[str, Form]
    services: Mapping[str, ServiceFacts]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, facts in self.services.items():
            if not name.isalpha():
                raise ValueError(f"{name} is no service's name: what follows a hyphen tells its volumes")
            for other in (*facts.needs, *facts.calls, *facts.opens_more_to):
                if other not in self.services:
                    raise ValueError(f"{name} needs or calls {other}, which is no service")
        self._check_keys_of_operators()
        try:
            self._by_need().prepare()
        except CycleError as circle:
            raise ValueError(f"services need each other in a circle: {circle.args[1]}") from None
        return self

    def _check_keys_of_operators(self) -> None:
        """Refuse a port of the operator's that no key of a party opens, and a key that opens two."""
        ports = [(name, port) for name, facts in self.of("party").items() for port in facts.ports.values()]
        for name, port in ports:
            if (port.audience == "operator") is not bool(port.opened_by):
                raise ValueError(f"{name}: a port is the operator's where a key of a party opens it")
        keys = [port.opened_by for _, port in ports if port.opened_by]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise ValueError(f"the key {twice[0]} of a party opens one port, and two services want it")

    def openings(self) -> dict[str, tuple[str, PortFacts]]:
        """Return the service, and the port of it, that each key of a party opens for the operator."""
        return {
            port.opened_by: (service, port)
            for service, facts in self.of("party").items()
            for port in facts.ports.values()
            if port.opened_by
        }

    def pages(self) -> dict[str, tuple[str, PortFacts]]:
        """Return the same of those that ask for a password."""
        return {key: opened for key, opened in self.openings().items() if opened[1].asks != "nothing"}

    def of(self, owner: Owner) -> dict[str, ServiceFacts]:
        """Return the services of parties, of mirrors, of exchanges, or of Harbor."""
        return {name: facts for name, facts in self.services.items() if facts.of == owner}

    def needed_first(self) -> tuple[str, ...]:
        """Return the names of all services, those first that others need."""
        return tuple(self._by_need().static_order())

    def volumes(self) -> dict[str, str]:
        """Return the size that each volume has unless a stack says another, by the name of its claim."""
        return {
            claim_name(name, volume): each.size
            for name, facts in self.services.items()
            for volume, each in facts.volumes.items()
        }

    def layout(self, service: str, source: Origin, release: str) -> Layout:
        """Return how a service's image runs, Harbor's by its version.

        Raises KeyError for one that this program does not run.
        """
        images = self.services[service].images[source]
        if images.layout is None or release not in images.releases:
            raise KeyError(f"{service} of release {release} from {source}")
        paths = {**images.layout.paths, **images.releases[release].paths}
        return images.layout.model_copy(update={"paths": paths})

    def port(self, service: str, name: str) -> int:
        """Return the number of a service's port."""
        return self.services[service].ports[name].number

    def first_port(self, service: str) -> int:
        """Return the number of the port that tells whether a service answers: the first that it lists."""
        return next(iter(self.services[service].ports.values())).number

    def met_by_peers(self, speaks: str = "") -> dict[str, tuple[str, PortFacts]]:
        """Return the name and the facts of each port that peers dial at a party, by service; HTTP first.

        Only of services that speak what is named: an Ingress carries `http`, and no `tcp`.
        """
        met = [
            (service, (name, port))
            for service, facts in self.of("party").items()
            for name, port in facts.ports.items()
            if port.audience == "peers" and speaks in ("", port.speaks)
        ]
        return dict(sorted(met, key=lambda each: each[1][1].speaks != "http"))

    def forwarded(self) -> tuple[str, ...]:
        """Return the services of a party for which an exchange keeps a port: what comes names no party."""
        return tuple(name for name in self.met_by_peers() if not self.services[name].routes)

    def image(self, release: str, source: str, service: str, suffix: str = "") -> ImageFacts | None:
        """Return the image of a service, None where the release has none from that source.

        `suffix` is what its name ends with besides, such as `-spark`.
        """
        image = self.images(release, source).get(service)
        if image is None or suffix not in image.variants:
            return None
        return ImageFacts(name=f"{image.name}{suffix}", tag=image.tag, paths=image.paths)

    def images(self, release: str, source: str) -> dict[str, ImageFacts]:
        """Return the images of a release from a source, by service."""
        return {
            name: images.releases[release]
            for name, facts in self.services.items()
            for origin, images in facts.images.items()
            if origin == source and release in images.releases
        }

    def versions(self) -> tuple[str, ...]:
        """Return the versions of Harbor that this program knows, the oldest first."""
        return tuple(next(iter(self.of("harbor").values())).images["harbor"].releases)

    def sources(self, release: str) -> tuple[Source, ...]:
        """Return where a release's images can come from."""
        sources: tuple[Source, ...] = ("packages", "hub")
        return tuple(source for source in sources if self.images(release, source))

    def built(self) -> tuple[str, ...]:
        """Return the names of the images that are built here, of any release."""
        return tuple(dict.fromkeys(name for release in self.releases for name in self.holders(release)))

    def official(self) -> tuple[str, ...]:
        """Return the names of FATE's official images, of any release."""
        images = (image for release in self.releases for image in self.images(release, "hub").values())
        return tuple(dict.fromkeys(f"{image.name}{suffix}" for image in images for suffix in image.variants))

    def holders(self, release: str) -> dict[str, str]:
        """Return what each image that a release has built here is held for: the first service that runs it.

        The service's name ends as the image's does: `fateflow-spark` is held for `fateflow-spark`.
        """
        holders: dict[str, str] = {}
        for service, image in self.images(release, "packages").items():
            for suffix in image.variants:
                holders.setdefault(f"{image.name}{suffix}", f"{service}{suffix}")
        return holders

    def _by_need(self) -> "TopologicalSorter[str]":
        return TopologicalSorter({name: facts.needs for name, facts in self.services.items()})


def claim_name(service: str, volume: str) -> str:
    """Return what tells a service's volume from those of all other services."""
    return volume if volume == service else f"{service}-{volume}"


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that comes with this program."""
    services = {
        file.stem: ServiceFacts.model_validate(_read(file.stem))
        for file in FOLDER.glob("*.yaml")
        if file.stem not in NO_SERVICE
    }
    ranked = dict(sorted(services.items(), key=lambda item: (item[1].rank, item[0])))
    return Catalogue(releases=_read("releases"), forms=_read("forms"), services=ranked)


def _read(name: str) -> Any:  # noqa: ANN401 - the models say what it must be
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), LOADER)
