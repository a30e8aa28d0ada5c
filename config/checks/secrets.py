"""The secrets that keys of a stack call by name."""

from collections.abc import Iterator, Mapping

from config.faults import Fault, path
from config.plan import Plan
from config.secrets import SECRETS, SET_ONE, SecretReference
from config.settings import Settings

Place = tuple[str | int, ...]


def every_secret_is_there(plan: Plan) -> Iterator[Fault]:
    """Refuse a name that no secret of the stack has. It is not repeated: it may be a secret itself."""
    if plan.secrets is None:
        return
    known = f", which has {', '.join(sorted(plan.secrets))}" if plan.secrets else ", and there is none"
    for place, reference in _of_the_plan(plan):
        if reference.secret not in plan.secrets:
            yield Fault(
                path(*place, "secret"),
                f"names no secret of fate:{SECRETS}{known}",
                f"run: {SET_ONE}, and write that name",
            )


def _of_the_plan(plan: Plan) -> Iterator[tuple[Place, SecretReference]]:
    yield from _references(plan.mirror, ("mirror",))
    for number, party in plan.parties.items():
        yield from _references(party, ("parties", number))


def _references(value: object, at: Place) -> Iterator[tuple[Place, SecretReference]]:
    """Yield every reference in settings, with its place in the stack."""
    match value:
        case SecretReference():
            yield at, value
        case Settings():
            for name, field in type(value).model_fields.items():
                yield from _references(getattr(value, name), (*at, field.alias or name))
        case Mapping():
            for key, part in value.items():
                yield from _references(part, (*at, str(key)))
        case tuple():
            for index, part in enumerate(value):
                yield from _references(part, (*at, index))
