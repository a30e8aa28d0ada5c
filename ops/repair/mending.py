"""What Pulumi cannot see of an engine or cluster, each with what is done about it."""

from collections.abc import Iterator
from importlib import import_module
from itertools import groupby

from ops.doctor.exported import Cluster, Exported, Place
from ops.doctor.symptoms import Ailment, Symptom
from ops.doctor.unseen import Added, Unseen, unseen_in
from ops.repair.found import Found, Kind


class Unasked(Exception):
    """An account that may not look; the text says for what, and what was left out."""


def differences(state: Exported, place: Place) -> Iterator[Found]:
    """Yield what to mend in a place. Raises Ailment where it is silent, Unasked where it refuses."""
    try:
        found = list(unseen_in(state, place))
    except Ailment as fault:
        if fault.symptom is Symptom.FORBIDDEN:
            raise Unasked(f"what was added to objects was not looked for: {fault.detail}") from None
        raise
    if isinstance(place, Cluster):
        yield from _on_cluster(place, found)
    else:
        yield from map(_on_engine, found)


def _on_engine(difference: Unseen) -> Found:
    mending = import_module("ops.repair.docker_mending")
    return Found(
        kind=Kind.UNSEEN,
        where=getattr(difference.place, "host", ""),
        name=difference.name,
        wrong=difference.detail,
        remedy=mending.remedy(difference),
        mend=lambda: mending.mend(difference),
    )


def _on_cluster(place: Cluster, found: list[Unseen]) -> Iterator[Found]:
    """Yield one thing to mend an object: its parts go in one patch, so that its pods roll once."""
    added = [one for one in found if isinstance(one, Added)]
    for path, parts in groupby(added, key=lambda part: part.path):
        yield _on_object(place, path, list(parts))


def _on_object(place: Cluster, path: str, parts: list[Added]) -> Found:
    mending = import_module("ops.repair.kubernetes_mending")
    every = ", ".join(one.part for one in parts)
    return Found(
        kind=Kind.UNSEEN,
        where=place.context,
        name=parts[0].name,
        wrong=f"{parts[0].whole} has {every}, which the stack does not declare",
        remedy="take it away",
        mend=lambda: mending.mend(place, path, parts),
    )
