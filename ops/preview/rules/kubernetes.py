"""The rules of Kubernetes' objects: those of the official plugin."""

from collections.abc import Mapping

from diff.differences import Changes, property_of
from diff.kubernetes.configuration import configured
from diff.kubernetes.object_changes import checked, deletes_first, differences
from diff.values import Plain
from ops.preview.rules import Difference, Inputs, Rule, unmarked
from ops.preview.seal import Secret


class KubernetesRule(Rule):
    """Any object of a cluster; what the API server fills in stands in its `status`."""

    computed = ("status",)

    def compared(self, old: Inputs, new: Inputs, provider: Inputs) -> Difference:
        """Compare what the plugin makes of both sides' inputs."""
        before = checked(_declared(old), {})
        after = checked(_declared(new), before)
        changed: dict[str, Changes] = {}
        replacing = []
        for found in differences(before, after, configured(dict(provider))):
            name = property_of(found.path)
            path = name if _is_secret(name, old, new) else found.path
            changed.setdefault(name, {})[path] = found.change
            replacing += [path] if found.replaces else []
        return Difference(changed, tuple(replacing))

    def deletes_first(self, old: Inputs, new: Inputs) -> bool:
        """Tell whether name and namespace are fixed: they are free only once the old one is gone."""
        metadata = new.get("metadata")
        named = isinstance(metadata, Mapping) and "name" in metadata
        return named and deletes_first(old, new)

    def id_of(self, inputs: Inputs) -> str:
        """Return the namespace and the name."""
        metadata = inputs.get("metadata")
        place = metadata if isinstance(metadata, Mapping) else {}
        parts = [place.get("namespace"), place.get("name")]
        return "/".join(part for part in parts if isinstance(part, str))


def _declared(inputs: Inputs) -> Plain:
    """Return what a plugin sees; content that is secret as a whole is told apart as a whole."""
    seen = {name: value for name, value in inputs.items() if not name.startswith("__")}
    return {name: {name: v.digest} if isinstance(v, Secret) else unmarked(v) for name, v in seen.items()}


def _is_secret(name: str, *sides: Inputs) -> bool:
    return any(isinstance(side.get(name), Secret) for side in sides)
