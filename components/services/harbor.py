"""Harbor as a stack's mirror: its services, and what they have in common.

Each is rendered by the module of its name. No value is random: secrets are `harbor_secrets`', by which two
renders are alike. Files and environments: facts/registry.md, "Harbor v2.15.2 on Docker".

Its services are awaited by their runtime, and by nothing inside: core retries for 60 s, and what ends for
want of another is started again (facts/harbor-api.md, "Services").
"""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import cast
from urllib.parse import quote

from components.services.catalogued import neutral
from components.services.service import File, Probe, Publication, Secret, Service
from config import HarborMirror, catalogue
from config.exposure import Address

CATALOGUED = "harbor"
PROXY = "harborproxy"
EXPORTS = "/etc/fate/exports.sh"
REGISTRY_USER = "harbor_registry_user"
DATABASE_NAME, DATABASE_USER = "registry", "postgres"
SESSIONS, LAYERS, JOBS = 0, 1, 2
"""The databases of the cache that core, the registry and the job service have."""

ADMIN_PASSWORD = Secret("admin-password", holder="harborcore")
CORE_SECRET = Secret("core-secret", holder="harborcore")
JOBSERVICE_SECRET = Secret("jobservice-secret", holder="harborjobservice")
CSRF_KEY = Secret("csrf-key", holder="harborcore")
CIPHER_KEY = Secret("secretkey", holder="harborcore")
TOKEN_KEY = Secret("private-key.pem", holder="harborcore")
REGISTRY_PASSWORD = Secret("registry-password", holder="harborregistry")
HTTP_SECRET = Secret("http-secret", holder="harborregistry")
HTPASSWD = Secret("htpasswd", holder="harborregistry")
CACHE_CONF = Secret("valkey-password.conf", holder="harborcache")


def harbor_services(settings: HarborMirror) -> tuple[Service, ...]:
    """Return the services of a Harbor, those first that others need."""
    return tuple(_code_of(name)(settings) for name in settings.service_names)


def harbor_publications(settings: HarborMirror) -> tuple[Publication, ...]:
    """Return the one port that a Harbor opens."""
    number = catalogue().port(PROXY, "https")
    return (Publication(PROXY, number, settings.port, settings.bind, "mirror.port"),)


def of_harbor(
    kind: str,
    settings: HarborMirror,
    *,
    probe: Probe,
    environment: Mapping[str, str],
    exports: Mapping[str, str] | None = None,
    command: Sequence[str] = (),
    files: Sequence[File] = (),
    secrets: Sequence[Secret] = (),
) -> Service:
    """Return a service of Harbor's: as its image starts it, unless there is a `command`.

    `exports` are variables with secrets in them, which stand in no container's configuration.
    """
    facts = catalogue().services[kind]
    layout = catalogue().layout(kind, "harbor", settings.images.version)
    program, shown = tuple(command) or layout.program, tuple(files)
    if exports:
        program = ("sh", "-c", f". {EXPORTS}; exec {shlex.join(program)}")
        shown = (File.named(EXPORTS, exported(exports)), *shown)
    made = neutral(
        kind,
        layout,
        command=program,
        probe=probe,
        environment=environment,
        files=shown,
        secrets=secrets,
    )
    outside = settings.external.parts
    return replace(
        made,
        needs=tuple(name for name in facts.needs if name not in outside),
        calls=tuple(name for name in facts.calls if name not in outside),
        fetches_from=tuple(outside[name].first for name in facts.calls if name in outside),
    )


def exported(variables: Mapping[str, str]) -> str:
    """Render what a shell reads to have variables, in which `held` stands for secrets."""
    return "".join(f'export {name}="{value}"\n' for name, value in variables.items())


def held(secret: Secret) -> str:
    """Return what a shell replaces with a secret: what `/run/secrets` has."""
    return f"$(cat /run/secrets/{secret.name})"


def address(settings: HarborMirror, service: str) -> Address:
    """Return where a service is dialled that others may run: the database or the cache."""
    others = settings.external.parts.get(service)
    return others.first if others else Address(service, catalogue().first_port(service))


def url(service: str) -> str:
    """Return the URL of a service of Harbor's own that speaks HTTP."""
    return f"http://{service}:{catalogue().first_port(service)}"


def database_password(settings: HarborMirror) -> Secret:
    """Return the password of the database: the one given for what others run, or Harbor's own."""
    others = settings.external.database
    given = others.password.secret if others else ""
    return Secret("database-password", holder="harbordatabase", given=given)


def cache_password(settings: HarborMirror) -> Secret | None:
    """Return the password of the cache; None for one that others run and that asks for none."""
    others = settings.external.redis
    if others is None:
        return Secret("cache-password", holder="harborcache")
    if others.password is None:
        return None
    return Secret("cache-password", holder="harborcache", given=others.password.secret)


def cache_password_in_urls(settings: HarborMirror) -> Secret | None:
    """Return the same as a URL has it, in which some signs are spelled otherwise."""
    plain = cache_password(settings)
    return plain and replace(plain, name="cache-password-in-urls")


def in_urls(password: str) -> str:
    """Spell a password as a URL has it."""
    return quote(password, safe="")


def cache_url(settings: HarborMirror, number: int) -> str:
    """Return the URL of one of the cache's databases, for a shell to fill in its password."""
    host, port = address(settings, "harborcache")
    secret = cache_password_in_urls(settings)
    account = f":{held(secret)}@" if secret else ""
    return f"redis://{account}{host}:{port}/{number}?idle_timeout_seconds=30"


def _code_of(name: str) -> Callable[[HarborMirror], Service]:
    """Return what makes a service: `service` of the module that has its name."""
    return cast("Callable[[HarborMirror], Service]", import_module(f"components.services.{name}").service)
