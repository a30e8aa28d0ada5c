"""How values and manifests are written as YAML: a file's text line by line, nothing that is a default."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from ops.chart.values import PartyValues

HEAD = """\
# Printed by `fate chart values {file} --party {party}`. Change the stack's file and print it anew, or lay a
# file of your own over it: helm upgrade ... -f this.yaml -f own.yaml
# Each key: values.schema.json of the chart. Passwords: fate chart secrets {file} --party {party}
"""


class _Writer(yaml.SafeDumper):
    """Writes text of several lines as a block, and lists apart from the keys that they belong to."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists too."""
        return super().increase_indent(flow, False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Return text as a block where it has lines."""
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _Writer.represent_text)


def values_text(values: PartyValues, file: str, party: str) -> str:
    """Return a party's values as the text of a file."""
    tree = values.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    return HEAD.format(file=file, party=party) + _text(tree)


def manifests_text(manifests: Iterable[Mapping[str, Any]]) -> str:
    """Return manifests as one text."""
    return "".join(f"---\n{_text(manifest)}" for manifest in manifests)


def _text(tree: Mapping[str, Any]) -> str:
    return yaml.dump(tree, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110)
