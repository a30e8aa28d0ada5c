"""To which party and to which service a resource belongs, told from its place in the program."""

from dataclasses import dataclass

from ops.preview.resource import Resource

COMPONENT = "fate:index:"
PARTY = "fate:index:Party"


@dataclass(frozen=True, order=True)
class Owner:
    """The component that holds a resource, and the service it serves; both empty for the stack's own."""

    component: str
    service: str


def owner_of(resource: Resource) -> Owner:
    """Return the owner of a resource; a component owns itself."""
    if resource.type.startswith(COMPONENT):
        return Owner(_title(resource.type, resource.name), "")
    _, _, path, name = resource.parent.split("::", 3) if resource.parent else ("", "", "", "")
    kind = path.rpartition("$")[2]
    if not kind.startswith(COMPONENT):
        return Owner("", "")
    role = resource.name.removeprefix(f"{name}-")
    return Owner(_title(kind, name), role.partition("-")[0])


def _title(kind: str, name: str) -> str:
    return f"party {name.removeprefix('party-')}" if kind == PARTY else name
