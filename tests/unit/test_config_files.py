"""The files that are written from the models, and `python -m config`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from config import reference, schema
from config.__main__ import main as write
from config.catalogue import Tree, catalogue
from ops.__main__ import main
from tests.unit.stack_examples import ACCEPTED, REFUSED
from tests.unit.stack_values import DEV, EXPOSE, one

CHECKOUT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(schema.stack_file_schema())
SEEN_BY_AN_EDITOR = [
    "an unknown key",
    "an unknown key far down",
    "a key with underscores",
    "a party id as a number",
    "a party id in capitals",
    "an engine that is missing",
    "an engine that FATE does not know",
    "an unknown kind",
    "text for a number",
    "port 65536",
    "a peer by host and stack",
    "an unknown service",
    "an unknown FATE key",
    "FATE's engines",
    "a FATE key of another type",
    "a cluster without a context",
    "a setting of Docker in a cluster",
    "a namespace in capitals",
    "a volume that no service has",
    "a size in thousandths",
    "an affinity in kebab case",
    "a Gateway without its namespace",
    "six gateways",
    "a mirror's image by tag alone",
    "a source that is an address",
]


def stack_file(values: dict[str, object]) -> dict[str, object]:
    keys = {f"fate:{key}": value for key, value in values.items() if value is not None}
    return {
        "config": {**keys, "fate:secret-key": {"secure": "v1:abc"}, "pulumi:x": 1},
        "encryptionsalt": "v1:s",
    }


def written(tmp_path: Path, values: dict[str, object], **more: object) -> Path:
    file = tmp_path / "Pulumi.test.yaml"
    content = stack_file(values)
    content["config"] = {**content["config"], **more}  # type: ignore[dict-item]
    file.write_text(yaml.safe_dump(content))
    return file


def test_the_schema_for_editors_is_fresh() -> None:
    assert schema.SCHEMA_FILE.read_text() == schema.render(), "run: python -m config schema"


@pytest.mark.parametrize("name", reference.pages())
def test_the_reference_is_fresh(name: str) -> None:
    page = (reference.DOCS / name).read_text()
    assert page == reference.pages()[name], "run: python -m config reference"


def test_every_link_of_the_reference_leads_to_a_heading() -> None:
    page = reference.pages()["configuration.md"]
    headings = {
        re.sub(r"[^\w\- ]", "", line[3:].lower()).replace(" ", "-")
        for line in page.splitlines()
        if line[:3] == "## "
    }
    links = set(re.findall(r"\]\(#([^)]*)\)", page))
    assert links
    assert links <= headings


def test_every_key_says_what_it_means() -> None:
    for name, definition in schema.settings_schema()["$defs"].items():
        for key, value in definition.get("properties", {}).items():
            assert value.get("description"), f"{name}.{key} has no description"


def test_every_key_and_every_way_to_write_it_stands_in_the_reference() -> None:
    page = reference.pages()["configuration.md"]
    for definition in schema.settings_schema()["$defs"].values():
        for key, value in definition.get("properties", {}).items():
            shown = f"{key}: {value['const']}" if "const" in value else f"`{key}`"
            assert shown in page, f"{shown} is not in the reference"


def test_every_key_of_a_service_s_files_stands_in_the_reference_once() -> None:
    page = reference.pages()["services.md"]
    for name, facts in catalogue().services.items():
        for file_name, file in facts.files.items():
            section = page.split(f"## Keys of {file_name} ({name})")[1].split("\n## ")[0]
            rows = "".join(line for line in section.splitlines() if line.startswith("|"))
            for key in paths_to(file.keys):
                assert sum(rows.count(f"`{part}`") for part in key) == 1, f"{key[-1]} of {file_name}"


def paths_to(tree: Tree, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield each key's own path after those of the keys that it lies below: the page has one of them."""
    for key, form in tree.root.items():
        path = (*above, f"{above[-1]}.{key}" if above else key)
        if isinstance(form, Tree):
            yield from paths_to(form, path)
        else:
            yield path


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_editor_finds_no_fault_in_a_stack_that_is_accepted(name: str) -> None:
    faults = [error.message for error in VALIDATOR.iter_errors(stack_file(ACCEPTED[name]))]
    assert not faults, faults


@pytest.mark.parametrize("name", SEEN_BY_AN_EDITOR)
def test_an_editor_sees_a_mistake_in_a_single_value(name: str) -> None:
    assert not VALIDATOR.is_valid(stack_file(REFUSED[name][0]))


@pytest.mark.parametrize("file", sorted(CHECKOUT.glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_the_stacks_of_this_repository_pass_the_schema(file: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(file.read_text()))


def test_check_shows_the_parties_of_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(written(tmp_path, DEV))]) == 0
    shown = capsys.readouterr().out
    assert "9999" in shown
    assert "10000 of this stack" in shown


def test_check_shows_the_way_to_every_peer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    peers = [{"id": "1", "host": "a.example"}, {"id": "2", "stack": "organization/fate/two"}]
    assert main(["check", str(written(tmp_path, one(expose=EXPOSE, peers=peers)))]) == 0
    shown = "".join(capsys.readouterr().out.split())
    assert "1ata.example:9300" in shown
    assert "peers192.0.2.1:9300" in shown


def test_check_shows_clusters_and_what_they_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    file = written(tmp_path, ACCEPTED["one organisation's party on its cluster"])
    assert main(["check", str(file)]) == 0
    shown = "".join(capsys.readouterr().out.split())
    assert "onclusterprod" in shown
    assert "peersfate.bank.example:9300and:5672" in shown, (
        "a cluster has no address of its own to open ports on"
    )
    assert "to192.0.2.0/24" in shown


def test_check_tells_every_fault_of_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(written(tmp_path, {**DEV, "release": 2.2, "mirorr": {}}))]) == 1
    told = capsys.readouterr().err
    assert "2 faults" in told
    assert "write mirror" in told


def test_check_takes_a_file_without_its_secret(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.test.yaml"
    file.write_text(yaml.safe_dump({"config": {f"fate:{key}": value for key, value in DEV.items()}}))
    assert main(["check", str(file)]) == 0


def test_check_refuses_a_secret_in_plain_text_without_repeating_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "0123456789abcdef" * 2
    assert main(["check", str(written(tmp_path, DEV, **{"fate:secret-key": secret}))]) == 1
    told = capsys.readouterr().err
    assert "plain text" in told
    assert secret not in told


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"config: [", "is no YAML"),
        (b"\xff\xfe\x00", "is no YAML"),
        (b"", "has no config"),
        (b"config:\n", "has no config"),
        (b"- a\n", "has no config"),
        (b"a: &x\n  b: *y\n", "is no YAML"),
    ],
)
def test_check_tells_what_is_wrong_with_a_file_that_is_no_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, problem: str
) -> None:
    file = tmp_path / "Pulumi.test.yaml"
    file.write_bytes(content)
    assert main(["check", str(file)]) == 1
    assert problem in capsys.readouterr().err


def test_check_tells_of_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "absent.yaml")]) == 1
    assert "No such file" in capsys.readouterr().err


def test_schema_and_reference_are_written_where_they_belong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "SCHEMA_FILE", tmp_path / "new" / "stack.schema.json")
    monkeypatch.setattr(reference, "DOCS", tmp_path)
    assert write(["schema"]) == 0
    assert write(["reference"]) == 0
    assert json.loads((tmp_path / "new" / "stack.schema.json").read_text()) == schema.stack_file_schema()
    for name, page in reference.pages().items():
        assert (tmp_path / name).read_text() == page
