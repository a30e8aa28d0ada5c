"""How values and manifests are written as YAML: a file's text line by line, nothing that is a default."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from components.runtimes.chart_values import PartyValues

HEAD = """\
# Printed by: fate chart values {file} --party {party}
# Change the stack's file and print it anew, or lay a file of your own over it: helm ... -f this -f own.yaml
# The chart's values.schema.json tells what each key is. Passwords are in Secrets that exist already:
#   fate chart secrets {file} --party {party} | kubectl apply --server-side -f -
"""


NO_TEXT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F]+|[yYnN]")
"""What Helm's YAML reads as a number or a truth and Python's as text, such as the fingerprint 95414e34."""


class _Writer(yaml.SafeDumper):
    """Writes text of several lines as a block, and lists apart from the keys that they belong to."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists too."""
        return super().increase_indent(flow, False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Return text as a block where it has lines, quoted where it could be taken for a number."""
        style = "|" if "\n" in text else "'" if NO_TEXT.fullmatch(text) else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


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
