"""A Harbor as the values of its own chart, goharbor/harbor-helm 1.19; plain values, no Pulumi.

No secret is among them: passwords and keys stand in Secrets of the stack's, which are only named here.
Nothing is left to be drawn at random, so two renders are byte-identical. Where the chart takes no Secret, a
variable of the container itself names one, which wins over what the chart gives it:

- the password of its own database, which is empty in the chart; core has it as that of a database of others
- the password of a Redis that others run, which the chart would write into ConfigMaps

The chart's own Redis takes no password: policies alone keep others from it. Values and templates: harbor-helm
v1.19.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from components.runtimes.chart import scheduling_values
from components.runtimes.chart_overlay import laid_over
from components.runtimes.claims import claim_size
from components.runtimes.kubernetes_pods import limits_and_requests
from components.runtimes.kubernetes_scope import NO_AWAIT
from components.runtimes.names import ACCOUNT
from components.services.harbor import JOBS, LAYERS, PROXY, SESSIONS, address, harbor_services
from components.services.harbor_charted import (
    AUTHORITY,
    COMPONENTS,
    IN_URLS,
    PASSWORD,
    RELEASE,
    asks_for_a_password,
)
from components.services.service import Service
from config import HarborMirror, IngressExposure, KubernetesSettings, catalogue

SERVICE = f"{RELEASE}-inside"
"""The chart's own Service, which no port of a node leads to."""
CACHED = {"_REDIS_URL_CORE": SESSIONS, "_REDIS_URL_REG": LAYERS}
Tree = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """A Harbor on a cluster, and what is known of it there."""

    settings: HarborMirror
    cluster: KubernetesSettings
    labels: Mapping[str, str]
    """What says of each pod whose it is."""
    revisions: Mapping[str, str]
    """By service, what changes when a secret of it does."""

    @cached_property
    def services(self) -> dict[str, Service]:
        """Return the services that the chart makes, by name: behind an Ingress no proxy of Harbor's own."""
        made = {each.name: each for each in harbor_services(self.settings)}
        if isinstance(self.cluster.exposure, IngressExposure):
            del made[PROXY]
        return made


def harbor_values(release: Release) -> Tree:
    """Return the chart's values, the operator's laid over them."""
    settings, cluster = release.settings, release.cluster
    values: Tree = {
        "externalURL": f"https://{settings.authority}",
        "expose": _expose(release),
        "caSecretName": "" if settings.tls else AUTHORITY,
        "internalTLS": {"enabled": False},
        "persistence": _persistence(release),
        "updateStrategy": {"type": "Recreate"},
        "existingSecretAdminPassword": "harborcore",
        "existingSecretAdminPasswordKey": "HARBOR_ADMIN_PASSWORD",
        "existingSecretSecretKey": "harborcore",
        "imagePullSecrets": [{"name": name} for name in cluster.pull_secrets],
        "trivy": {"enabled": False},
        "metrics": {"enabled": False},
        **_components(release),
    }
    return laid_over(values, settings.chart.values if settings.chart else {})


def _components(release: Release) -> Tree:
    return {
        "core": _core(release),
        "jobservice": _job_service(release),
        "portal": {**_pod(release, "harborportal"), **_container(release, "harborportal")},
        **_proxy(release),
        "registry": _registry(release),
        "database": _database(release),
        "redis": _redis(release),
    }


def _core(release: Release) -> Tree:
    return {
        **_pod(release, "harborcore"),
        **_container(release, "harborcore"),
        "existingSecret": "harborcore",
        "secretName": "harborcore",
        "existingXsrfSecret": "harborcore",
        "existingXsrfSecretKey": "CSRF_KEY",
        **_variables(_cache_urls(release.settings, CACHED)),
    }


def _job_service(release: Release) -> Tree:
    return {
        **_pod(release, "harborjobservice"),
        **_container(release, "harborjobservice"),
        "existingSecret": "harborjobservice",
        "existingSecretKey": "JOBSERVICE_SECRET",
        **_variables(_cache_urls(release.settings, {"JOB_SERVICE_POOL_REDIS_URL": JOBS, **CACHED})),
    }


def _proxy(release: Release) -> Tree:
    """Return the proxy, which is not there behind an Ingress."""
    if PROXY not in release.services:
        return {}
    return {"nginx": {**_pod(release, PROXY), **_container(release, PROXY)}}


def _pod(release: Release, service: str) -> Tree:
    """Return what a pod is told: whose it is, where it may run, and by what account without rights."""
    return {**_marks(release, service), **_placed(release)}


def _marks(release: Release, service: str) -> Tree:
    """Return labels, and what starts a pod anew: the chart knows no change of a Secret that it is named."""
    told = {"fate.secrets": release.revisions[service]} if service in release.revisions else {}
    if service == PROXY:
        told["fate.host"] = release.settings.host
    labels = {"podLabels": {**release.labels, "fate.service": service}}
    return labels | ({"podAnnotations": told} if told else {})


def _placed(release: Release) -> Tree:
    scheduling = scheduling_values(release.cluster.scheduling)
    told = scheduling.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    return {"serviceAccountName": ACCOUNT, **told}


