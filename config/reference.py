"""The generated pages: every key of a stack, and what the catalogue says of services; Markdown, no prose."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from config.catalogue import ConfigurationFile, ServiceFacts, Tree, catalogue, claim_name
from config.engines import AVAILABLE, FEDERATIONS, STORAGES
from config.exchange import OsxExchange
from config.reference_keys import cell, key_sections, section, table

DOCS = Path(__file__).parent.parent / "docs"
OURS = "written by the program: "

CONFIGURATION = """\
# Configuration

<!-- Written by `python -m config reference`. Change the models in config/, not this page. -->

What a stack may say in `Pulumi.<stack>.yaml`, below `config:`. Any other key is refused, with the nearest
known one named. `fate check Pulumi.dev.yaml` tells every fault of a file at once, without Pulumi
and without the secret. An editor tells them while you write, where a file's first line is
`# yaml-language-server: $schema=config/schema/stack.schema.json`.
"""

SERVICES = """\
# Services

<!-- Written by `python -m config reference`. Change config/catalogue/, not this page. -->
"""


def pages() -> dict[str, str]:
    """Return every page, by the name of its file."""
    services = (_services(), _releases(), _versions_of_harbor(), _forms(), *_files())
    return {
        "configuration.md": "\n".join([CONFIGURATION, *key_sections(), _engines()]),
        "services.md": "\n".join([SERVICES, *services]),
    }


def _engines() -> str:
    rows = []
    for computing, storages in STORAGES.items():
        ready = sorted({f"{s}/{f}" for c, s, f in AVAILABLE if c is computing})
        rows.append(
            f"| {computing} | {', '.join(storages)} | {', '.join(FEDERATIONS[computing])} |"
            f" {', '.join(ready) or 'not yet'} |"
        )
    text = "What FATE takes (FATE-Flow 2.2.0, `engine/relation_ship.py`), and what this program makes so far."
    head = ("Computing", "Storage", "Federation", "Made so far (storage/federation)")
    return section("Engines that go together", text, table(head, rows))


def _releases() -> str:
    services = [name for name, facts in catalogue().services.items() if facts.of != "harbor"]
    rows = []
    for release in catalogue().releases:
        for source in catalogue().sources(release):
            rows.append(f"| {release} | {source} | {' | '.join(_images(release, source, services))} |")
    text = "The images. A service without one does not exist for that release and source."
    return section("Releases", text, table(("Release", "From", *services), rows))


def _versions_of_harbor() -> str:
    services = list(catalogue().of("harbor"))
    rows = [f"| {v} | {' | '.join(_images(v, 'harbor', services))} |" for v in catalogue().versions()]
    text = "Harbor's own images, without what stands before their names (`mirror.images.prefix`)."
    return section("Versions of Harbor", text, table(("Version", *services), rows))


def _images(release: str, source: str, services: Sequence[str]) -> Iterator[str]:
    """Yield the image of each service, nothing where there is none."""
    images = catalogue().images(release, source)
    for name in services:
        image = images.get(name)
        yield f"`{image.name}:{image.tag}`" if image else ""


def _services() -> str:
    rows = [
        f"| {name} | {facts.what} | {_when(name, facts)} | {_ports(facts)} | {_volumes(name, facts)} |"
        f" {facts.memory.limit}{_least(facts)} | {_user(facts)} | {facts.loss} |"
        for name, facts in catalogue().services.items()
    ]
    text = (
        "Ports are those inside a party's own network; sizes are those of claims unless a stack says others;"
        " the user is that of the images that are built here, or of Harbor's. `fate preview` and the comment"
        " on a pull request say what a restart costs."
    )
    head = ("Service", "What it does", "When", "Ports", "Volumes", "Memory (MiB)", "User", "A restart costs")
    return section("What each one is", text, table(head, rows))


def _least(facts: ServiceFacts) -> str:
    return f", {facts.memory.least} at least: {facts.memory.seen}" if facts.memory.least else ""


def _user(facts: ServiceFacts) -> str:
    built = facts.images.get("packages") or facts.images.get("harbor")
    return str(built.layout.user) if built and built.layout else "none"


def _when(name: str, facts: ServiceFacts) -> str:
    if facts.of == "mirror":
        return "`mirror.kind: distribution`"
    if facts.of == "harbor":
        return "`mirror.kind: harbor`"
    if facts.of == "exchange":
        return f"`exchange.kind: {'osx' if name == OsxExchange.service else 'gateway'}`"
    return ", ".join(f"`{key}: {' | '.join(values)}`" for key, values in facts.when.items()) or "always"


def _ports(facts: ServiceFacts) -> str:
    return ", ".join(f"{name} {port.number}" for name, port in facts.ports.items())


def _volumes(name: str, facts: ServiceFacts) -> str:
    volumes = facts.volumes.items()
    return ", ".join(f"{claim_name(name, volume)} {each.size}" for volume, each in volumes) or "none"


def _files() -> Iterator[str]:
    for name, facts in catalogue().services.items():
        for file_name, file in facts.files.items():
            keys = table(("Value", "Keys"), _by_value(file))
            yield section(f"Keys of {file_name} ({name})", _environment(facts), keys)


def _environment(facts: ServiceFacts) -> str:
    fixed = ", ".join(f"`{variable}`" for variable in facts.environment)
    return f"Environment that the program sets itself: {fixed}." if fixed else ""


def _by_value(file: ConfigurationFile) -> Iterator[str]:
    """Return a row for each form of value, then for each remedy of keys that are the program's."""
    keys: dict[str, list[str]] = {}
    for key, value in _leaves(file, file.keys):
        keys.setdefault(value, []).append(f"`{key}`")
    for value in sorted(keys, key=lambda value: value.startswith(OURS)):
        yield f"| {cell(value)} | {', '.join(keys[value])} |"


def _leaves(file: ConfigurationFile, tree: Tree, above: str = "") -> Iterator[tuple[str, str]]:
    for key, form in tree.root.items():
        at = f"{above}{key}"
        if at in file.ours:
            yield at, OURS + file.ours[at]
        elif isinstance(form, Tree):
            yield from _leaves(file, form, f"{at}.")
        else:
            yield at, form


def _forms() -> str:
    forms = "; ".join(f"{name}: {form.example}" for name, form in catalogue().forms.items())
    return section("Forms of values", f"{forms}.\n", "")
