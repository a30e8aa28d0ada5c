"""The component of what is in a Harbor: a project with copies and built images, robots that pull and push."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions

from components import harbor
from components.harbor_copies import Copies, copies_of
from components.image_builder import ImageBuilder
from components.runtimes.runtime import Login
from components.services.harbor_secrets import PUSHER, robot_of, robot_secret
from config import ImageReference
from config.harbor_contents import Contents, Retention, Upstream

PULL = harbor.Access(resource="repository", action="pull")
PUSH = harbor.Access(resource="repository", action="push")
GIB = 2**30
HUB = "https://hub.docker.com"
"""What Harbor calls Docker Hub by; it asks fixed addresses whatever stands here (facts/harbor-api.md)."""
Runs = tuple[pulumi.Resource, ...]
LONGEST_RUN = "3h"
"""How long one run may take: FATE's images are gigabytes, and an upstream may be far away."""


class HarborContentsArgs(TypedDict):
    """What is in a Harbor."""

    settings: Contents
    """What the stack's configuration says of it."""
    registry: str
    """The host that images are pulled from, with its port."""
    project: str
    """The project that holds them."""
    copied: Sequence[ImageReference]
    """What is copied, by the names in the project; nothing where somebody else brings it."""
    built: Mapping[str, ImageReference]
    """What is built and pushed, by the name that each is known by in the stack."""
    run: Sequence[ImageReference]
    """What the stack runs or builds for others, which no retention takes away."""
    pulling: Mapping[str, Sequence[ImageReference]]
    """What each pulls, by the id of a party or `exchange`."""
    secret_key: Input[str]
    """The stack's one secret; the robots' are derived from it."""
    upstream_password: Input[str] | None
    """The password of the account that the upstream is asked with."""
    upstream_authority: str
    """The certificate (PEM) of who signed the upstream's; empty where Harbor trusts it already."""
    adopt: bool
    """Whether what has these names there is taken over."""


