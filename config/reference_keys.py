"""The tables of a stack's keys, from the JSON schema of the models."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from config.schema import Schema, settings_schema
from config.secret_key import REMEDY, SECRET_KEY

TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
IF_ABSENT = re.compile(r"(.*); (.*) if absent")


@dataclass(frozen=True)
class Section:
    """One model, under the place where a stack writes it first."""

    name: str
    title: str
    definition: Schema
    within: str = ""
    """Which of several alternatives the model is below, such as `, kind: osx`."""


def key_sections() -> Iterator[str]:
    """Return a section for the stack and for every model below it, as a reader meets them."""
    schema = settings_schema()
    sections: dict[str, Section] = {}
    for found in _found(schema["$defs"], schema, "fate:"):
        if not _one_key_alone(found.definition):
            sections.setdefault(found.name, found)
    pages = KeyPages(_told_apart(sections), schema["$defs"])
    secret = f"| `fate:{SECRET_KEY}` | secret text, 32 characters or more | required | {cell(REMEDY)} |"
    text = "Everything but `fate:secret-key` and `fate:secrets` is plain text."
    yield section("The stack", text, pages.table([secret, *pages.rows(schema, "fate:")]))
    for each in pages.sections.values():
        text = each.definition["description"].partition("\n\n")[0]
        yield section(each.title, text, pages.table(pages.rows(each.definition)))


class KeyPages:
    """Writes rows whose types link to the sections of other models."""

    def __init__(self, sections: dict[str, Section], definitions: dict[str, Schema]) -> None:
        self.sections, self._definitions = sections, definitions

    def table(self, rows: Iterable[str]) -> str:
        """Return a table of keys."""
        return table(("Key", "Type", "Default", "Meaning"), rows)

    def rows(self, definition: Schema, prefix: str = "") -> Iterator[str]:
        """Return a row for each key of a model but the one that its title names."""
        required = definition.get("required", [])
        for key, value in definition["properties"].items():
            if "const" in value:
                continue
            meaning, default = _meaning_and_default(value)
            said = "required" if key in required else default
            yield f"| `{prefix}{key}` | {self._type(value)} | {said} | {cell(meaning)} |"

    def _type(self, value: Schema) -> str:
        if "enum" in value:
            return ", ".join(f"`{each}`" for each in value["enum"])
        if "$ref" in value:
            return self._named(_name(value))
        if inner := value.get("oneOf") or value.get("anyOf"):
            return " or ".join(self._type(each) for each in inner if each.get("type") != "null")
        return self._composed(value)

    def _composed(self, value: Schema) -> str:
        match value.get("type"):
            case "array":
                return f"list of {self._type(value['items'])}"
            case "object":
                return f"keys with {self._type(_values_of(value))}"
            case kind:
                return TYPES.get(str(kind), "any value") + _bounds(value)

    def _named(self, name: str) -> str:
        definition = self._definitions[name]
        if "properties" not in definition:
            return self._type(definition)
        if alone := _one_key_alone(definition):
            return alone
        title = self.sections[name].title
        return f"[{_short(title)}](#{slug(title)})"


def _told_apart(sections: dict[str, Section]) -> dict[str, Section]:
    """Return sections of which no two have one title."""
    titles = Counter(each.title for each in sections.values())
    return {
        name: replace(each, title=each.title + each.within) if titles[each.title] > 1 else each
        for name, each in sections.items()
    }


def _found(definitions: dict[str, Schema], model: Schema, prefix: str, within: str = "") -> Iterator[Section]:
    for key, value in model["properties"].items():
        steps, names = _below(value)
        for name in names:
            definition = definitions[name]
            if "properties" in definition:
                at = f"{prefix}{key}{steps}"
                variant = _variant(definition) if len(names) > 1 else ""
                yield Section(name, at + variant, definition, within)
                yield from _found(definitions, definition, f"{at}.", variant or within)


def _below(value: Schema) -> tuple[str, list[str]]:
    """Return the models that a value is made of, and the path steps down to them."""
    if "$ref" in value:
        return "", [_name(value)]
    if inner := value.get("oneOf") or value.get("anyOf"):
        return "", [name for each in inner for name in _below(each)[1]]
    step, content = {"array": ("[]", value.get("items", {})), "object": (".*", _values_of(value))}.get(
        str(value.get("type")), ("", {})
    )
    steps, names = _below(content) if content else ("", [])
    return step + steps, names


def _variant(definition: Schema) -> str:
    """Return what tells one alternative from the others."""
    for key, value in definition["properties"].items():
        if "const" in value:
            return f", {key}: {value['const']}"
    deciding = [key for key in definition.get("required", ()) if key != "id"]
    return f" with {deciding[0]}" if deciding else " by id alone"


def _one_key_alone(definition: Schema) -> str:
    """Return the key of an alternative that has no other, and what it means."""
    (key, value), *more = definition["properties"].items()
    if more:
        return ""
    shown = f"{key}: {value['const']}" if "const" in value else key
    return f"`{shown}` ({cell(value['description'])})"


def _values_of(value: Schema) -> Schema:
    inner: object = next(iter(value.get("patternProperties", {}).values()), value.get("additionalProperties"))
    return inner if isinstance(inner, dict) else {}


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _short(title: str) -> str:
    return re.split(r"[.:](?! )", title.removesuffix(".*"))[-1].replace("[]", "")


def _meaning_and_default(value: Schema) -> tuple[str, str]:
    description = value.get("description", "")
    if absent := IF_ABSENT.fullmatch(description):
        return absent[1], absent[2]
    default = value.get("default")
    return description, "none" if default is None else f"`{json.dumps(default)}`"


def _bounds(value: Schema) -> str:
    least, most = value.get("minimum"), value.get("maximum")
    return f", {least} to {most}" if least is not None and most is not None else ""


def section(title: str, text: str, rows: str) -> str:
    """Return a section: a heading, a text if there is one, a table."""
    return "\n\n".join(part for part in (f"## {title}", text, rows) if part)


def table(head: tuple[str, ...], rows: Iterable[str]) -> str:
    """Return a table of rows that are written already."""
    return "\n".join([f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *rows, ""])


def cell(text: str) -> str:
    """Return text that stays within its cell."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def slug(title: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
