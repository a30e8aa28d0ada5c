"""The rules of Kubernetes' objects: those of the offline plugin, which shows what the official one shows."""

from collections.abc import Mapping
from typing import ClassVar

from offline.kubernetes.configuration import configured
from offline.kubernetes.replacement import replaces
from preview.rules.answer import Changed, Inputs, Rule

PLACE = ("name", "namespace")


class KubernetesRule(Rule):
    """Any object of a cluster; what the API server fills in stands in its `status`."""

    computed: ClassVar[tuple[str, ...]] = ("status",)

    def replacing(self, changed: Changed, old: Inputs, new: Inputs, provider: Inputs) -> list[str]:
        """Return the paths that the API server does not change in place."""
        configuration = configured(dict(provider))
        paths = [path for inside in changed.values() for path in inside]
        return [path for path in paths if replaces(path, old, new, configuration)]

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether name and namespace are fixed: they are free only once the old one is gone."""
        before, after = old.get("metadata"), new.get("metadata")
        if not isinstance(before, Mapping) or not isinstance(after, Mapping) or "name" not in after:
            return False
        return all(before.get(name) == after.get(name) for name in PLACE)

    def id_of(self, inputs: Inputs) -> str:
        """Return the namespace and the name."""
        metadata = inputs.get("metadata")
        place = metadata if isinstance(metadata, Mapping) else {}
        parts = [place.get("namespace"), place.get("name")]
        return "/".join(part for part in parts if isinstance(part, str))
