"""One contract for all components."""

from tests.declared.program import declare, stack_file

TOKENS = {"fate:index:Party", "fate:index:RegistryMirror"}
"""Never change one without an alias: it stands in the URN of every child."""


def test_the_type_tokens_are_these_and_only_these() -> None:
    types = {resource.typ for resource in declare(stack_file("dev")).resources}
    assert {t for t in types if t.startswith("fate:")} == TOKENS


def test_children_are_named_after_their_component() -> None:
    for resource in declare(stack_file("dev")).resources:
        if resource.typ.startswith("docker:") and resource.name != "docker-federation":
            assert resource.name.startswith(("party-9999-", "party-10000-", "mirror-")), resource.name


def test_the_program_declares_the_same_twice() -> None:
    first, second = declare(stack_file("dev")), declare(stack_file("dev"))

    def inputs(declared: object) -> dict[str, object]:
        return {r.name: r.inputs for r in declared.resources}  # type: ignore[attr-defined]

    assert inputs(first) == inputs(second), "or the second preview would not be empty"
