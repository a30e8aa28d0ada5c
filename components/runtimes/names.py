"""Names that no two stacks and no two parties share on one host or cluster, and the ways that they make."""

from components.services.broker import PORT as BROKER_PORT
from components.services.gateway import HTTP_PORT as GATEWAY_PORT
from components.services.routes import Route
from config import DockerSettings, KubernetesSettings
from config.runtime import Runtime


def named(stack: str, *parts: str) -> str:
    """Return `fate-<stack>-<part>-<part>`, the name of a container, volume, network or namespace."""
    return "-".join(("fate", stack, *parts))


def namespace(stack: str, settings: KubernetesSettings, party: str | None) -> str:
    """Return the namespace of a party, or of the mirror where `party` is None."""
    given = settings.namespace
    if party is None and given is not None:
        return f"{given}-mirror" if settings.create_namespace else given
    return given or named(stack, party or "mirror")


def domain(stack: str, settings: Runtime, party: str) -> str:
    """Return what makes the name of a party's service absolute: nginx's resolver knows no search domains.

    A Docker engine needs nothing: it resolves the plain name within the party's network.
    """
    if isinstance(settings, DockerSettings):
        return ""
    return f".{namespace(stack, settings, party)}.svc.{settings.cluster_domain}"


def route(stack: str, settings: Runtime, party: str) -> Route:
    """Return the way to a party of the same stack on the same engine or cluster, whose settings these are."""
    if isinstance(settings, DockerSettings):
        return Route(party, f"gateway-{party}", GATEWAY_PORT, f"broker-{party}", BROKER_PORT)
    end = domain(stack, settings, party)
    return Route(party, f"gateway{end}", GATEWAY_PORT, f"broker{end}", BROKER_PORT)
