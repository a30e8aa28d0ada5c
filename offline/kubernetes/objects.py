"""What is done with a Kubernetes object: made, looked at, changed, taken away; or only asked about."""

import base64
from collections.abc import Mapping
from typing import Any

from offline.kubernetes import annotations, deletion, surroundings, waiting
from offline.kubernetes.api_server import Live
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.discovery import NoSuchKind
from offline.kubernetes.explained import Answer, explained
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call
from offline.protocol.values import UNKNOWN, Plain

NOT_YET = ("does not support dry run", "error looking up service account")
"""Answers to a dry run that say nothing about the real one."""
UNKNOWN_METADATA = ("creationTimestamp", "generation", "resourceVersion", "uid")


class Objects:
    """The objects of one cluster. It keeps nothing between calls, which come from many threads at once."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def create(self, call: Call, inputs: Plain, manager: str, limit: float) -> tuple[Target, Live]:
        """Make an object, or adopt the one of that name where that is allowed, and wait for it."""
        target = self._target(inputs)
        found = self.cluster.live(target)
        if found and "deletionTimestamp" in found["metadata"]:
            deletion.wait(call, self.cluster, target, found, limit)
            found = None
        if found and not self.cluster.configuration.upsert:
            raise Refusal(_exists(target))
        return target, self._ready(call, target, inputs, manager, bool(found) or self._force(inputs), limit)

    def update(self, call: Call, inputs: Plain, manager: str, limit: float) -> tuple[Target, Live]:
        """Change an object in place, and wait for it."""
        target = self._target(inputs)
        return target, self._ready(call, target, inputs, manager, self._force(inputs), limit)

    def preview_create(self, call: Call, inputs: Plain, manager: str, replaces: bool) -> Plain:
        """Tell what would be made. What the API server would refuse is refused now.

        An object that stands where a replacement will be is in no one's way: it will be deleted before.
        """
        try:
            target = self.cluster.target(inputs)
        except NoSuchKind as missing:
            call.warn(f"{inputs['kind']} {inputs['metadata']['name']}: {missing}")
            return unknown(inputs)
        found = None if replaces else self.cluster.live(target)
        if found and not self.cluster.configuration.upsert and not _applied_by(found, manager):
            raise Refusal(_exists(target))
        if replaces:
            return unknown(inputs)
        live = self._dry(call, target, inputs, manager, force=bool(found) or self._force(inputs))
        return unknown({**inputs, **live}) if live and not found else live or unknown(inputs)

    def preview_update(self, call: Call, inputs: Plain, manager: str) -> Plain | None:
        """Tell what would come of a change; nothing where that cannot be told yet."""
        target = self._target(inputs)
        return self._dry(call, target, inputs, manager, force=self._force(inputs))

    def delete(self, call: Call, target: Target, inputs: Plain, limit: float) -> None:
        """Take an object away, and wait until it is gone."""
        self.cluster.remove(target)
        if not annotations.says(inputs, annotations.SKIP_AWAIT):
            deletion.wait(call, self.cluster, target, None, limit)

    def works(self, live: Live) -> bool:
        """Return whether an object is ready now."""
        return surroundings.standing(self.cluster, live).ready

    def _target(self, inputs: Plain) -> Target:
        try:
            return self.cluster.target(inputs)
        except NoSuchKind as missing:
            raise Refusal(f"{inputs['kind']} {inputs['metadata']['name']}: {missing}") from missing

    def _ready(
        self, call: Call, target: Target, inputs: Plain, manager: str, force: bool, limit: float
    ) -> Live:
        try:
            live = self._applied(call, target, inputs, manager, force)
        except Answer as answer:
            raise explained(str(target), answer) from answer
        return waiting.wait(call, self.cluster, target, live, limit)

    def _force(self, inputs: Plain) -> bool:
        return self.cluster.configuration.force or annotations.says(inputs, annotations.PATCH_FORCE)

    def _applied(
        self, call: Call, target: Target, inputs: Plain, manager: str, force: bool, preview: bool = False
    ) -> Live:
        """Apply the inputs, or only ask; what the API server warns of, the user is told."""
        live, warnings = self.cluster.apply(target, body(inputs), manager, force, preview)
        for warning in warnings:
            call.warn(f"{target}: {warning}")
        return live

    def _dry(self, call: Call, target: Target, inputs: Plain, manager: str, force: bool) -> Live | None:
        """Return what would come of applying; nothing where something that is still to come is missing."""
        try:
            return self._applied(call, target, inputs, manager, force, preview=True)
        except Answer as answer:
            if answer.missing or any(words in answer.words for words in NOT_YET):
                return None
            raise explained(str(target), answer) from answer


def body(inputs: Plain) -> Plain:
    """Return what the API server gets: the text of a Secret as content, since texts are never taken away."""
    if (inputs["apiVersion"], inputs["kind"]) != ("v1", "Secret") or "stringData" not in inputs:
        return inputs
    texts = {key: base64.b64encode(str(text).encode()).decode() for key, text in inputs["stringData"].items()}
    rest = {name: value for name, value in inputs.items() if name != "stringData"}
    return {**rest, "data": {**inputs.get("data", {}), **texts}}


def unknown(inputs: Plain) -> Plain:
    """Return an object that is not made yet: what only the API server gives is not known."""
    metadata: Any = inputs.get("metadata")
    if isinstance(metadata, Mapping):
        metadata = {**metadata, **dict.fromkeys(UNKNOWN_METADATA, UNKNOWN)}
    found = {**inputs, "metadata": metadata, "status": UNKNOWN}
    spec = inputs.get("spec")
    if (inputs.get("apiVersion"), inputs.get("kind")) == ("v1", "Service") and isinstance(spec, Mapping):
        found["spec"] = {"clusterIP": UNKNOWN, **spec}
    return found


def _exists(target: Target) -> str:
    return (
        f"{target} already exists, and is not of this stack. Give it another name, import it with "
        "`pulumi import`, or set `upsert_existing_objects=True` on the provider, which adopts it."
    )


def _applied_by(live: Live, manager: str) -> bool:
    managers = live["metadata"].get("managedFields") or ()
    return any(each["manager"] == manager and each["operation"] == "Apply" for each in managers)
