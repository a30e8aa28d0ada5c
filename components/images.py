"""Which reference each service of a party is pulled by.

An image is held once, by the first service that runs it and what its name ends with: `fateflow`,
`fateflow-spark`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pulumi
from pulumi import Input, Output

from components.other_stacks import StackOutput
from config import (
    DistributionMirror,
    ExternalMirror,
    HarborMirror,
    ImageReference,
    PartySettings,
    RegistryImages,
    StackMirror,
    StackSettings,
    catalogue,
)
from config.mirror import OwnMirror, contents_of
from images.recipes import recipe_digest


def built_images(settings: StackSettings) -> dict[str, ImageReference]:
    """Return the images that the stack's own mirror builds: those of its parties, and those it is to hold."""
    mirror = settings.mirror
    if settings.images.source != "packages" or not isinstance(mirror, OwnMirror) or not mirror.builds:
        return {}
    run = {
        settings.image(party, service).name
        for party, service in _services(settings)
        if not _comes_from_elsewhere(settings, service)
    }
    holders = catalogue().holders(settings.release)
    tags = {image.name: image.tag for image in catalogue().images(settings.release, "packages").values()}
    return {
        holder: ImageReference(name, tags.get(name, ""))
        for name, holder in holders.items()
        if name in run or name in mirror.holds
    }


def pushed_images(settings: StackSettings) -> dict[str, str]:
    """Return the same by the names that the engine pushes them under, their tags the digests of recipes."""
    mirror = settings.mirror
    if not isinstance(mirror, OwnMirror):
        return {}
    return {
        holder: f"{mirror.pushed_to}/{image.name}:{recipe_digest(image.name)}"
        for holder, image in built_images(settings).items()
    }


def pulled_images(settings: StackSettings, output_of: StackOutput) -> dict[str, str]:
    """Return the reference of each image that is not built by this stack, by its holder.

    Raises pulumi.RunError for another stack's mirror that holds no such image.
    """
    built = built_images(settings)
    return {
        holder: _reference(settings, party, service, output_of)
        for party, service in _services(settings)
        if (holder := _holder(settings, party, service)) not in built
    }


def run_images(settings: StackSettings, by: str | None = None) -> tuple[ImageReference, ...]:
    """Return the images that the stack pulls through its mirror, by their names there, each once.

    All of them, or those that are pulled `by` a party of that id, or by `exchange`.
    """
    return _once(
        _named_within(settings, party, service)
        for party, service in _services(settings)
        if by in (None, party.id if party else "exchange") and not _comes_from_elsewhere(settings, service)
    )


def copied_images(settings: StackSettings, release: str = "") -> tuple[ImageReference, ...]:
    """Return those of them that a registry has, so that a Harbor copies them: none that is built here.

    Those of another release have no digest: `fate images pin` asks for the stack's own.
    """
    another = release not in ("", settings.release)
    asked = settings.model_copy(update={"release": release}) if another else settings
    copied = _once(
        _named_within(asked, party, service)
        for party, service in _services(asked)
        if _is_copied(asked, service)
    )
    return tuple(replace(each, digest=None) if another else each for each in copied)


def brought_images(settings: StackSettings) -> frozenset[str]:
    """Return the holders of those that `up` brings to the stack's mirror itself: built here, or copied."""
    contents = contents_of(settings.mirror)
    copies = contents is not None and contents.replicate is not None
    copied = (
        _holder(settings, party, service)
        for party, service in _services(settings)
        if copies and _is_copied(settings, service)
    )
    return frozenset([*built_images(settings), *copied])


def kept_images(settings: StackSettings) -> tuple[ImageReference, ...]:
    """Return what stays in a Harbor however old it is: what the stack runs, or builds for other stacks."""
    built = (each.name for each in built_images(settings).values())
    return (*run_images(settings), *(ImageReference(name, recipe_digest(name)) for name in built))


def images_of(
    settings: StackSettings, party: PartySettings | None, held: Mapping[str, Input[str]]
) -> dict[str, Input[str]]:
    """Return the reference of each service of a party, or of the exchange, from those of all by holder."""
    services = party.service_names if party else _of_the_exchange(settings)
    return {service: held[_holder(settings, party, service)] for service in services}


def through(mirror: Output[str], references: Mapping[str, str]) -> dict[str, Output[str]]:
    """Return references that are known once the mirror answers: nothing is pulled through it before."""
    return {service: _after(mirror, reference) for service, reference in references.items()}


