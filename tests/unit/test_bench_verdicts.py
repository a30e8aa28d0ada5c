"""How figures are judged, shown and turned into an exit code."""

import io
import json

import pytest
from rich.console import Console

from bench import verdicts
from bench.__main__ import attempted, main
from bench.footprint import held_bytes
from bench.gauges import medians
from bench.growth import judged
from bench.project import last_words
from bench.verdicts import CannotMeasureError, Measured, MeasuredFailedError, NotMeasured, Outcome, Verdict

BELOW = Measured("preview", 1.2, "s", beside="flat program", other=1.0, limit=1.3)
ABOVE = Measured("preview", 1.4, "s", beside="flat program", other=1.0, limit=1.3)


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (BELOW, Verdict.KEPT),
        (ABOVE, Verdict.MISSED),
        (Measured("size", 1.1, "GB", limit=1.1), Verdict.KEPT),
        (Measured("size", 1.11, "GB", limit=1.1), Verdict.MISSED),
        (Measured("bytes", 0, "bytes", limit=0), Verdict.KEPT),
        (Measured("bytes", 1, "bytes", limit=0), Verdict.MISSED),
        (Measured("size", 0.1, "GB"), Verdict.TOLD),
        (Measured("growth", 5.0, "ms", beside="few", other=0.0, limit=1.2), Verdict.MISSED),
        (Measured("growth", 5.0, "ms", beside="few", other=-3.0, limit=1.2), Verdict.MISSED),
    ],
)
def test_a_figure_is_judged_by_its_ratio_where_there_is_another_and_else_by_itself(
    measured: Measured, verdict: Verdict
) -> None:
    assert measured.verdict is verdict


def test_a_row_shows_both_figures_their_ratio_and_the_limit() -> None:
    shown = ("preview", "1.20 s", "flat program: 1.00 s", "1.20", "1.3 times", "kept")
    assert verdicts.cells(BELOW) == shown, "a reader must see what was compared"


def test_a_measurement_that_is_missing_is_shown_with_its_remedy() -> None:
    missing = NotMeasured("memory", Verdict.NOT_MEASURED, "stack dev is not up", "Run make up")
    console = Console(width=120, file=io.StringIO(), record=True)
    verdicts.show([missing], console)
    text = console.export_text()
    assert "stack dev is not up. Run make up." in text
    assert "not measured" in text


def test_json_tells_the_ratio_and_the_verdict_of_every_outcome() -> None:
    missing = NotMeasured("memory", Verdict.NOT_MEASURED, "why", "what to do")
    preview, memory = json.loads(verdicts.as_json([ABOVE, missing]))
    assert preview["ratio"] == pytest.approx(1.4)
    assert preview["verdict"] == "missed"
    assert memory == {
        "measure": "memory",
        "verdict": "not measured",
        "reason": "why",
        "remedy": "what to do",
    }


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (CannotMeasureError("no compose", "Install it"), Verdict.NOT_MEASURED),
        (MeasuredFailedError("up ended with 255", "Look"), Verdict.FAILED),
    ],
)
def test_what_is_missing_and_what_fails_are_told_apart(error: CannotMeasureError, verdict: Verdict) -> None:
    def broken() -> list[Outcome]:
        raise error

    assert attempted("up", broken) == [NotMeasured("up", verdict, error.reason, error.remedy)]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (BELOW, 0),
        (ABOVE, 1),
        (NotMeasured("sizes", Verdict.NOT_MEASURED, "why", "what"), 0),
        (NotMeasured("sizes", Verdict.FAILED, "why", "what"), 1),
    ],
)
def test_only_a_missed_limit_or_a_failure_ends_with_1(
    outcome: Outcome, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.footprint.measure_images", lambda: [outcome])
    assert main(["--only", "sizes", "--json"]) == code
    assert json.loads(capsys.readouterr().out), "the figures are printed whatever the verdict"


def test_growth_compares_what_a_party_costs_among_many_and_among_few() -> None:
    linear = judged({2: 1.2, 10: 2.0, 50: 6.0}, "preview")
    assert linear.ours == pytest.approx(100), "4 s for 40 parties"
    assert linear.other == pytest.approx(100), "0.8 s for 8 parties"
    assert linear.verdict is Verdict.KEPT
    steep = judged({2: 1.2, 10: 2.0, 50: 8.0}, "preview")
    assert steep.verdict is Verdict.MISSED, "150 ms is 1.5 times 100 ms"


def test_turns_alternate_their_order_and_give_their_medians() -> None:
    order: list[str] = []
    seconds = {"ours": iter([3.0, 1.0, 2.0]), "other": iter([9.0, 7.0, 50.0])}

    def turn(name: str) -> float:
        order.append(name)
        return next(seconds[name])

    found = medians({"ours": lambda: turn("ours"), "other": lambda: turn("other")}, rounds=3)
    assert found == {"ours": 2.0, "other": 9.0}, "a single slow run must not decide"
    assert order == ["ours", "other", "other", "ours", "ours", "other"], "neither is always first"


@pytest.mark.parametrize(
    ("stats", "held"),
    [
        ({"usage": 100, "stats": {"total_inactive_file": 30, "inactive_file": 1}}, 70),
        ({"usage": 100, "stats": {"inactive_file": 30}}, 70),
        ({"usage": 100, "stats": {}}, 100),
        ({"usage": 20, "stats": {"inactive_file": 30}}, 0),
    ],
)
def test_page_cache_that_may_go_is_not_counted_as_memory(stats: dict[str, object], held: int) -> None:
    assert held_bytes({"memory_stats": stats}) == held


def test_a_command_that_fails_is_told_by_its_errors_not_by_its_progress() -> None:
    output = "Previewing\n + a create\n  error: 1 fault:\n    1. fate:mirror: no way\n + b create\n"
    assert last_words(output) == "error: 1 fault: | 1. fate:mirror: no way"
    assert last_words("one\n\ntwo\n") == "one | two", "without an error, its last lines"
