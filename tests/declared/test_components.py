"""One contract for all components."""

import ast
import subprocess
import sys

from tests.declared.program import declare, stack_file
from tests.project import ROOT

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


def test_a_program_that_runs_on_docker_alone_imports_nothing_of_kubernetes() -> None:
    tree = ast.parse((ROOT / "__main__.py").read_text(encoding="utf-8"))
    imports = [ast.unparse(each) for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    check = "; ".join([*imports, "import sys; sys.exit('pulumi_kubernetes' in sys.modules)"])
    ended = subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False)
    assert ended.returncode == 0, "half a second of every preview is its own"
