"""What an object's inputs become when they are checked, what differs between two, and what that replaces.

Of other changes than those told here the API server has the last word, during `up`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diff.differences import Change
from diff.kubernetes.configuration import Configuration
from diff.kubernetes.names import autonamed
from diff.kubernetes.normal import normal
from diff.values import Plain, Unknown

Path = tuple[str | int, ...]
QUOTED = '."[]'
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
MANAGED_BY = "app.kubernetes.io/managed-by"
PULUMI = "pulumi"
PLACE = ("name", "namespace")


def compared(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, Change]]:  # noqa: ANN401 -- any JSON value
    """Yield every place that differs, and how."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _tables(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _rows(old, new, path)
    elif isinstance(new, Unknown) or old != new:
        yield path, Change.UPDATE


def written(path: Path) -> str:
    """Return a place as the engine reads it: `spec.ports[0].name`, `data["nginx.conf"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif any(each in QUOTED for each in part):
            text += '["{}"]'.format(part.replace('"', r"\""))
        else:
            text += f".{part}" if text else part
    return text


def at(value: Any, path: Path) -> Any:  # noqa: ANN401 -- any JSON value
    """Return what stands at a place; nothing where there is nothing."""
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _tables(old: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Change]]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield (*path, name), Change.ADD
        elif name not in new:
            yield (*path, name), Change.DELETE
        else:
            yield from compared(old[name], new[name], (*path, name))


def _rows(old: list[Any], new: list[Any], path: Path) -> Iterator[tuple[Path, Change]]:
    for index, (before, after) in enumerate(zip(old, new, strict=False)):
        yield from compared(before, after, (*path, index))
    for index in range(len(old), len(new)):
        yield (*path, index), Change.ADD
    for index in range(len(new), len(old)):
        yield (*path, index), Change.DELETE


def _replaces(path: Path, new: Mapping[str, Any], value: object, configuration: Configuration) -> bool:
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


@dataclass(frozen=True)
class Difference:
    """A place of an object's inputs that changes."""

    path: str
    change: Change
    replaces: bool


def checked(news: Plain, olds: Mapping[str, Any]) -> Plain:
    """Return inputs as they are compared and kept.

    An object that was once declared as managed by Pulumi keeps that label, whatever is declared of it later.
    """
    news = normal(news)
    metadata = news.get("metadata", {})
    labels = metadata.get("labels", {}) if isinstance(metadata, Mapping) else metadata
    if isinstance(labels, Unknown) or at(olds, ("metadata", "labels", MANAGED_BY)) != PULUMI:
        return news
    return {**news, "metadata": {**metadata, "labels": {**labels, MANAGED_BY: PULUMI}}}


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], configuration: Configuration
) -> Iterator[Difference]:
    """Yield what differs between inputs as they were checked."""
    for path, change in compared(old, new):
        coming = None if change is Change.DELETE else at(new, path)
        yield Difference(written(path), change, _replaces(path, new, coming, configuration))


def deletes_first(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether the old object has to go before a new one of its name can be made."""
    place = [at(new, ("metadata", name)) for name in PLACE]
    return not autonamed(new) and place == [at(old, ("metadata", name)) for name in PLACE]
