"""What the program asks of Pulumi besides resources: configuration, secrets, other stacks."""

import json
from pathlib import Path

import pulumi

from components.other_stacks import StackOutput
from components.runtimes.ownership import Ownership
from components.services.passwords import owner_fingerprint
from config import (
    ConfigurationFault,
    StackExchange,
    StackMirror,
    StackPeer,
    StackSettings,
    check_secret_key,
    check_secrets,
    kept_secret_key,
    load,
)
from config.secrets import SECRETS, sealed_again, values_of

PREFIX = "fate:"
SECRET_KEY = "secret-key"


def read_settings() -> StackSettings:
    """Read the stack's configuration, every secret left out.

    Raises pulumi.RunError with every fault at once, each by its YAML path.
    """
    given = pulumi.runtime.get_config_env()
    keys = {key.removeprefix(PREFIX): value for key, value in given.items() if key.startswith(PREFIX)}
    keys.pop(SECRET_KEY, None)
    secrets = keys.pop(SECRETS, None)
    try:
        check_secrets([key for key in keys if pulumi.runtime.is_config_secret(PREFIX + key)], _file())
        values = {key: _parsed(value) for key, value in keys.items()}
        if secrets is not None:
            values[SECRETS] = sealed_again(secrets, pulumi.runtime.is_config_secret(PREFIX + SECRETS))
        settings = load(values)
        check_secret_key(_secret_key())
    except ConfigurationFault as fault:
        raise pulumi.RunError(f"{_file()} cannot be used.\n{fault}") from None
    return settings


def _file() -> Path:
    return Path(f"Pulumi.{pulumi.get_stack()}.yaml")


def secret_key() -> pulumi.Output[str]:
    """Return the stack's one secret."""
    return pulumi.Output.secret(_secret_key() or "")


def given_secrets() -> dict[str, pulumi.Output[str]]:
    """Return the value of each secret that the stack was given, by its name."""
    opened = pulumi.Config("fate").get(SECRETS)
    values = values_of(opened) if opened is not None else {}
    return {name: pulumi.Output.secret(value) for name, value in values.items()}


def _secret_key() -> str | None:
    """Return the secret that stands in the stack's file, else the one that this checkout keeps for it."""
    return pulumi.Config("fate").get(SECRET_KEY) or kept_secret_key(pulumi.get_stack())


async def outputs_of_others(settings: StackSettings) -> StackOutput:
    """Return the plain values of what the other stacks that this one names tell; None where one has none.

    Plain, so that a peer that cannot be reached is refused before anything is made.
    """
    peers = [peer for party in settings.parties for peer in settings.peers_of(party)]
    members = settings.exchange.parties if settings.exchange else ()
    wanted = {(peer.stack, "parties") for peer in (*peers, *members) if isinstance(peer, StackPeer)}
    exchanges = (party.exchange for party in settings.parties)
    wanted |= {(each.stack, "exchange") for each in exchanges if isinstance(each, StackExchange)}
    if isinstance(settings.mirror, StackMirror):
        wanted.add((settings.mirror.stack, "images" if settings.images.source == "packages" else "mirror"))
    references = {stack: pulumi.StackReference(stack) for stack in sorted({stack for stack, _ in wanted})}
    values = {(stack, name): await _plain(stack, references[stack], name) for stack, name in sorted(wanted)}
    return lambda stack, name: values[stack, name]


async def _plain(stack: str, reference: pulumi.StackReference, name: str) -> object:
    details = await reference.get_output_details(name)
    if details.secret_value is not None:
        raise pulumi.RunError(f"output {name} of stack {stack} is secret; this program exports it in plain")
    return details.value


def ownership(settings: StackSettings) -> Ownership:
    """Return what names the stack as the owner of what it makes: never the secret, only its fingerprint."""
    key = owner_fingerprint(_secret_key() or "")
    return Ownership(pulumi.get_project(), pulumi.get_stack(), key, settings.adopts)


def protect_what_is_kept() -> None:
    """Let `destroy` fail, and any `up` that would delete or replace a data volume, a claim or its namespace.

    What holds no data is left free: containers are replaced at every change of their files. So `destroy`
    takes them away before it fails, and the next `up` brings them back.
    """
    pulumi.runtime.register_stack_transformation(_protected_if_kept)


def _protected_if_kept(
    declared: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    if not declared.opts.retain_on_delete:
        return None
    options = pulumi.ResourceOptions.merge(declared.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformationResult(declared.props, options)


def _parsed(value: str) -> object:
    structured = value[:1] in ("{", "[") or value in ("true", "false")
    return json.loads(value) if structured else value
