"""What Harbor's own chart calls the services, Secrets and claims of a Harbor: goharbor/harbor-helm 1.19."""

from collections.abc import Mapping

from components.services.harbor import (
    ADMIN_PASSWORD,
    CIPHER_KEY,
    CORE_SECRET,
    CSRF_KEY,
    HTPASSWD,
    HTTP_SECRET,
    JOBSERVICE_SECRET,
    PROXY,
    REGISTRY_PASSWORD,
    TOKEN_KEY,
    cache_password,
    cache_password_in_urls,
    database_password,
)
from components.services.harborproxy import certificate, certificate_key
from components.services.service import Secret
from config import HarborMirror

RELEASE = "fate-harbor"
"""The release's name, which its objects begin with: not what somebody calls a Harbor that helm installs."""
COMPONENTS = {
    "harborcore": "core",
    "harborjobservice": "jobservice",
    "harborregistry": "registry",
    "harborregistryctl": "registry",
    "harborportal": "portal",
    "harborproxy": "nginx",
    "harbordatabase": "database",
    "harborcache": "redis",
}
"""What the chart calls each service: of one name are one pod."""
CLAIMS = {
    "harborregistry": f"{RELEASE}-registry",
    "harborjobservice": f"{RELEASE}-jobservice",
    "harbordatabase": f"database-data-{RELEASE}-database-0",
    "harborcache": f"data-{RELEASE}-redis-0",
}
"""The claim of each service that keeps something."""
TEMPLATED = ("harbordatabase", "harborcache")
"""Those whose claim a StatefulSet makes, which gives it no other size later."""
AUTHORITY = "harborproxy-authority"
"""The Secret, as the chart wants one, of the certificate that signed Harbor's own: no secret."""
PASSWORD, IN_URLS = "password", "password-in-urls"


def chosen_by(service: str) -> dict[str, str]:
    """Return the labels by which the chart chooses the pods of a service."""
    return {"app": "harbor", "release": RELEASE, "component": COMPONENTS[service]}


def chart_secrets(settings: HarborMirror) -> dict[str, Mapping[str, Secret]]:
    """Return, by the name of each Secret, what stands in it under the keys that the chart reads.

    The chart's own Redis takes no password; one that others run may ask for one.
    """
    return {
        "harborcore": {
            "HARBOR_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "secret": CORE_SECRET,
            "secretKey": CIPHER_KEY,
            "CSRF_KEY": CSRF_KEY,
            "tls.key": TOKEN_KEY,
        },
        "harborjobservice": {"JOBSERVICE_SECRET": JOBSERVICE_SECRET},
        "harborregistry": {
            "REGISTRY_HTTP_SECRET": HTTP_SECRET,
            "REGISTRY_PASSWD": REGISTRY_PASSWORD,
            "REGISTRY_HTPASSWD": HTPASSWD,
        },
        "harbordatabase": {PASSWORD: database_password(settings)},
        PROXY: {"tls.crt": certificate(settings), "tls.key": certificate_key(settings)},
        **_of_the_cache(settings),
    }


def asks_for_a_password(settings: HarborMirror) -> bool:
    """Tell whether a pod of the chart logs in to its Redis."""
    return bool(_of_the_cache(settings))


def _of_the_cache(settings: HarborMirror) -> dict[str, Mapping[str, Secret]]:
    plain, in_urls = cache_password(settings), cache_password_in_urls(settings)
    if settings.external.redis is None or plain is None or in_urls is None:
        return {}
    return {"harborcache": {PASSWORD: plain, IN_URLS: in_urls}}
