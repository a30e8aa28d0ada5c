"""The cases of kubernetes.yaml, each brought to its end on a cluster with a plugin: what was seen of it."""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.kubectl import kubectl
from tests.conformance.kubernetes_plugin import KubernetesPlugin
from tests.conformance.plugin import Refused, Resource, Told, Values

TABLE = Path(__file__).parent / "kubernetes.yaml"
LIMIT = 30.0
PATH = re.compile(r'\["((?:[^"\\]|\\.)+)"\]|\[(\d+)\]|([^.\[]+)')


@dataclass(frozen=True)
class Case:
    """One row: an object, what happens to it, and what a plugin has to say and do about that."""

    case: str
    object: str
    name: str
    provider: str = "ours"
    first: Mapping[str, Any] = field(default_factory=dict)
    there: bool = False
    by_hand: tuple[str, ...] = ()
    refresh: bool = False
    change: Mapping[str, Any] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    limit: float = LIMIT
    expected: Mapping[str, Any] = field(default_factory=dict)

    def inputs(self, namespace: str, changes: Mapping[str, Any]) -> Values:
        """Return the object's inputs, with changes by their paths."""
        text = json.dumps(OBJECTS[self.object]).replace("{name}", self.name).replace("{namespace}", namespace)
        inputs: Values = json.loads(text)
        for path, value in changes.items():
            put(inputs, path, copy.deepcopy(value))
        return inputs


@dataclass
class Run:
    """A case in one namespace, with the plugin that it is asked of."""

    case: Case
    plugin: KubernetesPlugin
    namespace: str
    seen: dict[str, Any] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Bring the case to its end, and return what was seen."""
        made = self._made()
        if made is not None:
            for command in self.case.by_hand:
                kubectl(*command.replace("{name}", self._name).split(), *self._place)
            if self.case.refresh:
                made = self._refreshed(made)
            if made is not None:
                self._changed(made)
        for path in self.case.expected.get("live", ()):
            self.seen.setdefault("live", {})[path] = at(self._live(), path)
        return self.seen

    @property
    def _token(self) -> str:
        api_version, kind = (OBJECTS[self.case.object][name] for name in ("apiVersion", "kind"))
        return f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{kind}"

    def _made(self) -> Resource | None:
        inputs = self.case.inputs(self.namespace, self.case.first)
        if self.case.there:
            kubectl(
                "apply", "--server-side", "--field-manager=earlier", "--filename=-", given=json.dumps(inputs)
            )
        try:
            checked = self.plugin.check(self._token, self.case.name, inputs)
            create = partial(self.plugin.create, self._token, self.case.name, checked, self.case.limit)
            self._attempt("create-preview", lambda: create(preview=True))
            return create()
        except Refused as refused:
            self.seen["create"] = str(refused)
            return refused.half

    def _refreshed(self, made: Resource) -> Resource | None:
        found = self.plugin.read(made)
        if found is None:
            self.seen["operation"] = "create"
        elif found.complaints:
            self.seen["unready"] = found.complaints
        return found

    def _changed(self, made: Resource) -> None:
        inputs = self.case.inputs(self.namespace, {**self.case.first, **self.case.change})
        checked = self.plugin.check(self._token, self.case.name, inputs, made.inputs)
        told = self.plugin.diff(made, checked, self.case.ignored)
        self.seen |= {"operation": told.operation, "told": dict(told.paths)}
        if told.operation != "none":
            self._attempt("preview", lambda: self._done(made, checked, told, preview=True))
            self._attempt("up", lambda: self._done(made, checked, told, preview=False))

    def _done(self, made: Resource, checked: Values, told: Told, preview: bool) -> None:
        plugin, limit = self.plugin, self.case.limit
        if told.operation == "update":
            plugin.update(made, checked, limit, self.case.ignored, preview)
            return
        self.seen["deletes-first"] = told.deletes_first
        if told.deletes_first and not preview:
            plugin.delete(made, limit)
        plugin.create(made.token, made.name, checked, limit, preview)

    def _attempt(self, name: str, attempt: Any) -> None:  # noqa: ANN401 -- a call without arguments
        try:
            attempt()
        except Refused as refused:
            self.seen[name] = str(refused)

    def _live(self) -> Values:
        kind = OBJECTS[self.case.object]["kind"]
        found = kubectl("get", kind, self._name, *self._place, "--output=json", "--ignore-not-found")
        result: Values = json.loads(found) if found else {}
        return result

    @property
    def _name(self) -> str:
        """Return the name of the object that is there at the end."""
        changes = {**self.case.first, **self.case.change}
        return str(self.case.inputs(self.namespace, changes)["metadata"]["name"])

    @property
    def _place(self) -> tuple[str, ...]:
        return ("--namespace", self.namespace)


def put(value: Any, path: str, new: object) -> None:  # noqa: ANN401 -- any JSON value
    """Put a value at a path; None takes away what stands there, and a list's next index adds to it."""
    *way, last = parts(path)
    for part in way:
        value = value.setdefault(part, {}) if isinstance(part, str) else value[part]
    if new is None:
        del value[last]
    elif isinstance(last, int) and last == len(value):
        value.append(new)
    else:
        value[last] = new


def at(value: Any, path: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Return what stands at a path; None where there is nothing."""
    for part in parts(path):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def parts(path: str) -> list[str | int]:
    """Return a path's parts: `spec.ports[0]`, `data["nginx.conf"]`."""
    return [quoted or name or int(index) for quoted, index, name in PATH.findall(path)]


def _loaded() -> tuple[Mapping[str, Values], tuple[Case, ...]]:
    table = yaml.safe_load(TABLE.read_text())
    return table["objects"], tuple(_case(number, row) for number, row in enumerate(table["cases"]))


def _case(number: int, row: Mapping[str, Any]) -> Case:
    circumstances = {"case", "object", "provider", "first", "there", "refresh", "change", "limit"}
    given = {name: value for name, value in row.items() if name in circumstances}
    by_hand = tuple(row.get("by-hand", ()))
    rest = {**row, **dict.fromkeys(circumstances)}
    expected = {
        name: rest[name]
        for name in row
        if name not in circumstances and name not in ("by-hand", "ignored", "name")
    }
    return Case(
        **{"refresh": bool(by_hand), **given},
        name=row.get("name", f"c{number}"),
        by_hand=by_hand,
        ignored=tuple(row.get("ignored", ())),
        expected=expected,
    )


OBJECTS, CASES = _loaded()
