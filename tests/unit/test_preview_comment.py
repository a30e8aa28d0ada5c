"""The comment fits, says the worst first, and takes nothing that a pull request brings for markup."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ops.preview.as_json import as_json
from ops.preview.as_markdown import MARKER, as_markdown
from ops.preview.as_table import as_table
from ops.preview.comment import LIMIT, Block, code, diff, fitted, plain, row
from ops.preview.overview import Overview, listed
from ops.preview.stack_changes import Presence, StackChange


def step(name: str, operation: str = "replace", **change: object) -> dict[str, object]:
    changes = [{"path": "text", "old": None, "new": None, "lines": ["-a", "+b"], **change}]
    return {
        "operation": operation,
        "urn": name,
        "type": "docker:index/container:Container",
        "name": name,
        "component": "party 9999",
        "service": "fateflow",
        "is-component": False,
        "because": [],
        "changes": changes,
    }


def stack(*steps: dict[str, object], **more: object) -> StackChange:
    fields: dict[str, object] = {"counts": {"replace": len(steps), "same": 3}, "steps": steps, **more}
    return StackChange("dev", Presence.BOTH, **fields)  # type: ignore[arg-type] # any field of it


def danger(hazard: str, component: str = "party 9999") -> dict[str, str]:
    return {"hazard": hazard, "sentence": f"{hazard} in {{where}}", "component": component}


def html(markdown: str) -> str:
    return str(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(markdown))


def test_a_comment_of_any_size_fits_and_says_where_the_rest_is() -> None:
    many = [step(f"resource-{i}", lines=["+" + "x" * 80] * 40) for i in range(300)]
    text = as_markdown(Overview("a", "b", [stack(*many)]), "the artifact of a run")
    assert len(text) <= LIMIT
    assert "did not fit into this comment. The whole preview is in the artifact of a run" in text
    assert text.count("<details>") == text.count("</details>"), "nothing is cut in the middle"


@given(st.lists(st.tuples(st.text(max_size=300), st.integers(0, 3)), max_size=60), st.integers(1500, 4000))
def test_blocks_are_kept_whole_in_their_order_and_within_the_limit(
    blocks: list[tuple[str, int]], limit: int
) -> None:
    given_blocks = [Block(text, rank) for text, rank in blocks]
    text = fitted(given_blocks, "there", limit)
    assert len(text.encode("utf-16-le")) // 2 <= limit


def test_the_marker_stands_first_so_that_the_comment_is_found_again() -> None:
    assert as_markdown(Overview("a", "b", []), "").startswith(MARKER)


def test_danger_is_told_before_everything_else_and_the_worst_first() -> None:
    report = Overview("a", "b", [stack(step("x"), dangers=[danger("restart"), danger("data-loss")])])
    text = as_markdown(report, "")
    assert (
        text.index("data-loss in party 9999") < text.index("restart in party 9999") < text.index("### Stack")
    )


def test_one_danger_of_many_parties_is_one_sentence() -> None:
    dangers = [danger("restart", f"party {id}") for id in range(50)]
    report = Overview("a", "b", [stack(step("x"), dangers=dangers)])
    assert [d.sentence for d in report.dangers] == ["restart in parties 0, 1, 2 and 47 others"]


def test_names_are_listed_as_a_sentence_has_them() -> None:
    assert listed(["party 1"]) == "party 1"
    assert listed(["party 1", "party 2"]) == "parties 1 and 2"
    assert listed(["mirror"]) == "mirror"


hostile = st.text(alphabet=st.sampled_from(list("<>&@#|`*_[]()!~$\\\n\r:/-ab1 ")), max_size=40)


@given(hostile)
def test_plain_text_makes_no_markup(text: str) -> None:
    rendered = html(f"x {plain(text)} x")
    tags = set(re.findall(r"<\s*/?\s*([a-z!]+)", rendered)) - {"p", "!"}
    assert tags == set(), rendered
    assert not re.search(r"@\w", rendered), "nobody is mentioned"


@given(hostile)
def test_code_stays_within_its_cell(text: str) -> None:
    table = "\n".join((row("a", "b"), row("---", "---"), row(code(text), "end")))
    rendered = html(table)
    assert rendered.count("<td>") == 2, rendered
    assert set(re.findall(r"<\s*/?\s*([a-z]+)", rendered)) <= {
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
    }


@given(st.lists(hostile))
def test_no_line_closes_the_fence_of_a_diff(lines: list[str]) -> None:
    rendered = html(diff(lines) + "\n*after*\n")
    assert rendered.count("<pre>") == 1
    assert "<em>after</em>" in rendered


def test_the_comment_renders_as_tables_and_folds() -> None:
    changed = step("x", lines=[], path="ports[80].ip", old='"127.0.0.1"', new='"0.0.0.0"')
    report = Overview("a", "b", [stack(step("y"), changed)])
    rendered = html(as_markdown(report, ""))
    assert rendered.count("<table>") == 2
    assert "<details><summary><code>y: text</code></summary>" in rendered
    assert 'class="language-diff"' in rendered
    assert "<code>&quot;127.0.0.1&quot;</code> → <code>&quot;0.0.0.0&quot;</code>" in rendered


def test_a_side_that_does_not_run_is_told_with_its_reason() -> None:
    broken = stack(before_failure="__main__.py, line 2: invalid syntax")
    for text in (
        as_markdown(Overview("a", "b", [broken]), ""),
        as_table(Overview("a", "b", [broken]), False),
    ):
        assert "The base does not run" in text
        assert "__main__.py, line 2: invalid syntax" in text


def test_a_stack_of_which_only_outputs_change_says_which() -> None:
    told = stack(
        before={"parties": {"1": {}}, "mirror": "a"}, after={"parties": {"1": {"peers": []}}, "mirror": "a"}
    )
    assert "3 unchanged, another value of output parties" in as_markdown(Overview("a", "b", [told]), "")


def test_the_json_has_every_stack_and_says_whether_the_head_runs() -> None:
    told = json.loads(as_json(Overview("a", "b", [stack(after_failure="no")])))
    assert not told["runs"]
    assert told["stacks"][0]["head-failure"] == "no"
