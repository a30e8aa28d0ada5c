"""What a reviewer has to know first: each danger as a sentence that a non-author understands."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ops.preview.harbor_dangers import dangers_in_harbor
from ops.preview.hazards import Danger, Hazard
from ops.preview.purposes import (
    PROVIDER,
    Opening,
    Owner,
    holds_data,
    images,
    leads_to,
    openings,
    owner_of,
    rolls,
    runs_service,
)
from ops.preview.resource import Resource
from ops.preview.steps import Operation, Step


def dangers_in(steps: Sequence[Step], losses: Mapping[str, str]) -> list[Danger]:
    """Return the dangers of a stack's steps, worst first; `losses` tell what it means that a service goes."""
    finders = (_data, _refusals, _ports, _images, dangers_in_harbor)
    found = [danger for step in steps for finder in finders for danger in finder(step)]
    found += [danger for step in steps for danger in _restarts(step, losses)]
    found += [*_moves(steps), *_losses_of_service(steps)]
    order = list(Hazard)
    return sorted(dict.fromkeys(found), key=lambda danger: order.index(danger.hazard))


def _danger(hazard: Hazard, owner: Owner, sentence: str) -> Danger:
    return Danger(hazard, sentence, owner.component)


def _data(step: Step) -> Iterator[Danger]:
    old, new = step.old, step.new
    if old is None or not holds_data(old):
        return
    owner = owner_of(old)
    what = f"the data of {owner.service} of {{where}}"
    if step.operation in (Operation.DELETE, Operation.REPLACE):
        yield _danger(Hazard.DATA_LOSS, owner, f"{what} {_fate_of_data(step, old)}")
    elif old.retain_on_delete and new is not None and not new.retain_on_delete:
        sentence = f"{what} are no longer kept: what deletes the volume later deletes them"
        yield _danger(Hazard.DATA_LOSS, owner, sentence)


def _fate_of_data(step: Step, old: Resource) -> str:
    kept = old.retain_on_delete
    if step.operation is Operation.DELETE:
        return "are left behind: the volume stays, nothing uses it any more" if kept else "are deleted"
    if step.new is not None and _called(step.new) == _called(old):
        return "stay in a volume of the same name, which is made anew" if kept else "are deleted"
    return "stay behind in the old volume: the service starts empty" if kept else "are deleted"


def _moves(steps: Sequence[Step]) -> Iterator[Danger]:
    """Tell of services whose provider leads elsewhere: the engine takes them for unchanged."""
    was = {step.old.urn: step.old.inputs for step in steps if step.old and _is_provider(step.old)}
    will = {step.new.urn: step.new.inputs for step in steps if step.new and _is_provider(step.new)}
    for step in steps:
        old, new = step.old, step.new
        if old is None or new is None or not runs_service(old):
            continue
        before, after = leads_to(was.get(old.provider_urn, {})), leads_to(will.get(new.provider_urn, {}))
        if before != after:
            sentence = (
                f"{{where}} moves from {before} to {after}: what runs and lies there is not moved, and"
                " Pulumi loses sight of it"
            )
            yield _danger(Hazard.DATA_LOSS, owner_of(new), sentence)


def _is_provider(resource: Resource) -> bool:
    return resource.type.startswith(PROVIDER)


def _refusals(step: Step) -> Iterator[Danger]:
    old = step.old
    if old and old.protect and step.operation in (Operation.DELETE, Operation.REPLACE):
        verb = "deleted" if step.operation is Operation.DELETE else "replaced"
        sentence = f"{old.name} of {{where}} is protected and would be {verb}: `pulumi up` refuses all of it"
        yield _danger(Hazard.REFUSED, owner_of(old), sentence)


def _ports(step: Step) -> Iterator[Danger]:
    owner = owner_of(step.resource)
    before = openings(step.old) if step.old else frozenset()
    after = openings(step.new) if step.new else frozenset()
    service = owner.service or "what stands there"
    for opening in _outside(after - before):
        sentence = f"{service} of {{where}} opens {opening}: other machines can connect"
        yield _danger(Hazard.EXPOSURE, owner, sentence)
    for opening in _outside(before - after):
        sentence = f"{service} of {{where}} closes {opening}: whoever connected there no longer can"
        yield _danger(Hazard.REACH, owner, sentence)


def _outside(found: Iterable[Opening]) -> list[Opening]:
    return sorted(opening for opening in found if opening.outside)


def _images(step: Step) -> Iterator[Danger]:
    if step.old is None or step.new is None or step.operation is Operation.SAME:
        return
    before, after = images(step.old), images(step.new)
    if before == after or not before:
        return
    owner = owner_of(step.new)
    was, will = _together(before, after, _registry), _together(before, after, _version)
    what = f"the image of {owner.service} of {{where}}"
    if not after:
        yield _danger(Hazard.IMAGE, owner, f"{what} is another one, built and pushed during `pulumi up`")
    elif was[0] != was[1]:
        yield _danger(Hazard.IMAGE, owner, f"{what} comes from {was[1]}, no longer from {was[0]}")
    elif will[0] != will[1]:
        yield _danger(Hazard.IMAGE, owner, f"{what} is {will[1]}, no longer {will[0]}")


def _together(before: Sequence[str], after: Sequence[str], part: Callable[[str], str]) -> tuple[str, str]:
    return ", ".join(dict.fromkeys(map(part, before))), ", ".join(dict.fromkeys(map(part, after)))


def _registry(reference: str) -> str:
    first = reference.partition("/")[0]
    return first if "." in first or ":" in first or first == "localhost" else "the engine's own registry"


def _version(reference: str) -> str:
    name, mark, digest = reference.rpartition("@")
    return f"{name.rpartition('/')[2]}@{digest[:19]}…" if mark else reference.rpartition("/")[2]


def _restarts(step: Step, losses: Mapping[str, str]) -> Iterator[Danger]:
    old = step.old
    if old is None or not runs_service(old):
        return
    owner = owner_of(old)
    service = owner.service or old.name
    if step.operation is Operation.REPLACE or rolls(step.changed, old):
        loss = losses.get(service, "it does not answer meanwhile")
        yield _danger(Hazard.RESTART, owner, f"{service} of {{where}} restarts: {loss}")


def _losses_of_service(steps: Sequence[Step]) -> Iterator[Danger]:
    """Tell of services that go while their party stays: a party that goes is told by its peers' loss."""
    gone = {step.old.urn for step in steps if step.old and step.operation is Operation.DELETE}
    for step in steps:
        old = step.old
        if old and old.urn in gone and runs_service(old) and old.parent not in gone:
            owner = owner_of(old)
            yield _danger(Hazard.RESTART, owner, f"{owner.service or old.name} of {{where}} is taken away")


def _called(resource: Resource) -> str:
    metadata = resource.inputs.get("metadata")
    named = metadata if isinstance(metadata, dict) else resource.inputs
    name = named.get("name")
    return name if isinstance(name, str) else resource.name
