"""Harbor's own chart, service by service: what stands in the values of a pod is shown as that service's.

The names of the parts are goharbor/harbor-helm's; no helm is asked, and none of its objects is told.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Values = Mapping[str, Any]
SERVICES = {
    "harborcore": ("core",),
    "harborjobservice": ("jobservice",),
    "harborregistry": ("registry", "registry"),
    "harborregistryctl": ("registry", "controller"),
    "harborportal": ("portal",),
    "harborproxy": ("nginx",),
    "harbordatabase": ("database", "internal"),
    "harborcache": ("redis", "internal"),
}
"""Where the values of each service's container stand; one that others run has none."""
CLAIMED = {
    "harborregistry": "registry",
    "harborjobservice": "jobservice",
    "harbordatabase": "database",
    "harborcache": "redis",
}


def is_of_harbor(values: Values) -> bool:
    """Tell whether values are those of Harbor's chart."""
    return "externalURL" in values and isinstance(values.get("core"), Mapping)


def services_of(values: Values) -> Iterator[tuple[str, Values]]:
    """Yield each service, and what the values say of its pod: its image as one reference, its claims."""
    claims = _at(values, ("persistence", "persistentVolumeClaim"))
    for service, way in SERVICES.items():
        container = _at(values, way)
        image = container.get("image")
        if isinstance(image, Mapping):
            reference = f"{image.get('repository')}:{image.get('tag')}"
            told = {**_pod(values, way), **container, "image": reference}
            kept = claims.get(CLAIMED.get(service, ""))
            yield service, told | ({"claims": kept} if kept else {})


def common(values: Values) -> dict[str, Any]:
    """Return what is no service's."""
    own = {way[0] for way in SERVICES.values()} | {"persistence"}
    return {key: value for key, value in values.items() if key not in own}


def _pod(values: Values, way: tuple[str, ...]) -> dict[str, Any]:
    """Return what the values say of a pod beside its containers."""
    inner = {other[1] for other in SERVICES.values() if other[0] == way[0] and len(other) > 1}
    return {key: value for key, value in _at(values, way[:1]).items() if key not in inner}


def _at(values: object, way: tuple[str, ...]) -> Values:
    for key in way:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values if isinstance(values, Mapping) else {}
