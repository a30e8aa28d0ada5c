"""What a program says of a Helm chart: what of that is understood, and the values that it leads to.

Files come as Pulumi's assets: their text, or a path. What is at an address, a keyring and a post-renderer are
refused, and so is a login: Helm takes one on its command line only, where all of the machine may read it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diff.shape import anything, record, switch, text
from diff.values import OUTPUT, SECRET, SIGNATURE, Plain, Unknown, Value, plain
from offline.protocol import check
from offline.protocol.failures import Refusal
from protocol.wire import ARCHIVE, ASSET, RESOURCE, Struct

TOKEN = "kubernetes:helm.sh/v4:Chart"
SHAPE = record(
    chart=text(required=True),
    name=text(),
    namespace=text(),
    version=text(),
    devel=switch(),
    dependencyUpdate=switch(),
    verify=switch(),
    plainHttp=switch(),
    skipCrds=switch(),
    skipAwait=switch(),
    resourcePrefix=text(),
    repositoryOpts=record(repo=text()),
    values=anything(),
    valueYamlFiles=anything(),
).fields
NO_VALUE = {ARCHIVE: "Archive", RESOURCE: "Resource"}
LOGIN = re.compile(r"[a-z]+://[^/]*@")
NO_LOGIN = (
    "{} has a login in its address, which every process of this machine could read from helm's command line. "
    "Log in with `helm registry login`, or install the official plugin"
)
ESCAPES = re.compile(r"\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")
"""Of JSON: a backslash, or a character beyond the first plane, which YAML escapes otherwise."""


def checked(inputs: Struct) -> Plain:
    """Return what is said beside the values, which keep their marks; refuse what this plugin does not do."""
    given = plain(inputs)
    found = [fault.reason for fault in check.faults(TOKEN, SHAPE, given)] or [*_faults(given)]
    if found:
        raise Refusal("; ".join(found))
    return given


def values_of(inputs: Struct) -> str:
    """Return the chart's values as Helm reads them: without marks of secrets, with the content of files."""
    found = _opened(inputs.fields["values"], "values") if "values" in inputs.fields else {}
    return ESCAPES.sub(_as_yaml, json.dumps(found))


def value_files_of(inputs: Struct) -> Iterator[str]:
    """Yield the content of the files that have values, the earlier first."""
    if "valueYamlFiles" not in inputs.fields:
        return
    for index, file in enumerate(_inner(inputs.fields["valueYamlFiles"]).list_value.values):
        where = f"valueYamlFiles[{index}]"
        content = _inner(file)
        if _signature(content) != ASSET:
            raise Refusal(f"{where} of {TOKEN} is no file: write a pulumi.FileAsset or a pulumi.StringAsset")
        yield _content(content, where)


def _faults(given: Plain) -> Iterator[str]:
    for name, kind, words in (("values", dict, "a map"), ("valueYamlFiles", list, "a list")):
        if not isinstance(given.get(name, kind()), (kind, Unknown)):
            yield f"property {name} of {TOKEN} must be {words}"
    repository = given.get("repositoryOpts")
    addresses = {
        "chart": given["chart"],
        "repositoryOpts.repo": repository.get("repo") if isinstance(repository, dict) else None,
    }
    for name, address in addresses.items():
        if isinstance(address, str) and LOGIN.match(address):
            yield NO_LOGIN.format(name)


def _opened(value: Value, where: str) -> Any:  # noqa: ANN401 -- a property value is any JSON value
    value = _inner(value)
    if value.HasField("list_value"):
        return [_opened(part, f"{where}[{index}]") for index, part in enumerate(value.list_value.values)]
    if not value.HasField("struct_value"):
        return plain(Struct(fields={"value": value})).get("value")
    signature = _signature(value)
    if signature == ASSET:
        return _content(value, where)
    if signature in NO_VALUE:
        raise Refusal(f"{where}: {NO_VALUE[signature]} values are not supported as a Helm value")
    return {name: _opened(part, f"{where}.{name}") for name, part in value.struct_value.fields.items()}


def _inner(value: Value) -> Value:
    while _signature(value) in (SECRET, OUTPUT):
        value = value.struct_value.fields["value"]
    return value


def _signature(value: Value) -> str:
    fields = value.struct_value.fields if value.HasField("struct_value") else {}
    return str(fields[SIGNATURE].string_value) if SIGNATURE in fields else ""


def _content(asset: Value, where: str) -> str:
    told = plain(asset.struct_value)
    if told.get("uri"):
        raise Refusal(check.unsupported(f"a file from an address, as {where} of {TOKEN},"))
    if not told.get("path"):
        return str(told.get("text", ""))
    try:
        return Path(told["path"]).read_text(encoding="utf-8")
    except (OSError, ValueError) as failure:
        reason = (
            f"failed to read file {told['path']!r}: {failure}. Write a path from the folder of Pulumi.yaml"
        )
        raise Refusal(f"{where} of {TOKEN}: {reason}") from failure


def _as_yaml(found: re.Match[str]) -> str:
    if not found[1]:
        return found[0]
    character = chr(0x10000 + ((int(found[1], 16) - 0xD800) << 10) + int(found[2], 16) - 0xDC00)
    return f"\\U{ord(character):08x}"
