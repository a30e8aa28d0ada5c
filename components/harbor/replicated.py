"""The run of a replication."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions

from components.harbor.resource import HarborResource


class Artifact(TypedDict):
    """An image that has to be in the project after the run."""

    repository: Input[str]
    """Its name within the project."""
    tag: NotRequired[Input[str]]
    digest: NotRequired[Input[str]]
    """`sha256:...`; with both, the tag has to be of that digest."""


class Replicated(HarborResource):
    """A run of a replication, and the check that each artifact is there, by digest where one is given.

    Harbor calls a run a success that found nothing of a tag; this does not. It runs again when an artifact is
    added, changed, or gone from the project. Where all are there by digest already, nothing runs, so the
    upstream may be down. `custom_timeouts` say how long a run may take, by default 30 minutes. Its deletion
    leaves the images.

    `digests` has the digest of each artifact, by `project/repository:tag`.
    """

    replication_id: Output[str]
    project: Output[str]
    artifacts: Output[list[dict[str, Any]]]
    digests: Output[dict[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        replication_id: Input[str],
        project: Input[str],
        artifacts: Input[Sequence[Artifact]],
        opts: ResourceOptions | None = None,
    ) -> None:
        inputs = {"replication_id": replication_id, "project": project, "artifacts": artifacts}
        super().__init__("Replicated", resource_name, inputs, told=("digests",), opts=opts)
