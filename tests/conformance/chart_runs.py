"""The cases of chart.yaml: what a plugin registers of a chart, and what a change or a drift of it shows."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pulumi.runtime import rpc

from tests.cluster.kubectl import kubectl
from tests.conformance.cases import filled
from tests.conformance.kubernetes_plugin import KubernetesPlugin
from tests.conformance.kubernetes_runs import at
from tests.conformance.monitor import PROVIDER, PROVIDER_ID, Engine, Registered
from tests.conformance.plugin import Refused, Resource, Values

TABLE = Path(__file__).with_name("chart.yaml")
CHART = Path(__file__).with_name("chart")
TOKEN = "kubernetes:helm.sh/v4:Chart"
LIMIT = 30.0
WORD = "s3cret-word"
SPELLINGS = (WORD, base64.b64encode(WORD.encode()).decode())
Row = Mapping[str, Any]


class Charts:
    """Charts in one namespace, rendered by one plugin; one at a time, since they share an engine."""

    def __init__(self, plugin: KubernetesPlugin, engine: Engine, names: Mapping[str, str]) -> None:
        self.plugin, self.engine, self.names = plugin, engine, names

    def constructed(self, inputs: Row, options: Row) -> dict[str, Any]:
        """Return what comes of a chart, in the words of the table."""
        self.engine.registered.clear()
        self.engine.warned.clear()
        provider = f"{PROVIDER}::{PROVIDER_ID}"
        given = {"chart": str(CHART), **filled(dict(inputs), self.names)}
        try:
            outputs = self.plugin.construct(
                TOKEN, "chart", given, self.engine.address, providers={"kubernetes": provider}, **options
            )
        except Refused as refused:
            return {"refused": str(refused)}
        component, *children = self.engine.registered
        assert not component.properties, "the state of a chart has no values"
        assert {each.provider for each in children} <= {provider}, "children have the chart's provider"
        assert len({each.parent for each in children}) < 2, "children have one parent"
        return {**self._told(children), "resources": _resources(outputs["resources"])}

    def children(self, inputs: Row) -> dict[str, Registered]:
        """Return a chart's children by their names."""
        self.constructed(inputs, {})
        return {each.name: each for each in self.engine.registered[1:]}

    def previewed(self, row: Row) -> dict[str, Any]:
        """Make the children that a row names, do what it says, and return what is told of them then."""
        before = self.children(row["inputs"])
        made = {name: self._made(before[name]) for name in filled(dict(row["told"]), self.names)}
        for command in row.get("by-hand", ()):
            kubectl(*filled(command, self.names).split(), "--namespace", self.names["namespace"])
        after = self.children(row.get("change", row["inputs"]))
        return {name: self._difference(each, after.get(name)) for name, each in made.items()}

    def state(self, inputs: Row, name: str) -> Values:
        """Return what a state has of a child, once it is made."""
        return self._made(self.children(inputs)[filled(name, self.names)]).outputs

    def _told(self, children: list[Registered]) -> dict[str, Any]:
        plain = {each.name: sorted(in_plain_text(each.properties)) for each in children}
        found = {
            "after": {each.name: sorted(each.after) for each in children if each.after},
            "retained": sorted(each.name for each in children if each.retained),
            "protected": len([each for each in children if each.protected]),
            "in-plain-text": {name: paths for name, paths in plain.items() if paths},
            "warned": list(self.engine.warned),
            "objects": {each.name: each.properties for each in children},
        }
        return {name: value for name, value in found.items() if value}

    def _made(self, child: Registered) -> Resource:
        checked = self.plugin.check(child.token, child.name, child.properties)
        return self.plugin.create(child.token, child.name, checked, LIMIT)

    def _difference(self, made: Resource, child: Registered | None) -> dict[str, Any]:
        found = self.plugin.read(made)
        if found is None or child is None:
            return {"operation": "create" if child else "delete"}
        checked = self.plugin.check(child.token, child.name, child.properties, found.inputs)
        told = self.plugin.diff(found, checked)
        if told.operation != "none":
            self.plugin.update(found, checked, LIMIT)
        return {"operation": told.operation, **({"paths": dict(told.paths)} if told.paths else {})}


def in_plain_text(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 -- any JSON value
    """Yield the paths at which the secret stands without a mark, as it is or in base64."""
    if isinstance(value, str) and any(word in value for word in SPELLINGS):
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, dict) and value.get(rpc._special_sig_key) == rpc._special_secret_sig:
        return
    for name, part in parts:
        inside = f"[{name}]" if isinstance(name, int) else f".{name}" if path else name
        yield from in_plain_text(part, f"{path}{inside}")


def expected(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a row says has to come of it."""
    circumstances = ("case", "inputs", "options", "change", "by-hand", "told", "objects")
    found = {name: value for name, value in row.items() if name not in circumstances}
    return dict(filled(found, names))


def differing(row: Row, objects: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what stands in objects where a row says that something else does."""
    return {
        f"{name} {path}": at(objects[name], path)
        for name, paths in filled(dict(row.get("objects", {})), names).items()
        for path, value in paths.items()
        if at(objects[name], path) != value
    }


def _resources(references: Any) -> list[str] | str:  # noqa: ANN401 -- any JSON value
    if not isinstance(references, list):
        return str(references)
    return ["{type} {name}".format(**each).removeprefix("kubernetes:") for each in references]


def rows(kind: str) -> list[Any]:
    """Return the rows of the table of one kind."""
    found: list[Any] = yaml.safe_load(TABLE.read_text())[kind]
    return found


def text(found: object) -> str:
    """Return what was seen for an assertion's message."""
    return json.dumps(found, indent=1)
