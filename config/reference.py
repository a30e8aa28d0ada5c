"""The reference of every key of a stack, in Markdown, from the models and the catalogues themselves."""

from collections.abc import Iterator
from pathlib import Path

from config.catalogue import ConfigurationFile, ServiceFacts, Tree, catalogue, claim_name
from config.engines import AVAILABLE, FEDERATIONS, STORAGES
from config.markdown import cell, section, table
from config.reference_keys import key_sections

REFERENCE_FILE = Path(__file__).parent.parent / "docs" / "configuration.md"

HEAD = """\
# Configuration

<!-- Written by `python -m config reference`. Change the models in config/, not this page. -->

What a stack may say in `Pulumi.<stack>.yaml`, below `config:`. Any other key is refused, with the nearest
known one named. `fate check Pulumi.dev.yaml` tells every fault of a file at once, without Pulumi
and without the secret.

For help while you write, put this on the first line of the file:

```yaml
# yaml-language-server: $schema=config/schema/stack.schema.json
```
"""


def render() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *key_sections(), _engines(), _services(), _releases(), *_files(), _forms()])


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
    rows = [
        f"| {name} | {source} | {service} | `{image.name}:{image.tag}` |"
        for name in catalogue().releases
        for source in catalogue().sources(name)
        for service, image in catalogue().images(name, source).items()
    ]
    text = "A service that is not listed does not exist for that release and source."
    return section("Releases", text, table(("Release", "From", "Service", "Image"), rows))


def _services() -> str:
    rows = [
        f"| {name} | {facts.what} | {_when(facts)} | {_ports(facts)} | {_volumes(name, facts)} |"
        f" {facts.memory.limit} |"
        for name, facts in catalogue().services.items()
    ]
    text = (
        "Ports are those inside a party's own network; sizes are those of claims unless a stack says others."
    )
    head = ("Service", "What it does", "There when", "Ports", "Volumes", "Memory (MiB)")
    return section("Services", text, table(head, rows))


def _when(facts: ServiceFacts) -> str:
    if facts.of == "mirror":
        return "`mirror.kind: distribution`"
    return ", ".join(f"`{key}: {' | '.join(values)}`" for key, values in facts.when.items()) or "always"


def _ports(facts: ServiceFacts) -> str:
    return ", ".join(f"{name} {port.number}" for name, port in facts.ports.items())


def _volumes(name: str, facts: ServiceFacts) -> str:
    volumes = facts.volumes.items()
    return ", ".join(f"{claim_name(name, volume)} {each.size}" for volume, each in volumes) or "none"


def _files() -> Iterator[str]:
    for name, facts in catalogue().services.items():
        for file_name, file in facts.files.items():
            keys = table(("Key", "Value"), _leaves(file, file.keys))
            yield section(f"Keys of {file_name} ({name})", _bounds_of(facts), keys)


def _bounds_of(facts: ServiceFacts) -> str:
    memory = facts.memory
    least = [f"Memory: {memory.least} MiB at least ({memory.seen})."] if memory.least else []
    fixed = ", ".join(f"`{variable}`" for variable in facts.environment)
    return " ".join([*least, *([f"Environment that the program sets itself: {fixed}."] if fixed else [])])


def _leaves(file: ConfigurationFile, tree: Tree, above: str = "") -> Iterator[str]:
    for key, form in tree.root.items():
        at = f"{above}{key}"
        if at in file.ours:
            yield f"| `{at}` | written by the program: {cell(file.ours[at])} |"
        elif isinstance(form, Tree):
            yield from _leaves(file, form, f"{at}.")
        else:
            yield f"| `{at}` | {form} |"


def _forms() -> str:
    rows = (f"| {name} | {cell(form.example)} |" for name, form in catalogue().forms.items())
    return section("Forms of values", "", table(("Form", "Such as"), rows))
