"""A stack as it is migrated: its values, with placeholders for what no source says, and its text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import yaml

from config import ConfigurationFault, Fault, load
from config.faults import path
from ops.migrate.account import Entry

Values = Mapping[str, object]
WIDTH = 106
MARK = re.compile(r"^(\s*)(- )?(?:(\S+): )?<(\d+)>$")


@dataclass(frozen=True)
class Placeholder:
    """A value that is missing: why, and what one looks like."""

    example: object
    why: str


def placeholders_in(values: Values) -> Iterator[tuple[str, Placeholder]]:
    """Yield each placeholder with its place in the stack."""
    for place, value in _below((), values):
        yield path(*place), value


def filled(value: object) -> object:
    """Return a value with the example in each placeholder's place."""
    match value:
        case Placeholder():
            return value.example
        case Mapping():
            return {key: filled(below) for key, below in value.items()}
        case list() | tuple():
            return [filled(below) for below in value]
        case _:
            return value


def _below(
    place: tuple[str | int, ...], value: object
) -> Iterator[tuple[tuple[str | int, ...], Placeholder]]:
    match value:
        case Placeholder():
            yield place, value
        case Mapping():
            for key, below in value.items():
                yield from _below((*place, str(key)), below)
        case list() | tuple():
            for number, below in enumerate(value):
                yield from _below((*place, number), below)


@dataclass(frozen=True)
class MigratedStack:
    """What is written of one source. Values are None for a source that no stack comes from."""

    name: str
    source: str
    values: Values | None
    entries: tuple[Entry, ...]
    what: str
    first: tuple[str, ...] = ()
    """What to do before anything else."""

    @property
    def to_fill(self) -> Mapping[str, Placeholder]:
        """Return what the operator must fill in, by its place."""
        return dict(placeholders_in(self.values or {}))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return what the stack is refused for, as if every placeholder had its example."""
        if self.values is None:
            return ()
        try:
            load({key: filled(value) for key, value in self.values.items()})
        except ConfigurationFault as fault:
            return fault.faults
        return ()


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
