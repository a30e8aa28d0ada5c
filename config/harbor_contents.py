"""What is in a Harbor, a stack's own or one that others run: copies, their limit, what is kept of them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from config.faults import refusal, shown
from config.secrets import SecretReference
from config.settings import Settings, tag, tagged
from config.text import (
    Count,
    Cron,
    Flag,
    NonEmptyText,
    ReleaseName,
    ReplicationCron,
    UpstreamUrl,
    VariableName,
)

DOCKER_HUB = "docker-hub"
HUB_TAG = "<docker-hub>"


class Upstream(Settings):
    """A registry that Harbor copies from, or Docker Hub with an account. Harbor itself asks it."""

    url: UpstreamUrl | None = Field(
        default=None, description="a registry with the names of Docker Hub, or of yours; Docker Hub if absent"
    )
    user: NonEmptyText | None = Field(
        default=None, description="the account; the registry is asked without one if absent"
    )
    password: SecretReference | None = Field(default=None, description="the account's password or token")
    ca_file: NonEmptyText | None = Field(
        default=None,
        description="the path of its authority's certificate (PEM); those that Harbor trusts if absent",
    )

    @model_validator(mode="after")
    def _own_authority_of_a_url(self) -> "Upstream":
        if self.ca_file is None or self.url:
            return self
        raise refusal(
            "would not reach Docker Hub's registry, which Harbor asks with what it trusts itself",
            "leave it out, or write the url of a registry that it signed",
            ["ca-file"],
        )

    @model_validator(mode="after")
    def _whole_login(self) -> "Upstream":
        if (self.user is None) is (self.password is None):
            return self
        said, lacking = ("user", "password") if self.user else ("password", "user")
        raise refusal(f"{said} without {lacking} is no login", "write both, or neither", [lacking])


def _way(value: object) -> str:
    return HUB_TAG if isinstance(value, str) else tag(Upstream)


def _known_by_name(value: object) -> object:
    if isinstance(value, str) and value != DOCKER_HUB:
        raise refusal(
            f"{shown(value)} is no registry that is known by its name",
            "write docker-hub, or {url: https://registry.bank.example} for a registry of yours",
        )
    return value


Source = Annotated[
    Annotated[str, Field(json_schema_extra={"const": DOCKER_HUB}), Tag(HUB_TAG)]
    | Annotated[Upstream, tagged(Upstream)],
    Discriminator(_way),
    BeforeValidator(_known_by_name),
]


def _a_value(value: object) -> object:
    if isinstance(value, str | int):
        return value
    raise refusal("is no value of a setting", "write text, a whole number, or true or false")


SystemValue = Annotated[
    Any,
    BeforeValidator(_a_value),
    WithJsonSchema({"anyOf": [{"type": kind} for kind in ("string", "integer", "boolean")]}),
]


class Replicate(Settings):
    """FATE's images in Harbor: exactly those that the stack runs, copied before parties pull them."""

    source: Source = Field(default=DOCKER_HUB, alias="from", description="docker-hub, or a registry of yours")
    release: ReleaseName | None = Field(
        default=None, description="the release whose images are copied, in quotes; the stack's if absent"
    )
    cron: ReplicationCron | None = Field(
        default=None,
        description="when they are copied again, six fields, the first 0; only by pulumi up if absent",
    )

    @property
    def upstream(self) -> Upstream:
        """Return the registry that is copied from; of Docker Hub by its name, one without a login."""
        return self.source if isinstance(self.source, Upstream) else Upstream()


class Retention(Settings):
    """What stays in the project when it is tidied: what the stack runs, and what one of these keeps."""

    latest: Count | None = Field(default=None, description="keep so many of each image, the latest pushed")
    pulled_within: Count | None = Field(default=None, description="keep what was pulled within so many days")
    cron: Cron = Field(description="when it is tidied: six fields, seconds first")

    @model_validator(mode="after")
    def _keeps_something(self) -> "Retention":
        if self.latest is None and self.pulled_within is None:
            raise refusal(
                "would delete every image that the stack does not run at that moment",
                "write latest: 10, so that a release can be taken back, or pulled-within: 90",
                ["latest"],
            )
        return self


class Contents(Settings):
    """What is in a Harbor: a project, a robot for each party that pulls and one that pushes, and the rest."""

    replicate: Replicate | None = Field(
        default=None, description="copy FATE's images; somebody else brings them if absent"
    )
    public: Flag = Field(
        default=False,
        description="whoever reaches it pulls without a login: parties of other stacks have no robot",
    )
    quota: Count | None = Field(default=None, description="GiB that the project may hold; no limit if absent")
    retention: Retention | None = Field(
        default=None, description="what stays when the project is tidied; all of it if absent"
    )
    garbage_collection: Cron | None = Field(
        default=None,
        description="when Harbor deletes what nothing names, six fields, seconds first; as Harbor has it if"
        " absent",
    )
    system: Mapping[VariableName, SystemValue] = Field(
        default={}, description="settings of Harbor by its own keys, such as session_timeout"
    )


class HarborElsewhere(Contents):
    """What is in a Harbor that others run, at the mirror's address: its first part is the project."""

    user: NonEmptyText = Field(default="admin", description="a system administrator of that Harbor")
    password: SecretReference = Field(description="the administrator's password")
    adopt: Flag = Field(
        default=False,
        description="take over a project, an endpoint, a replication and robots that have these names there",
    )
