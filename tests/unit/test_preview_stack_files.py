"""Stack files are read without Pulumi, and nothing secret leaves them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.preview.side import ordered, outputs_for
from ops.preview.stack_files import (
    StackFile,
    Unreadable,
    configuration,
    encrypted_anew,
    secret_keys,
    stacks_of,
    stand_ins,
)


def written(folder: Path, name: str, text: str) -> StackFile | Unreadable:
    (folder / f"Pulumi.{name}.yaml").write_text(text)
    return stacks_of(folder)[name]


def test_a_file_that_is_no_yaml_is_told_by_its_line_and_not_by_its_text(tmp_path: Path) -> None:
    told = written(tmp_path, "dev", "config:\n  fate:secret-key: [canary\n  x: {\n")
    assert isinstance(told, Unreadable)
    assert "Pulumi.dev.yaml is no YAML: line" in str(told)
    assert "canary" not in str(told), "the text may be a secret"


def test_two_files_for_one_stack_are_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yml").write_text("config: {}\n")
    told = written(tmp_path, "dev", "config: {}\n")
    assert isinstance(told, Unreadable)
    assert "Pulumi.dev.yml are both there" in str(told)


@pytest.mark.parametrize("text", ["", "- a\n", "config: 7\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str) -> None:
    assert isinstance(written(tmp_path, "dev", text), Unreadable)


def test_every_secret_is_replaced_wherever_it_stands(tmp_path: Path) -> None:
    text = """
config:
  fate:secret-key: {secure: v1:canary}
  fate:deep: [{user: x, password: {secure: v1:canary}}]
  fate:plain: [1, true]
"""
    stack = written(tmp_path, "dev", text)
    assert isinstance(stack, StackFile)
    secrets = stand_ins(stack, None)
    told = configuration(stack, {}, secrets)
    assert "canary" not in str(told)
    assert told["fate:plain"] == "[1, true]", "structured values travel as JSON, as Pulumi hands them over"
    assert secret_keys(secrets) == ["fate:deep", "fate:secret-key"]


def test_a_secret_in_plain_text_never_reaches_the_program(tmp_path: Path) -> None:
    stack = written(tmp_path, "dev", "config: {fate:secret-key: canary}\n")
    assert isinstance(stack, StackFile)
    assert stack.plain_secret
    assert "canary" not in str(configuration(stack, {}, stand_ins(stack, None)))


@given(st.text(min_size=1), st.text(min_size=1))
def test_another_encrypted_text_is_another_secret_and_the_same_text_the_same(was: str, now: str) -> None:
    path = "fate:secret-key"
    before = StackFile("dev", {}, {path: was})
    after = StackFile("dev", {}, {path: now})
    same = stand_ins(before, None) == stand_ins(after, before)
    assert same == (was == now)
    assert bool(encrypted_anew(after, before)) == (was != now)


def reading(name: str, *others: str) -> StackFile:
    return StackFile(name, {"fate:peers": [{"id": "1", "stack": f"organization/fate/{o}"} for o in others]})


def test_a_stack_comes_after_those_that_it_reads() -> None:
    stacks = {"a": reading("a", "c"), "b": reading("b"), "c": reading("c", "b")}
    assert ordered(stacks, "fate") == ["b", "c", "a"]


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.sampled_from("abcd"))))
def test_circles_of_stacks_are_put_into_some_order(links: dict[str, list[str]]) -> None:
    stacks = {name: reading(name, *others) for name, others in links.items()}
    assert sorted(ordered(stacks, "fate")) == sorted(stacks)


def test_outputs_of_a_stack_elsewhere_are_made_up_and_told_as_such() -> None:
    stack = StackFile("dev", {"fate:peers": [{"id": "7", "stack": "organization/other/x"}]})
    given, invented = outputs_for(stack, {}, "fate")
    assert invented == ["organization/other/x"]
    assert given["organization/other/x"]["parties"]["7"]["expose"]["gateway-port"] == 9300


@pytest.mark.parametrize(
    "value",
    [
        {"runtime": {"kind": "docker", "host": "ssh://fate@example.org"}},
        {"mirror": {"upstream": "https://registry.example.org"}},
        {"images": {"prefix": "registry.example.org/fate/images"}},
        {"mirror": {"stack": "no stack/at all/of any project"}},
    ],
)
def test_what_only_looks_like_the_name_of_a_stack_is_none(value: dict[str, object]) -> None:
    assert StackFile("dev", value).references() == frozenset()
