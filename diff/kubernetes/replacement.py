"""Which changes of an object replace it. Of others the API server has the last word, during `up`."""

from collections.abc import Iterator, Mapping
from typing import Any

from diff.kubernetes.configuration import Configuration

ALWAYS = ("metadata.name", "metadata.namespace")
CONTENT = {"ConfigMap": ("binaryData", "data"), "Secret": ("type", "stringData", "data")}
FORCED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("v1", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("v1", "Secret"): ("type",),
    ("v1", "Service"): ("spec.clusterIP",),
    ("apps/v1", "Deployment"): ("spec.selector",),
    ("apps/v1", "StatefulSet"): (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
}
Path = tuple[str | int, ...]


def replaces(path: Path, new: Mapping[str, Any], value: object, configuration: Configuration) -> bool:
    """Return whether a change at a place of an object's inputs replaces it; `value` is what comes there."""
    names = tuple(part for part in path if isinstance(part, str))
    return any(_touches(names, tuple(place.split(".")), value) for place in _forced(new, configuration))


def _forced(new: Mapping[str, Any], configuration: Configuration) -> Iterator[str]:
    yield from ALWAYS
    api_version, kind = str(new.get("apiVersion")), str(new.get("kind"))
    mutable = {"ConfigMap": configuration.mutable_config_maps, "Secret": configuration.mutable_secrets}
    if api_version == "v1" and kind in CONTENT and (not mutable[kind] or new.get("immutable") is True):
        yield from CONTENT[kind]
    else:
        yield from FORCED.get((api_version, kind), ())


def _touches(names: tuple[str, ...], place: tuple[str, ...], value: object) -> bool:
    """Return whether a change lies at a place or in it, or brings it along."""
    if names[: len(place)] == place:
        return True
    return place[: len(names)] == names and _has(value, place[len(names) :])


def _has(value: object, names: tuple[str, ...]) -> bool:
    if not names:
        return True
    return isinstance(value, Mapping) and names[0] in value and _has(value[names[0]], names[1:])
