"""The rules of Kubernetes' objects: those of the offline plugin, which shows what the official one shows."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from offline.kubernetes import changes
from offline.kubernetes.configuration import configured
from offline.protocol.differences import Changes, property_of
from offline.protocol.values import Plain
from preview.rules.answer import Changed, Inputs, Rule


class KubernetesRule(Rule):
    """Any object of a cluster; what the API server fills in stands in its `status`."""

    computed: ClassVar[tuple[str, ...]] = ("status",)

    def differences(self, old: Inputs, new: Inputs) -> dict[str, Changes]:
        """Compare as the plugin does: by place in lists, and without what Kubernetes takes as the same."""
        result: dict[str, Changes] = {}
        for found in self._between(old, new, {}):
            result.setdefault(property_of(found.path), {})[found.path] = found.change
        return result

    def replacing(self, changed: Changed, old: Inputs, new: Inputs, provider: Inputs) -> list[str]:
        """Return the paths whose change replaces the object."""
        return [
            found.path
            for found in self._between(old, new, provider)
            if found.replaces and property_of(found.path) in changed
        ]

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether name and namespace are fixed: they are free only once the old one is gone."""
        metadata = new.get("metadata")
        named = isinstance(metadata, Mapping) and "name" in metadata
        return named and changes.deletes_first(old, new)

    def id_of(self, inputs: Inputs) -> str:
        """Return the namespace and the name."""
        metadata = inputs.get("metadata")
        place = metadata if isinstance(metadata, Mapping) else {}
        parts = [place.get("namespace"), place.get("name")]
        return "/".join(part for part in parts if isinstance(part, str))

    def _between(self, old: Inputs, new: Inputs, provider: Inputs) -> Iterator[changes.Difference]:
        before = changes.checked(_declared(old), {})
        after = changes.checked(_declared(new), before)
        return changes.differences(before, after, configured(dict(provider)))


def _declared(inputs: Inputs) -> Plain:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}
