"""What an object's inputs become when they are checked, and what a change of them leads to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diff.differences import Change
from diff.kubernetes.comparison import at, compared, written
from diff.kubernetes.configuration import Configuration
from diff.kubernetes.names import autonamed
from diff.kubernetes.normal import normal
from diff.kubernetes.replacement import replaces
from diff.values import Plain, Unknown

MANAGED_BY = "app.kubernetes.io/managed-by"
PULUMI = "pulumi"
PLACE = ("name", "namespace")


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
        yield Difference(written(path), change, replaces(path, new, coming, configuration))


def deletes_first(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether the old object has to go before a new one of its name can be made."""
    place = [at(new, ("metadata", name)) for name in PLACE]
    return not autonamed(new) and place == [at(old, ("metadata", name)) for name in PLACE]
