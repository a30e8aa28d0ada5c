"""How what is in a Harbor joins a stack: who asks that Harbor, what is copied to it, by whom parties pull."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_docker as docker
from pulumi import Input, Output, ProviderResource, ResourceOptions

from components.harbor import HarborProvider
from components.harbor_contents import HarborContents, HarborContentsArgs, harbor_robots
from components.harbor_mirror import Harbor, HarborArgs, harbor_output
from components.images import built_images, copied_images, kept_images, run_images
from components.runtimes.docker import DockerHost
from components.runtimes.runtime import Login, Runtime
from components.services.harbor_secrets import ADMIN, CONTENTS, EXCHANGE
from config import ExternalMirror, HarborMirror, ImageReference, StackSettings
from config.harbor_contents import Contents, HarborElsewhere

Given = Mapping[str, Input[str]]


@dataclass(frozen=True)
class Place:
    """A Harbor that is filled: where its API and its project are, and who asks it."""

    contents: Contents
    url: str
    registry: str
    project: str
    user: str
    password: Input[str]
    authority: Input[str] | None
    """The certificate (PEM) of who signed its own; None where this machine trusts it already."""
    adopt: bool


def filled_harbor(
    settings: StackSettings,
    runtimes: Mapping[str, Runtime],
    secret_key: Output[str],
    given: Given,
    builder: ProviderResource | None = None,
) -> tuple[HarborContents, dict[str, Input[object]]]:
    """Make the stack's Harbor, if it is its own, and declare what is in it; return that, and what is told.

    `builder` is the engine that builds for it, where the stack has images built.
    Raises pulumi.RunError for a file of certificates that cannot be read.
    """
    own, place, outputs = _place_of(settings, runtimes[""], secret_key, given)
    made = _contents(settings, place, secret_key, given, own, builder)
    pulled = _pulled(settings)
    for who in pulled:
        _let_pull(runtimes[who], who, made.logins[who])
    told = {
        **outputs.get("harbor", {}),
        "url": place.url,
        "authority": place.authority,
        "project": made.project,
        "replications": made.replications,
        "pulled": {who: f"{place.project}/{images[0].text}" for who, images in pulled.items() if images},
    }
    built = {"images": made.images} if made.images else {}
    return made, {**outputs, **built, "harbor": told, "harbor-robots": harbor_robots(made)}


def _place_of(
    settings: StackSettings, runtime: Runtime, secret_key: Output[str], given: Given
) -> tuple[Harbor | None, Place, dict[str, Any]]:
    """Return the Harbor of the stack's own, once it is made, or None; where it is; what is told of it."""
    match settings.mirror:
        case HarborMirror() as mirror:
            args = HarborArgs(settings=mirror, runtime=runtime, secret_key=secret_key, given_secrets=given)
            own = Harbor("mirror", args, ResourceOptions(providers=[runtime.provider]))
            return own, _of_its_own(mirror, own), {"mirror": own.address, **harbor_output(own)}
        case ExternalMirror(harbor=HarborElsewhere() as inside) as mirror:
            return None, _of_others(mirror, inside, given), {"mirror": mirror.address}
        case _:
            raise ValueError("the stack's mirror is no Harbor")


def _of_its_own(settings: HarborMirror, own: Harbor) -> Place:
    """Return the stack's own Harbor, which takes up again what it had before a `destroy`."""
    given = _pem(settings.tls.ca_file, "mirror.tls") if settings.tls else ""
    return Place(
        settings,
        f"https://{settings.authority}",
        settings.authority,
        settings.project,
        ADMIN,
        own.login["password"],
        (given or None) if settings.tls else own.authority.apply(str),
        adopt=True,
    )


def _of_others(mirror: ExternalMirror, inside: HarborElsewhere, given: Given) -> Place:
    return Place(
        inside,
        f"{'http' if mirror.plain_http else 'https'}://{mirror.registry}",
        mirror.registry,
        mirror.project,
        inside.user,
        given[inside.password.secret],
        _pem(mirror.ca_file, "mirror") or None,
        inside.adopt,
    )


def _contents(
    settings: StackSettings,
    place: Place,
    secret_key: Input[str],
    given: Given,
    own: Harbor | None,
    builder: ProviderResource | None,
) -> HarborContents:
    """Declare what is in a Harbor. Its provider's address is plain, so that a preview can compare."""
    provider = HarborProvider(
        "harbor",
        url=place.url,
        username=place.user,
        password=place.password,
        ca=place.authority,
        opts=ResourceOptions(depends_on=[own] if own else []),
    )
    replicate = place.contents.replicate
    upstream = replicate.upstream if replicate else None
    args = HarborContentsArgs(
        settings=place.contents,
        registry=place.registry,
        project=place.project,
        copied=copied_images(settings, replicate.release or "") if replicate else (),
        built=built_images(settings) if builder else {},
        run=kept_images(settings),
        pulling=_pulled(settings),
        secret_key=secret_key,
        upstream_password=given[upstream.password.secret] if upstream and upstream.password else None,
        upstream_authority=_pem(upstream.ca_file, "mirror.replicate.from") if upstream else "",
        adopt=place.adopt,
    )
    providers = [provider, *([builder] if builder else [])]
    return HarborContents(CONTENTS, args, ResourceOptions(providers=providers))


def _pulled(settings: StackSettings) -> dict[str, Sequence[ImageReference]]:
    """Return what each pulls, by the ids of parties and `exchange`."""
    everyone = [*([EXCHANGE] if settings.exchange else []), *(party.id for party in settings.parties_by_id)]
    return {who: run_images(settings, by=who) for who in everyone}


def _let_pull(runtime: Runtime, who: str, login: Login) -> None:
    """Have an engine pull by a login; on a cluster the place of its services does.

    A provider of its own, for Docker's has one login for a registry, and each party has its own robot.
    """
    if not isinstance(runtime, DockerHost):
        return
    runtime.pullers[who] = docker.Provider(
        f"docker-pull-{who}",
        host=runtime.settings.host,
        ssh_opts=list(runtime.settings.ssh_options) or None,
        registry_auth=[
            docker.ProviderRegistryAuthArgs(
                address=login.address, username=login.user, password=login.password
            )
        ],
        opts=ResourceOptions(depends_on=list(login.after)),
    )


def _pem(file: str | None, key: str) -> str:
    """Return the certificates of a file, nothing where none is named.

    Nor where it is not on this machine, and `FATE_PREFLIGHT=off` says that nothing of the stack need be.
    Raises pulumi.RunError for one that cannot be read.
    """
    if file is None:
        return ""
    try:
        return Path(file).expanduser().read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        if os.environ.get("FATE_PREFLIGHT") == "off":
            return ""
        raise pulumi.RunError(
            f"fate:{key}.ca-file: {file} cannot be read as certificates: {error}. Write the path of a PEM"
            " file with the authority's certificate"
        ) from None
