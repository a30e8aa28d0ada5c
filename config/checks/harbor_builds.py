"""Whether a stack's Harbor is told to hold what is built here, where something is, and by whom."""

from collections.abc import Iterator

from config.faults import Fault, path
from config.harbor import HarborMirror
from config.images import HubImages, RegistryImages
from config.plan import Plan
from config.runtime import DockerSettings


def builds_of_a_stack_that_builds(plan: Plan) -> Iterator[Fault]:
    """Refuse what says which images are built for a Harbor, and by whom, where none is."""
    mirror, images = plan.mirror, plan.images
    if not isinstance(mirror, HarborMirror) or not isinstance(images, HubImages | RegistryImages):
        return
    for key in ("builds", "holds", "builder"):
        if key in mirror.model_fields_set:
            yield Fault(
                path("mirror", key),
                f"is without effect: images from {images.source} are copied to Harbor, and nothing is built",
                f"leave {key} out, or write images: {{from: packages}}",
            )


def no_builder_beside_an_engine(plan: Plan) -> Iterator[Fault]:
    """Refuse a second engine where Harbor's own builds."""
    mirror = plan.mirror
    if isinstance(mirror, HarborMirror) and isinstance(plan.runtime, DockerSettings) and mirror.builder:
        yield Fault(
            path("mirror", "builder"),
            "is for Kubernetes: on Docker the engine that runs Harbor builds for it",
            "leave builder out",
        )
