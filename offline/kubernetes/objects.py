"""What is done with a Kubernetes object: made, looked at, changed, taken away; or only asked about."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clients.kubernetes.api_server import Live
from clients.kubernetes.failures import Refused
from diff.values import Plain
from offline.kubernetes import annotations, ownership, waiting, watching
from offline.kubernetes.cluster import Cluster, Target
from offline.kubernetes.explained import NoCluster, explained
from offline.kubernetes.kinds import NoSuchKind
from offline.kubernetes.still_to_come import StillToCome
from offline.protocol.failures import Half, Refusal
from offline.protocol.resource import Call

MANAGER = "pulumi-kubernetes"
NO_DRY_RUN = "does not support dry run"
FIRST_PAUSE, ATTEMPTS = 1.0, 6
"""Seconds before what is missing is asked for again; each pause is twice as long as the one before."""


@dataclass(frozen=True)
class Wanted:
    """An object as it is declared, by which manager of fields, and for how long it may become ready."""

    inputs: Plain
    manager: str
    limit: float = 0.0
    ignored: Sequence[str] = ()


class Objects:
    """The objects of one cluster. Calls come from many threads at once."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._still_to_come = StillToCome()

    def create(self, call: Call, wanted: Wanted) -> tuple[Target, Live]:
        """Make an object, or take over the one of that name where that is allowed, and wait for it."""
        target, live = self._made(call, wanted)
        try:
            return target, waiting.wait(call, self.cluster, target, wanted.inputs, live, wanted.limit)
        except waiting.NotReady as late:
            message = (
                f'resource "{call.urn}" was successfully created, but the Kubernetes API server '
                f"reported that it failed to fully initialize or become live: {late}"
            )
            raise Half(message, target.id, late.live, late.reasons) from late

    def preview_create(self, call: Call, wanted: Wanted) -> Live | None:
        """Tell what would be made; nothing where the API server cannot tell, or may not be asked."""
        if self._still_to_come.holds(wanted.inputs):
            return None
        try:
            live = self._would_be_made(wanted)
        except (NoSuchKind, NoCluster):
            return None
        except Refused as answer:
            if answer.without_namespace:
                self._still_to_come.answered(wanted.inputs)
                return None
            if answer.forbidden or answer.exists or NO_DRY_RUN in str(answer):
                return None
            raise _not_made(call, answer, wanted) from answer
        return {name: value for name, value in live.items() if name != "status"}

    def update(self, call: Call, wanted: Wanted) -> tuple[Target, Live]:
        """Change an object in place, and wait for it."""
        target = self._target(wanted.inputs)
        try:
            before = self._there(target)
            live = self._applied(target, before, wanted)
            return target, waiting.wait(call, self.cluster, target, wanted.inputs, live, wanted.limit, before)
        except Refused as answer:
            raise self._not_changed(call, target, explained(answer, wanted.manager)) from answer
        except waiting.NotReady as late:
            raise self._not_changed(call, target, str(late), late.reasons) from late

    def preview_update(self, call: Call, wanted: Wanted) -> Live | None:
        """Tell what would come of a change; nothing where the API server cannot tell, or may not be asked."""
        try:
            target = self.cluster.target(wanted.inputs)
        except (NoSuchKind, NoCluster):
            return None
        try:
            return self._applied(target, self._there(target), wanted, dry=True)
        except Refused as answer:
            if answer.forbidden:
                return None
            raise self._not_changed(call, target, explained(answer, wanted.manager)) from answer

    def delete(self, call: Call, target: Target, inputs: Plain, limit: float) -> None:
        """Take an object away, and wait until it is gone."""
        self.cluster.remove(target)
        skipped = annotations.says(inputs, annotations.SKIP_AWAIT)
        if not (skipped and target.resource.kind in watching.AWAITED_UNLESS_SKIPPED):
            watching.wait_until_gone(call, self.cluster, target, limit)

    def _made(self, call: Call, wanted: Wanted) -> tuple[Target, Live]:
        """Make an object. What it needs may be made at this moment, its namespace or its kind: ask again."""
        pause = FIRST_PAUSE
        for attempt in range(ATTEMPTS):
            try:
                target = self._target(wanted.inputs)
                return target, self._sent(target, wanted)
            except Refused as answer:
                if not answer.missing or attempt == ATTEMPTS - 1 or call.cancelled.wait(pause):
                    raise _not_made(call, answer, wanted) from answer
                call.progress(f"Retry #{attempt}; creation failed: {answer}")
            pause *= 2
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _would_be_made(self, wanted: Wanted) -> Live:
        target = self.cluster.target(wanted.inputs)
        try:
            return self._sent(target, wanted, dry=True)
        except Refused as answer:
            if not answer.immutable:
                raise
        metadata = wanted.inputs["metadata"]
        other = {**metadata, "name": f"{metadata['name']}{secrets.token_hex(3)[:5]}"}
        renamed = replace(wanted, inputs={**wanted.inputs, "metadata": other})
        return self._sent(self.cluster.target(renamed.inputs), renamed, dry=True)

    def _sent(self, target: Target, wanted: Wanted, dry: bool = False) -> Live:
        if self.cluster.configuration.upsert:
            force = dry or self._force(wanted.inputs)
            return self.cluster.apply(target, wanted.inputs, wanted.manager, force, dry)
        return self.cluster.make(target, wanted.inputs, MANAGER, dry)

    def _there(self, target: Target) -> Live:
        return self.cluster.server.get(target.path)

    def _applied(self, target: Target, before: Live, wanted: Wanted, dry: bool = False) -> Live:
        """Apply the inputs to an object that is there, or only ask."""
        entries = None if dry else ownership.taken_over(before, wanted.manager)
        if entries is not None:
            before = self.cluster.owned(target, entries)
        force = self._force(wanted.inputs) or not ownership.managers(before)
        force = force or (dry and ownership.by_a_client(before))
        inputs = ownership.without_ignored(wanted.inputs, before, wanted.manager, wanted.ignored)
        return self.cluster.apply(target, inputs, wanted.manager, force, dry)

    def _force(self, inputs: Plain) -> bool:
        return self.cluster.configuration.force or annotations.says(inputs, annotations.PATCH_FORCE)

    def _target(self, inputs: Plain) -> Target:
        try:
            return self.cluster.target(inputs)
        except NoSuchKind as missing:
            raise Refusal(f"{inputs['kind']} {inputs['metadata']['name']}: {missing}") from missing

    def _not_changed(self, call: Call, target: Target, words: str, reasons: Sequence[str] = ()) -> Refusal:
        live = self.cluster.live(target)
        if live is None:
            gone = f'{target.resource.plural} "{target.name}" not found'
            return Refusal(
                f'update of resource "{call.urn}" failed: {words}\nunable to get cluster state: {gone}'
            )
        message = (
            f'the Kubernetes API server reported that "{target.id}" failed to fully initialize '
            f"or become live: {words}"
        )
        return Half(message, target.id, live, reasons)


def new_manager() -> str:
    """Return a name for the manager of one object's fields."""
    return f"{MANAGER}-{secrets.token_hex(4)}"


def _not_made(call: Call, answer: Refused, wanted: Wanted) -> Refusal:
    words = explained(answer, wanted.manager)
    return Refusal(
        f'resource "{call.urn}" was not successfully created by the Kubernetes API server: {words}'
    )
