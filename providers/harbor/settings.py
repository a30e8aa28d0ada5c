"""The system settings of a Harbor, as far as a stack says them."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from diff.shape import Kind as ValueKind
from diff.shape import Property, Shape, anything
from diff.values import Plain, Refusal
from providers.harbor.kind import Call, Fault, Kind, Made, Seen

PATH = "/configurations"
ID = "settings"


class Settings(Kind):
    """Any key of Harbor's configuration that it tells again, by its own name, such as `robot_name_prefix`.

    What a stack does not name stays as it is, and so does all of it when the resource is deleted or a key is
    left out. Passwords are no settings here: Harbor never tells them, so no drift of them would show.
    """

    token = "fate-harbor:index:Settings"
    shape: ClassVar[Shape] = {
        "values": Property(ValueKind.TABLE, required=True, in_place=True, element=anything()),
    }

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield values that are no setting's."""
        values = inputs["values"]
        for key, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, list | dict):
                yield f"values.{key}", f"values.{key} is a text, a number or true or false in Harbor"

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Write the settings: they are always there, so all of them are taken over."""
        self._write(inputs["values"])
        return ID, {}

    def read(self, made: Made) -> Seen | None:
        """Look at those settings that the stack names; an import names all that can be changed."""
        found = self.harbor.get(PATH)
        named = made.inputs.get("values") or {key: one for key, one in found.items() if one.get("editable")}
        return Seen(ID, {"values": {key: found[key]["value"] for key in named if key in found}})

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Write the settings that the stack names now."""
        self._write(inputs["values"])
        return {}

    def delete(self, call: Call, made: Made) -> None:
        """Leave the settings as they are: what was there before is not known."""

    def _write(self, values: Mapping[str, Any]) -> None:
        found = self.harbor.get(PATH)
        unknown = sorted(set(values) - set(found))
        if unknown:
            raise Refusal(
                f"Harbor has no setting {', '.join(unknown)}, and would take it without a word; it has "
                f"{', '.join(sorted(found))}"
            )
        changed = {key: value for key, value in values.items() if found[key]["value"] != value}
        locked = sorted(key for key in changed if not found[key].get("editable", False))
        if locked:
            raise Refusal(
                f"Harbor's setting {', '.join(locked)} is locked: CONFIG_OVERWRITE_JSON in the environment "
                "of its core has it; change it there, or take it out there"
            )
        if changed:
            self.harbor.change("PUT", PATH, changed)