def _container(release: Release, service: str) -> Tree:
    return {
        "image": _image(release.settings, service),
        "resources": limits_and_requests(release.services[service].resources),
    }


def _image(settings: HarborMirror, service: str) -> Tree:
    """Return an image as the chart has it, which puts a colon between both: the digest is of the tag."""
    reference = settings.images.reference(service)
    name, _, digest = reference.partition("@")
    repository, _, tag = name.rpartition(":")
    return {"repository": repository, "tag": f"{tag}@{digest}" if digest else tag}


def _registry(release: Release) -> Tree:
    password = _from_secret("REGISTRY_REDIS_PASSWORD", "harborcache", PASSWORD)
    asks = _variables([password] if asks_for_a_password(release.settings) else [])
    return {
        **_pod(release, "harborregistry"),
        "existingSecret": "harborregistry",
        "existingSecretKey": "REGISTRY_HTTP_SECRET",
        "credentials": {"existingSecret": "harborregistry"},
        "registry": {**_container(release, "harborregistry"), **asks},
        "controller": _container(release, "harborregistryctl"),
    }


def _database(release: Release) -> Tree:
    """Return the database. Of its own one, core takes the password as of one that others run."""
    others = release.settings.external.database
    if others is not None:
        return {
            "type": "external",
            "external": {
                "host": others.host,
                "port": str(others.port),
                "username": others.user,
                "coreDatabase": others.database,
                "sslmode": others.ssl,
                "existingSecret": "harbordatabase",
            },
        }
    container = _container(release, "harbordatabase")
    own = _variables([_from_secret("POSTGRES_PASSWORD", "harbordatabase", PASSWORD)])
    return {
        "type": "internal",
        **_marks(release, "harbordatabase"),
        "internal": {
            **_placed(release),
            **container,
            **own,
            "password": "",
            "initContainer": {"permissions": {"resources": dict(container["resources"])}},
        },
        "external": {"existingSecret": "harbordatabase"},
    }


def _redis(release: Release) -> Tree:
    indexes = {"jobserviceDatabaseIndex": str(JOBS), "registryDatabaseIndex": str(LAYERS)}
    others = release.settings.external.redis
    if others is not None:
        told = {"addr": f"{others.host}:{others.port}", "coreDatabaseIndex": str(SESSIONS), **indexes}
        return {"type": "external", "external": told}
    return {
        "type": "internal",
        **_marks(release, "harborcache"),
        "internal": {**_placed(release), **_container(release, "harborcache"), **indexes},
    }


def _cache_urls(settings: HarborMirror, databases: Mapping[str, int]) -> list[Tree]:
    """Return the URLs of a Redis that others run and that asks for a password, which a pod fills in."""
    if not asks_for_a_password(settings):
        return []
    host, port = address(settings, "harborcache")
    way = f"redis://:$(FATE_REDIS_PASSWORD)@{host}:{port}"
    urls = [
        {"name": name, "value": f"{way}/{number}?idle_timeout_seconds=30"}
        for name, number in databases.items()
    ]
    return [_from_secret("FATE_REDIS_PASSWORD", "harborcache", IN_URLS), *urls]


def _variables(variables: Sequence[Tree]) -> Tree:
    return {"extraEnvVars": list(variables)} if variables else {}


def _from_secret(name: str, secret: str, key: str) -> Tree:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def _expose(release: Release) -> Tree:
    """Return how Harbor is reached: behind an Ingress of the chart's, or else a Service of the stack's own.

    The chart's own would open a port for plain HTTP, too, at a number that the cluster draws.
    """
    tls = {"enabled": True, "certSource": "secret", "secret": {"secretName": PROXY}}
    exposure = release.cluster.exposure
    if not isinstance(exposure, IngressExposure):
        return {"type": "clusterIP", "tls": tls, "clusterIP": {"name": SERVICE}}
    ingress: Tree = {"hosts": {"core": release.settings.host}, "annotations": dict(exposure.annotations)}
    if exposure.ingress_class:
        ingress["className"] = exposure.ingress_class
    return {"type": "ingress", "tls": tls, "ingress": ingress}


def _persistence(release: Release) -> Tree:
    """Return the claims. Pulumi awaits none: one that it takes over is bound, and never waits for a pod."""
    claims: dict[str, Tree] = {}
    for name, component in COMPONENTS.items():
        if (service := release.services.get(name)) and catalogue().services[name].volumes:
            claims[component] = _claim(release.cluster, service)
    for component in ("registry", "jobservice"):
        claims[component]["annotations"] = dict(NO_AWAIT)
    claims["jobservice"] = {"jobLog": claims["jobservice"]}
    return {"enabled": True, "resourcePolicy": "keep", "persistentVolumeClaim": claims}


def _claim(cluster: KubernetesSettings, service: Service) -> Tree:
    storage = cluster.storage
    (volume,) = service.volumes
    told = {"size": claim_size(cluster, service, volume.name), "accessMode": storage.access}
    return {**told, **({"storageClass": storage.storage_class} if storage.storage_class else {})}
