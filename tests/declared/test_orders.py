"""The order of what a stack file says changes nothing, nor does writing a default out (design rule 12)."""

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from components.runtimes.names import Names, name_faults
from config import load
from tests.declared.program import Declared, declare
from tests.declared.test_every_container import MIRROR
from tests.unit.stack_strategies import Values, accepted_stacks

REFERENCES = {"organization/fate/dev": MIRROR}
WITHOUT_ORDER = {"parties", "peers", "sources"}
"""Lists of a stack file that are sets; all others say in which order something is done."""

few = settings(
    max_examples=10,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # to shrink takes minutes: each step runs the program
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def shuffled(draw: st.DrawFn, value: Any, key: str = "") -> Any:  # noqa: ANN401 - a tree of YAML
    """Return the tree with its keys, and the lists whose order says nothing, in another order."""
    if isinstance(value, Mapping):
        return {name: shuffled(draw, value[name], name) for name in draw(st.permutations(list(value)))}
    if isinstance(value, list):
        parts = draw(st.permutations(value)) if key in WITHOUT_ORDER else value
        return [shuffled(draw, part) for part in parts]
    return value


def declarable(stack: Values) -> bool:
    """Tell whether a stack reads no other, and gives every place a name of its own."""
    elsewhere = any("stack" in peer for party in stack["parties"] for peer in party.get("peers", []))
    return not elsewhere and not [*name_faults(Names("fate", "dev"), load(stack))]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Values, Values]:
    """Yield a stack's values, and the same in another order."""
    values = draw(accepted_stacks(most=3).filter(declarable))
    return values, shuffled(draw, values)


def told(declared: Declared) -> dict[str, Any]:
    resources = {f"{resource.typ} {resource.name}": dict(resource.inputs) for resource in declared.resources}
    return {**resources, "outputs": declared.outputs}


@few
@given(pairs())
def test_another_order_in_the_file_declares_the_same(both: tuple[Values, Values]) -> None:
    one, other = (told(declare(values, references=REFERENCES)) for values in both)
    assert one == other


@few
@given(accepted_stacks(most=2).filter(declarable))
def test_a_default_that_is_written_out_declares_the_same(values: Values) -> None:
    written = load(values).model_dump(mode="json", by_alias=True, exclude_none=True)
    for party, given_party in zip(written["parties"], values["parties"], strict=True):
        if "peers" not in given_party:
            del party["peers"]
    one, other = (told(declare(given, references=REFERENCES)) for given in (values, written))
    assert one == other
