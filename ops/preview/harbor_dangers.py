"""What a reviewer has to know first of a change to what is in a Harbor."""

from collections.abc import Iterator

from ops.preview.hazards import Danger, Hazard
from ops.preview.purposes import owner_of
from ops.preview.resource import Resource
from ops.preview.steps import Operation, Step

PACKAGE = "fate-harbor:index:"
GOES = (Operation.DELETE, Operation.REPLACE)


def dangers_in_harbor(step: Step) -> Iterator[Danger]:
    """Yield the dangers of one step; of another kind of resource none."""
    finders = {"Project": _project, "Robot": _robot, "Retention": _retention}
    if step.resource.type.startswith(PACKAGE):
        find = finders.get(step.resource.type.removeprefix(PACKAGE))
        for hazard, sentence in find(step) if find else ():
            yield Danger(hazard, sentence, owner_of(step.resource).component)


def _project(step: Step) -> Iterator[tuple[Hazard, str]]:
    old, new = step.old, step.new
    if old is not None and step.operation in GOES:
        yield _gone_project(old, new)
    if _is_public(new) and not _is_public(old):
        yield (
            Hazard.EXPOSURE,
            f"project {_named(new)} of {{where}} is public: whoever reaches it pulls without a login",
        )


def _gone_project(old: Resource, new: Resource | None) -> tuple[Hazard, str]:
    name = _named(old)
    if not old.retain_on_delete:
        sentence = f"project {name} of {{where}} would be deleted, which Harbor refuses while it holds images"
        return Hazard.REFUSED, sentence
    then = f"parties pull from {_named(new)}, which starts empty" if new else "nothing pulls from it any more"
    return Hazard.DATA_LOSS, f"the images of project {name} of {{where}} are left behind: {then}"


def _robot(step: Step) -> Iterator[tuple[Hazard, str]]:
    if step.old is not None and step.operation in GOES:
        sentence = f"robot {_named(step.old)} of {{where}} is taken away: who logs in by it no longer can"
        yield Hazard.REACH, sentence


def _retention(step: Step) -> Iterator[tuple[Hazard, str]]:
    if step.new is not None and step.operation is not Operation.SAME:
        sentence = "images of {where} that no rule of its retention keeps are deleted when that runs"
        yield Hazard.DATA_LOSS, sentence


def _is_public(resource: Resource | None) -> bool:
    return resource is not None and resource.inputs.get("public") is True


def _named(resource: Resource | None) -> str:
    name = resource.inputs.get("name") if resource else None
    return name if isinstance(name, str) else "of another name"
