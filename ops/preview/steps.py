"""What an update would do: the same decisions that Pulumi's engine takes, without it.

Resources are decided on as a program registers them, so that an answer can say which outputs are not known
before the update. Nothing is asked of a plugin: `preview.rules` knows what each would answer. A provider that
leads elsewhere replaces nothing, as observed with the real engine: `preview.dangers` tells of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from diff.differences import Changes
from diff.values import UNKNOWN
from ops.preview.resource import STACK, Resource, lies_in, with_old
from ops.preview.rules import rule_for


class Operation(StrEnum):
    """What happens to a resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True)
class Step:
    """One resource and what happens to it; `because` has the paths that make it be replaced.

    One that is `swept` has to go before something that it depends on can be made anew.
    """

    operation: Operation
    old: Resource | None
    new: Resource | None
    changed: Mapping[str, Changes] = field(default_factory=dict)
    because: tuple[str, ...] = ()
    swept: bool = False

    @property
    def resource(self) -> Resource:
        """Return the resource as it will be, or as it was where it goes."""
        found = self.new or self.old
        assert found is not None, "a step has at least one side"
        return found


class Plan:
    """The steps from the resources of a base to those that a program registers."""

    def __init__(self, base: Mapping[str, Resource]) -> None:
        self.steps: list[Step] = []
        self._base = base
        self._left = dict(base)
        self._swept: dict[str, tuple[str, ...]] = {}
        self._wanted: dict[str, Resource] = {}
        self._replaced: set[str] = set()
        self._renamed: dict[str, str] = {}

    def register(self, new: Resource) -> Step:
        """Decide on a resource that the program wants."""
        old = self._before(new)
        if old is not None:
            self._left.pop(old.urn, None)
            self._renamed[new.urn] = old.urn
        step = Step(Operation.CREATE, None, new) if old is None else self._compared(old, new)
        if step.operation is Operation.REPLACE:
            self._replaced.add(new.urn)
        if step.operation is Operation.REPLACE and self._deletes_first(step):
            self._sweep(step.resource if step.old is None else step.old)
        self._wanted[new.urn] = step.resource
        self.steps.append(step)
        return step

    def finish(self) -> list[Step]:
        """Return every step in the order of names, deletions of what nobody wanted last.

        A program registers in another order at every run: what it waits for comes when it comes.
        """
        gone = [Step(Operation.DELETE, old, None) for old in self._left.values() if old.type != STACK]
        return [*sorted(self.steps, key=_place), *sorted(gone, key=_place)]

    def _before(self, new: Resource) -> Resource | None:
        """Return what the resource was: by its URN, an alias, or under an alias of its parent."""
        former = self._renamed.get(new.parent, new.parent)
        for urn in (new.urn, *new.aliases, *_under(new, former)):
            if urn in self._left:
                return self._left[urn]
        return None

    def _compared(self, old: Resource, asked: Resource) -> Step:
        new = replace(asked, inputs=with_old(asked.inputs, old.inputs, asked.ignore_changes))
        found = rule_for(new.type).compared(old.inputs, new.inputs, self._configuration(new, self._wanted))
        because = self._swept.get(old.urn, ())
        if new.custom:
            paths = [path for changes in found.changed.values() for path in changes]
            forced = [path for path in paths if lies_in(path, new.replace_on_changes)]
            because = tuple(dict.fromkeys((*because, *found.replacing, *forced)))
        if because or not self._replaced.isdisjoint(new.replace_with):
            return Step(Operation.REPLACE, old, new, found.changed, because, old.urn in self._swept)
        return Step(Operation.UPDATE if found.changed else Operation.SAME, old, new, found.changed)

    @staticmethod
    def _deletes_first(step: Step) -> bool:
        assert step.old is not None, "a replaced resource was there before"
        assert step.new is not None, "a replaced resource is still wanted"
        if step.new.delete_before_replace is not None:
            return step.new.delete_before_replace
        return rule_for(step.new.type).deletes_first(step.old.inputs, step.new.inputs)

    def _sweep(self, root: Resource) -> None:
        """Mark what has to go before `root` can: dependents that cannot live without its outputs."""
        swept = {root.urn, *self._swept}
        for other in self._base.values():
            because = self._torn(other, swept) if other.custom and other.urn not in swept else ()
            if because:
                swept.add(other.urn)
                self._swept[other.urn] = because

    def _torn(self, resource: Resource, swept: set[str]) -> tuple[str, ...]:
        """Return the properties through which a resource must be replaced when others are."""
        links = resource.property_dependencies.items()
        touched = [name for name, urns in links if name in resource.inputs and not swept.isdisjoint(urns)]
        if not touched:
            return ()
        after = {**resource.inputs, **dict.fromkeys(touched, UNKNOWN)}
        provider = self._configuration(resource, self._base)
        return rule_for(resource.type).compared(resource.inputs, after, provider).replacing

    @staticmethod
    def _configuration(resource: Resource, among: Mapping[str, Resource]) -> Mapping[str, Any]:
        """Return what a resource's provider was given."""
        provider = among.get(resource.provider_urn)
        return provider.inputs if provider else {}


def _place(step: Step) -> tuple[list[tuple[int, str]], str]:
    """Return where a step stands in lists: by the name of its resource, numbers in it as numbers."""
    parts = re.findall(r"(\d+)|(\D+)", step.resource.name)
    return [(int(number or 0), text) for number, text in parts], step.resource.urn


def _under(new: Resource, former: str) -> Iterator[str]:
    """Yield the URN that a child had when its parent had another: its type path, and a name made from it."""
    if not former or former == new.parent:
        return
    head, _, own = new.urn.rpartition("::")
    path = former.split("::")[2]
    prefix = head.rpartition("::")[0]
    qualified = f"{path}${new.type}"
    yield f"{prefix}::{qualified}::{own}"
    was, now = former.rpartition("::")[2], new.parent.rpartition("::")[2]
    if own.startswith(now):
        yield f"{prefix}::{qualified}::{was}{own.removeprefix(now)}"