class HarborContents(pulumi.ComponentResource):
    """The project, what is copied and pushed to it, and who may pull from and push to it.

    It makes no Harbor, and deletes no image: the project stays when the stack goes. Whoever pulls has a robot
    of its own, which may pull and nothing else. The providers are that of the one Harbor, and of the Docker
    engine that builds where something is built; that one pushes by the robot that may.
    """

    project: Output[str]
    """The project's name, once it is there."""
    system: list[pulumi.Resource]
    """The settings of the whole Harbor, if any are declared. Robots come after them: one is their prefix."""
    logins: dict[str, Login]
    """The robot of each that pulls, and the one that pushes, by their names."""
    replications: dict[str, Output[str]]
    """The id of each replication, by its name."""
    images: dict[str, Output[str]]
    """The name by digest of what was built and pushed, as `built` has it."""

    def __init__(self, name: str, args: HarborContentsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("fate:index:HarborContents", name, None, opts)
        settings, adopt = args["settings"], args["adopt"]
        place = harbor.Project(
            f"{name}-project",
            name=args["project"],
            public=settings.public,
            quota=settings.quota * GIB if settings.quota else None,
            adopt=adopt,
            opts=ResourceOptions(parent=self, retain_on_delete=True),
        )
        self.project = place.name
        self.system = _system(self, name, settings)
        copied, self.replications = _copied(self, name, args, place.name)
        self.logins = {
            who: _robot(self, name, args, who, _runs(copied, images))
            for who, images in {**args["pulling"], PUSHER: ()}.items()
        }
        self.images = _pushed(self, name, args)
        _kept(self, name, args, place.name)
        self.register_outputs({"project": self.project, "replications": self.replications})


def harbor_robots(made: HarborContents) -> Output[dict[str, dict[str, str]]]:
    """Return the stack output `harbor-robots`, a secret: how each pulls, and how one pushes."""
    rows = {who: Output.all(user=each.user, password=each.password) for who, each in made.logins.items()}
    return Output.secret(Output.all(**rows))


def _runs(copied: Mapping[str, pulumi.Resource], images: Sequence[ImageReference]) -> Runs:
    """Return the runs that bring images, each once."""
    found = (copied.get(f"{each.name}:{each.tag}") for each in images)
    return tuple(dict.fromkeys(run for run in found if run))


def _robot(parent: HarborContents, name: str, args: HarborContentsArgs, who: str, runs: Runs) -> Login:
    """Make a robot, named after the party that pulls by it once the runs have brought what it pulls."""
    called = robot_of(who)
    access = [PULL, PUSH] if who == PUSHER else [PULL]
    secret = Output.secret(args["secret_key"]).apply(lambda key: robot_secret(key, name, called))
    made = harbor.Robot(
        f"{name}-robot-{called}",
        name=called,
        project=parent.project,
        permissions=[harbor.Permission(namespace=parent.project, access=access)],
        secret=secret,
        adopt=args["adopt"],
        opts=ResourceOptions(parent=parent, depends_on=parent.system),
    )
    return Login(args["registry"], made.full_name, secret, runs)


def _pushed(parent: HarborContents, name: str, args: HarborContentsArgs) -> dict[str, Output[str]]:
    """Build images and push them to the project, by the robot that may; return their names by digest."""
    held = {image.name: holder for holder, image in args["built"].items()}
    builder = ImageBuilder(parent, name, f"{args['registry']}/{args['project']}", held)
    pusher = parent.logins[PUSHER]
    return {
        holder: builder.pushed(image.name, pusher, "https", ()) for holder, image in args["built"].items()
    }


def _copied(
    parent: HarborContents, name: str, args: HarborContentsArgs, project: Output[str]
) -> tuple[dict[str, pulumi.Resource], dict[str, Output[str]]]:
    """Copy images; return the run that brings each, and the replications' ids by their names."""
    replicate = args["settings"].replicate
    if replicate is None:
        return {}, {}
    upstream = _upstream(parent, name, args, replicate.upstream)
    copied: dict[str, pulumi.Resource] = {}
    replications: dict[str, Output[str]] = {}
    for copies in copies_of(args["copied"]):
        policy = _replication(parent, name, args, copies, (upstream.id, project))
        run = harbor.Replicated(
            f"{name}-run-{copies.title}",
            replication_id=policy.id,
            project=project,
            artifacts=copies.artifacts,
            opts=ResourceOptions(
                parent=parent,
                custom_timeouts=pulumi.CustomTimeouts(create=LONGEST_RUN, update=LONGEST_RUN),
            ),
        )
        copied |= dict.fromkeys(copies.names, run)
        replications[copies.title] = policy.id
    return copied, replications


def _upstream(
    parent: HarborContents, name: str, args: HarborContentsArgs, upstream: Upstream
) -> harbor.Registry:
    return harbor.Registry(
        f"{name}-upstream",
        name=f"{args['project']}-upstream",
        type="docker-registry" if upstream.url else "docker-hub",
        url=upstream.url or HUB,
        access_key=upstream.user,
        access_secret=args["upstream_password"],
        ca_certificate=args["upstream_authority"] or None,
        adopt=args["adopt"],
        opts=ResourceOptions(parent=parent),
    )


def _replication(
    parent: HarborContents,
    name: str,
    args: HarborContentsArgs,
    copies: Copies,
    between: tuple[Output[str], Output[str]],
) -> harbor.Replication:
    """Declare what is copied: under the names that it has upstream, so that no two become one."""
    upstream, project = between
    replicate = args["settings"].replicate
    return harbor.Replication(
        f"{name}-copies-{copies.title}",
        name=f"{args['project']}-{copies.title}",
        registry_id=upstream,
        namespace=project,
        replace_count=0,
        filters=copies.filters,
        cron=replicate.cron if replicate else None,
        adopt=args["adopt"],
        opts=ResourceOptions(parent=parent),
    )


def _kept(parent: HarborContents, name: str, args: HarborContentsArgs, project: Output[str]) -> None:
    """Declare what stays, and when garbage is collected."""
    settings, opts = args["settings"], ResourceOptions(parent=parent)
    if settings.retention:
        tags = sorted({each.tag for each in (*args["run"], *args["copied"])})
        harbor.Retention(
            f"{name}-retention",
            project=project,
            rules=_rules(settings.retention, tags),
            cron=settings.retention.cron,
            opts=opts,
        )
    if settings.garbage_collection:
        harbor.GarbageCollection(f"{name}-garbage", cron=settings.garbage_collection, opts=opts)


def _system(parent: HarborContents, name: str, settings: Contents) -> list[pulumi.Resource]:
    values, opts = dict(settings.system), ResourceOptions(parent=parent)
    return [harbor.Settings(f"{name}-system", values=values, opts=opts)] if values else []


def _rules(retention: Retention, tags: Sequence[str]) -> list[harbor.Rule]:
    """Return what stays: what any rule keeps. What the stack runs does, however old it is."""
    rules = [harbor.Rule(template="always", tags=harbor.one_of(tags))] if tags else []
    if retention.latest:
        rules.append(harbor.Rule(template="latestPushedK", count=retention.latest))
    if retention.pulled_within:
        rules.append(harbor.Rule(template="nDaysSinceLastPull", count=retention.pulled_within))
    return rules
