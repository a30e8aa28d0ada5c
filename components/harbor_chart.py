"""A Harbor on a cluster: its own chart, object by object, and around it what that does not make.

The namespace, the Secrets, the account that pods run as, the policies that close them and the port that leads
in are the stack's; the chart is given their names. So no value of it is secret, and each change of one shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_kubernetes.helm.v4 import Chart, RepositoryOptsArgs

from components.harbor_values import Release, harbor_values
from components.restarts import secrets_revision
from components.runtimes import kubernetes_policies as policies
from components.runtimes.kubernetes import Cluster, secrets_of
from components.runtimes.kubernetes_exposure import expose
from components.runtimes.kubernetes_scope import Scope
from components.runtimes.runtime import Owner
from components.services.harbor import PROXY, harbor_publications, harbor_services
from components.services.harbor_charted import AUTHORITY, RELEASE, chart_secrets, chosen_by
from components.services.service import Publication, Secret, Service
from config import HarborMirror, catalogue
from config.harbor import HTTPS
from config.harbor_chart import NAME

ASKING = ("harborcore", "harborjobservice")
"""What asks the registry that Harbor copies from."""
BEHIND_AN_INGRESS = ("harborcore", "harborportal")


@dataclass(frozen=True)
class Charted:
    """A Harbor that its chart makes, and what the stack gives it."""

    settings: HarborMirror
    cluster: Cluster
    secret_key: Input[str]
    given: Mapping[str, Input[str]]
    secrets: Output[dict[Secret, str]]
    authority: Output[str | None]
    """The certificate (PEM) of who signed its own; None where that was given."""


def charted_harbor(parent: pulumi.Resource, name: str, made: Charted) -> Output[object]:
    """Declare a Harbor; return what is known once its pods are ready and its port is open."""
    release = Release(made.settings, made.cluster.settings, made.cluster.ownership.labels(), {})
    services = tuple(_asking(made.settings, each) for each in release.services.values())
    place = made.cluster.place(parent, name, Owner(None, services, _publications(made.settings, services)))
    scope = replace(place.scope, chosen_by={each.name: chosen_by(each.name) for each in services})
    before = [*scope.before, *place.guards, *_secrets(scope, made)]
    before += [policies.allow(scope, service) for service in services]
    chart = _chart(scope, made, release, before)
    opened = [each for service in services if service.name == PROXY for each in expose(scope, service, chart)]
    return Output.all(chart.urn, *(each.resource.urn for each in opened))


def _chart(scope: Scope, made: Charted, release: Release, before: Sequence[pulumi.Resource]) -> Chart:
    """Declare the chart. Every value is known in a preview: else no object of it would be previewed."""
    chart = made.settings.chart
    assert chart is not None, "a Harbor on a cluster has a chart"
    return Chart(
        f"{scope.prefix}-chart",
        name=RELEASE,
        chart=NAME if chart.repository else chart.ref,
        repository_opts=RepositoryOptsArgs(repo=chart.repository) if chart.repository else None,
        version=None if chart.lies_here else chart.version,
        plain_http=chart.plain_http or None,
        namespace=scope.namespace,
        resource_prefix=scope.prefix,
        values=_revisions(made).apply(lambda told: harbor_values(replace(release, revisions=told))),
        opts=ResourceOptions(parent=scope.parent, depends_on=list(before)),
    )


def _revisions(made: Charted) -> Output[dict[str, str]]:
    """Return, by service, what changes when a secret of it does."""
    named = chart_secrets(made.settings)
    services = [each for each in harbor_services(made.settings) if each.name in named]
    told = {each.name: secrets_revision(made.secret_key, each, made.given) for each in services}
    return Output.all(**{name: revision for name, revision in told.items() if revision is not None})


def _secrets(scope: Scope, made: Charted) -> Iterator[pulumi.Resource]:
    """Make the Secrets that the chart is given the names of; that of an authority holds no secret."""
    for service, keys in chart_secrets(made.settings).items():
        values = {key: _value(made.secrets, secret) for key, secret in keys.items()}
        yield secrets_of(scope, service, values, "kubernetes.io/tls" if service == PROXY else "Opaque")
    if made.settings.tls is None:
        yield secrets_of(scope, AUTHORITY, {"ca.crt": made.authority.apply(str)})


def _value(secrets: Output[dict[Secret, str]], secret: Secret) -> Output[str]:
    return secrets.apply(lambda found: found[secret])


def _asking(settings: HarborMirror, service: Service) -> Service:
    """Return a service that also asks the registry that is copied from, and where that leads it by HTTPS."""
    if settings.replicate is None or service.name not in ASKING:
        return service
    url = urlsplit(settings.replicate.upstream.url or "")
    port = url.port or (80 if url.scheme == "http" else HTTPS)
    ways = [(url.hostname or "", port), ("", HTTPS)]
    return replace(service, fetches_from=(*service.fetches_from, *dict.fromkeys(ways)))


def _publications(settings: HarborMirror, services: Sequence[Service]) -> tuple[Publication, ...]:
    """Return what is opened: the proxy, or behind an Ingress, which ends TLS itself, core and portal."""
    [opened] = harbor_publications(settings)
    if any(service.name == PROXY for service in services):
        return (opened,)
    port = catalogue().first_port
    return tuple(replace(opened, service=name, number=port(name)) for name in BEHIND_AN_INGRESS)
