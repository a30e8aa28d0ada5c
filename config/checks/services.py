"""What a stack sets of a party's services: limits, environment and configuration keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.catalogue import ConfigurationFile, Tree, catalogue
from config.faults import Fault, dotted, nearest, path, shown
from config.plan import Plan
from config.services import ServiceOverride


@dataclass(frozen=True)
class Place:
    """A place below one file's keys, as path parts of the stack and as keys of the file."""

    stack: tuple[str | int, ...]
    file: tuple[str, ...] = ()

    def below(self, key: str) -> "Place":
        """Return the place of a key."""
        return Place((*self.stack, key), (*self.file, key))


def services_of_the_party(plan: Plan) -> Iterator[Fault]:
    """Refuse settings of a service that the party does not have."""
    for place, party in plan.parties.items():
        for name in party.services:
            if name not in party.service_names:
                yield Fault(
                    path("parties", place, "services", name),
                    f"party {shown(party.id)} has no {name}: {party.absence_of(name)}",
                    f"leave {name} out",
                )


def one_of_what_is_one(plan: Plan) -> Iterator[Fault]:
    """Refuse a number for a service of which a party has one."""
    for at, name, override in _overrides(plan):
        if override.instances is not None and catalogue().services[name].instances is None:
            several = [each for each, facts in catalogue().services.items() if facts.instances]
            yield Fault(
                path(*at, "instances"),
                f"a party has one {name}",
                f"leave instances out; there may be several of {' and '.join(several) or 'none'}",
            )


def enough_memory(plan: Plan) -> Iterator[Fault]:
    """Refuse a limit under which the service was seen to be killed or to run jobs into the ground."""
    for at, name, override in _overrides(plan):
        needed = catalogue().services[name].memory
        if needed.least and override.memory is not None and override.memory < needed.least:
            yield Fault(
                path(*at, "memory"),
                f"{override.memory} MiB is too little for {name}: {needed.seen}",
                f"write {needed.least} or more",
            )


def environment_of_the_operator(plan: Plan) -> Iterator[Fault]:
    """Refuse variables that this program sets itself."""
    for at, name, override in _overrides(plan):
        ours = catalogue().services[name].environment
        for variable in override.environment:
            if variable in ours:
                problem = f"{variable} is set by this program"
                yield Fault(path(*at, "environment", variable), problem, _instead(ours[variable]))


def known_configuration_keys(plan: Plan) -> Iterator[Fault]:
    """Refuse files and keys that the service does not read, values of another form, and keys of ours."""
    for at, name, override in _overrides(plan):
        known = plan.parties[int(at[1])].files_of(name)
        for file, keys in override.configuration.items():
            place = Place((*at, "configuration", file))
            if file in known:
                yield from _below(place, keys, known[file].keys, known[file])
            else:
                problem = f"{name} has no configuration file {shown(file)}"
                yield Fault(
                    path(*place.stack), problem, f"write {nearest(file, known) or ' or '.join(known)}"
                )


def _overrides(plan: Plan) -> Iterator[tuple[tuple[str | int, ...], str, ServiceOverride]]:
    for place, party in plan.parties.items():
        for name, override in party.services.items():
            yield ("parties", place, "services", name), name, override


def _instead(reason: str) -> str:
    return reason if reason.startswith("write ") else f"leave it out: {reason}"


def _below(
    place: Place, given: Mapping[str, object], known: Tree, file: ConfigurationFile
) -> Iterator[Fault]:
    for key, value in given.items():
        at = place.below(str(key))
        if str(key) not in known.root:
            yield _unknown(at, str(key), known)
        elif instead := file.ours.get(dotted(at.file)):
            yield Fault(path(*at.stack), f"{dotted(at.file)} is written by this program", instead)
        else:
            yield from _value(at, value, known.root[str(key)], file)


def _unknown(at: Place, key: str, known: Tree) -> Fault:
    near = nearest(key, known.root)
    problem = f"{shown(key)} is not a key that {_file(at)} has{_inside(at)}"
    return Fault(
        path(*at.stack), problem, f"write {near}" if near else f"the keys are {', '.join(known.root)}"
    )


def _value(at: Place, value: object, form: str | Tree, file: ConfigurationFile) -> Iterator[Fault]:
    if isinstance(form, Tree):
        if isinstance(value, dict):
            yield from _below(at, value, form, file)
        else:
            problem = f"{dotted(at.file)} holds keys of its own, and has one value here"
            yield Fault(path(*at.stack), problem, f"write keys below it: {', '.join(form.root)}")
    elif value is None and file.typed:
        return
    elif not (expected := catalogue().forms[form]).fits(value, file.typed):
        problem = f"{shown(value)} is not a value for {dotted(at.file)}, which takes a {form}"
        yield Fault(path(*at.stack), problem, f"write such as {expected.example}")


def _file(at: Place) -> str:
    return str(at.stack[-len(at.file) - 1])


def _inside(at: Place) -> str:
    return f" below {dotted(at.file[:-1])}" if at.file[:-1] else ""
