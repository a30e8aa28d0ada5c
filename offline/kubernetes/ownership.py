"""Who owns which fields of a live object, as its `managedFields` tell.

An update takes over what `kubectl` ever wrote to the object; what of that is not declared, it takes away.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from diff.values import Plain

Entry = Mapping[str, Any]
APPLY, UPDATE = "Apply", "Update"
TAKEN_OVER = (
    ("kubectl", APPLY),
    ("kubectl", UPDATE),
    ("before-first-apply", UPDATE),
    ("pulumi-kubernetes", UPDATE),
    ("pulumi-resource-kubernetes", UPDATE),
)
"""Field managers, by how their names begin."""
CLIENTS = ("pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes")


def managers(live: Mapping[str, Any]) -> list[Entry]:
    """Return who manages fields of an object."""
    return list(live["metadata"].get("managedFields") or ())


def taken_over(live: Mapping[str, Any], manager: str) -> list[Entry] | None:
    """Return the managers of an object once ours has the fields of those before it; nothing where it has."""
    ours = next((e for e in managers(live) if (e["manager"], e["operation"]) == (manager, APPLY)), None)
    others = [each for each in managers(live) if each is not ours]
    given_up = [each for each in others if _is_taken_over(each)]
    if not given_up:
        return None
    ours = ours or {**given_up[0], "manager": manager, "operation": APPLY}
    fields = copy.deepcopy(ours["fieldsV1"])
    for each in given_up:
        _add(fields, each["fieldsV1"])
    return [*(each for each in others if each not in given_up), {**ours, "fieldsV1": fields}]


def without_ignored(inputs: Plain, live: Mapping[str, Any], manager: str, ignored: Sequence[str]) -> Plain:
    """Return inputs whose ignored fields are as they are now, and without those that another manages."""
    result = copy.deepcopy(inputs)
    for path in ignored:
        names = path.split(".")
        owned = {each["manager"] == manager for each in managers(live) if _manages(each["fieldsV1"], names)}
        holder = _holder(result, names)
        found = _at(live, names)
        if owned == {False} and holder is not None:
            holder.pop(names[-1], None)
        elif found is not None and holder is not None:
            holder[names[-1]] = found
    return result


def by_a_client(live: Mapping[str, Any]) -> bool:
    """Return whether Pulumi made the object without upsert, which leaves no applied fields."""
    return any(each["operation"] == UPDATE and each["manager"] in CLIENTS for each in managers(live))


def _is_taken_over(entry: Entry) -> bool:
    return not entry.get("subresource") and any(
        entry["operation"] == operation and entry["manager"].startswith(name)
        for name, operation in TAKEN_OVER
    )


def _add(fields: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, inner in more.items():
        _add(fields.setdefault(name, {}), inner)


def _manages(fields: Mapping[str, Any], names: Sequence[str]) -> bool:
    for name in names:
        if f"f:{name}" not in fields:
            return False
        fields = fields[f"f:{name}"]
    return True


def _holder(inputs: Plain, names: Sequence[str]) -> Plain | None:
    holder = _at(inputs, names[:-1])
    return holder if isinstance(holder, dict) else None


def _at(value: Any, names: Sequence[str]) -> Any:  # noqa: ANN401 -- any JSON value
    for name in names:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value