def _services(settings: StackSettings) -> Iterator[tuple[PartySettings | None, str]]:
    """Yield each service that the stack runs, with its party; the exchange's belong to none."""
    for service in _of_the_exchange(settings):
        yield None, service
    for party in settings.parties_by_id:
        for service in party.service_names:
            yield party, service


def _of_the_exchange(settings: StackSettings) -> tuple[str, ...]:
    return (settings.exchange.service,) if settings.exchange else ()


def _holder(settings: StackSettings, party: PartySettings | None, service: str) -> str:
    source = settings.images.source_of(service)
    suffix = party.image_suffix(service, source) if party else ""
    if source == "hub" or _comes_from_elsewhere(settings, service):
        return f"{service}{suffix}"
    image = catalogue().image(settings.release, source, service, suffix)
    return catalogue().holders(settings.release)[image.name] if image else service


def _comes_from_elsewhere(settings: StackSettings, service: str) -> bool:
    """Tell whether a service's image is named by itself, apart from where those of the others come from."""
    own = settings.images.services.get(service)
    if own is None or own.prefix is not None:
        return own is not None
    return own.source == "hub" and not _is_copied_beside(settings)


def _is_copied(settings: StackSettings, service: str) -> bool:
    """Tell whether a Harbor that replicates copies a service's image, as a registry has it."""
    is_built = settings.images.source == settings.images.source_of(service) == "packages"
    return not is_built and not _comes_from_elsewhere(settings, service)


def _once(images: Iterable[ImageReference]) -> tuple[ImageReference, ...]:
    found = {image.text: image for image in images}
    return tuple(image for _, image in sorted(found.items()))


def _is_copied_beside(settings: StackSettings) -> bool:
    """Tell whether a Harbor copies the official images of a stack whose others are built here."""
    contents = contents_of(settings.mirror)
    return settings.images.source == "packages" and contents is not None and contents.replicate is not None


def _reference(
    settings: StackSettings, party: PartySettings | None, service: str, output_of: StackOutput
) -> str:
    image = _image(settings, party, service)
    if _comes_from_elsewhere(settings, service):
        return image.text
    match settings.mirror:
        case StackMirror(stack=stack) if settings.images.source == "packages":
            return _held(stack, output_of(stack, "images"), _holder(settings, party, service))
        case StackMirror(stack=stack) if settings.images.source == "hub":
            return f"{_address(stack, output_of(stack, 'mirror'))}/{image.text}"
        case ExternalMirror() as mirror:
            return f"{mirror.address}/{_within(settings, image.text)}"
        case DistributionMirror(builds=False) as mirror:
            return f"{mirror.pull_address}/fate/{_within(settings, image.text)}"
        case DistributionMirror() | HarborMirror() as mirror:
            return f"{mirror.pull_address}/{_within(settings, image.text)}"
        case _:
            return image.text


def _image(settings: StackSettings, party: PartySettings | None, service: str) -> ImageReference:
    """Return the image of a service; one that is built here has the digest of its recipe as its tag."""
    image = settings.image(party, service)
    if settings.images.source_of(service) != "packages":
        return image
    return replace(image, tag=recipe_digest(image.name.rpartition("/")[2]))


def _held(stack: str, images: object, holder: str) -> str:
    if not isinstance(images, Mapping) or holder not in images:
        raise pulumi.RunError(
            f"fate:mirror: stack {stack} holds no image for {holder}: run pulumi up on that stack first, with"
            " the image among its fate:mirror.holds where no party there runs it, or write mirror: {kind:"
            " external, address: ...}"
        )
    return str(images[holder])


def _address(stack: str, mirror: object) -> str:
    if not isinstance(mirror, str):
        raise pulumi.RunError(
            f"fate:mirror: stack {stack} has no mirror: run pulumi up on that stack first, with mirror:"
            " {kind: distribution, upstream: ...}, or write mirror: {kind: external, address: ...}"
        )
    return mirror


def _named_within(settings: StackSettings, party: PartySettings | None, service: str) -> ImageReference:
    image = _image(settings, party, service)
    return replace(image, name=_within(settings, image.name))


def _within(settings: StackSettings, image: str) -> str:
    """Return an image's name within its registry: a mirror stands in the registry's place."""
    return image.partition("/")[2] if isinstance(settings.images, RegistryImages) else image


def _after(mirror: Output[str], reference: str) -> Output[str]:
    return mirror.apply(lambda _: reference)
