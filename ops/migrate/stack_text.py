"""The text of a stack file: comments that say where it is from, values, and what is left to fill in."""

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import yaml

from ops.migrate.placeholders import Placeholder, Values

WIDTH = 106
MARK = re.compile(r"^(\s*)(- )?(?:(\S+): )?<(\d+)>$")


class _Writer(yaml.SafeDumper):
    """Writes short mappings on a line, as stack files have them, but none with a placeholder."""

    def represent_mapping(
        self,
        tag: str,
        mapping: Any,  # noqa: ANN401 (as PyYAML declares it)
        flow_style: bool | None = None,
    ) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        if any(_is_mark(value) for _, value in node.value):
            node.flow_style = False
        return node

    def represent_str(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, '"' if text[:1].isdigit() else None)

    def ignore_aliases(self, data: object) -> bool:
        return not isinstance(data, dict | list)


_Writer.add_representer(str, _Writer.represent_str)


def render(values: Values, head: Sequence[str]) -> str:
    """Return a stack file with these keys, `fate:` left out, below a comment of these paragraphs."""
    marks: list[Placeholder] = []
    config = {f"fate:{key}": _marked(value, marks) for key, value in values.items()}
    body = yaml.dump(
        {"config": config},
        Dumper=_Writer,
        default_flow_style=None,
        sort_keys=False,
        width=WIDTH,
        allow_unicode=True,
    )
    comment = [line for paragraph in head for line in wrap(paragraph, WIDTH - 2, break_long_words=False)]
    lines = [*(f"# {line}" for line in comment), *(_line(line, marks) for line in body.splitlines())]
    return "\n".join(lines) + "\n"


def _marked(value: object, marks: list[Placeholder]) -> object:
    match value:
        case Placeholder():
            marks.append(value)
            return f"<{len(marks) - 1}>"
        case Mapping():
            return {str(key): _marked(below, marks) for key, below in value.items()}
        case list() | tuple():
            return [_marked(below, marks) for below in value]
        case _:
            return value


def _is_mark(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and re.fullmatch(r"<\d+>", str(node.value)) is not None


def _line(line: str, marks: Sequence[Placeholder]) -> str:
    found = MARK.match(line)
    if found is None:
        return line
    indent, dash, key, number = found.groups()
    placeholder = marks[int(number)]
    before = f"{indent}# "
    example = yaml.dump(
        placeholder.example, Dumper=_Writer, default_flow_style=True, width=10_000, sort_keys=False
    )
    text = example.removesuffix("\n").removesuffix("\n...")
    return f"{before}fill in: {placeholder.why}\n{before}{dash or ''}{f'{key}: ' if key else ''}{text}"
