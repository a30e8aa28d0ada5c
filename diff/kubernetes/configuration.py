"""What a stack may say to the Kubernetes provider: which cluster, and how bold to be there."""

from dataclasses import dataclass, field

from diff.shape import Kind, record, switch, text
from diff.values import Plain, Refusal, contains_unknown

SHAPE = record(
    kubeconfig=text(),
    context=text(),
    namespace=text(),
    enableServerSideApply=switch(),
    enableConfigMapMutable=switch(),
    enableSecretMutable=switch(),
    enablePatchForce=switch(),
    upsertExistingObjects=switch(),
    kubeClientSettings=text(),
).fields
"""What may be said. `kubeClientSettings`, which the SDK sends as JSON text, slows nothing here."""
SWITCHES = {"true": True, "false": False}


@dataclass(frozen=True)
class Configuration:
    """One cluster, and what is allowed there. A configuration that is not `known` yet reaches nothing."""

    kubeconfig: str | None = field(default=None, repr=False)
    context: str | None = None
    namespace: str | None = None
    mutable_config_maps: bool = False
    mutable_secrets: bool = False
    force: bool = False
    upsert: bool = False
    known: bool = True


def with_switches(values: Plain) -> Plain:
    """Return a provider's configuration with its switches, which the SDK sends as text, as such."""
    switches = {name for name, prop in SHAPE.items() if prop.kind is Kind.SWITCH}
    return {
        name: SWITCHES.get(value, value) if name in switches and isinstance(value, str) else value
        for name, value in values.items()
    }


def configured(values: Plain) -> Configuration:
    """Return the configuration, from values as the SDK sends them."""
    given = with_switches(values)
    if contains_unknown(given):
        return Configuration(known=False)
    if given.get("enableServerSideApply") is False:
        raise Refusal(
            "enableServerSideApply false: the offline plugin applies on the server's side only. "
            "Leave it out, or install the official plugin."
        )
    return Configuration(
        kubeconfig=given.get("kubeconfig") or None,
        context=given.get("context") or None,
        namespace=given.get("namespace") or None,
        mutable_config_maps=bool(given.get("enableConfigMapMutable")),
        mutable_secrets=bool(given.get("enableSecretMutable")),
        force=bool(given.get("enablePatchForce")),
        upsert=bool(given.get("upsertExistingObjects")),
    )
