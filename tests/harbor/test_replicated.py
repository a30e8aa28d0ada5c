"""A run of a replication, and the check that every artifact is there."""

from collections.abc import Iterator

import pytest

from tests.conformance.plugin import Refused, Values
from tests.harbor.conftest import DIGESTS
from tests.harbor.examples import ARTIFACTS, POLICY
from tests.harbor.plugin import UNKNOWN, HarborPlugin
from tests.harbor.state import Json, State

REPLICATED = "fate-harbor:index:Replicated"
WANTED: Values = {"replicationId": "1", "project": "fate", "artifacts": ARTIFACTS}
RUN = "POST /replication/executions"


def with_filters(state: State, names: str, tag: str = "1.0") -> None:
    filters = [{"type": "name", "value": names}, {"type": "tag", "value": tag}]
    state.policies[1] = {**POLICY, "filters": filters}


def test_all_that_is_named_is_there_by_digest_after_the_run(plugin: HarborPlugin, state: State) -> None:
    with_filters(state, "federatedai/{a,b}")
    state.late = 3
    made = plugin.create(REPLICATED, "it", WANTED)
    assert state.images == {f"fate/{name}": {"1.0": digest} for name, digest in DIGESTS.items()}, "replicated"
    assert made.outputs["digests"] == {f"fate/{name}:1.0": digest for name, digest in DIGESTS.items()}
    assert state.asked.count("GET /replication/executions/2") == 4, (
        "Harbor tells late of an end: it is waited for"
    )


def test_nothing_runs_where_all_is_there_by_digest(plugin: HarborPlugin, state: State) -> None:
    with_filters(state, "federatedai/{a,b}")
    state.images = {f"fate/{name}": {"1.0": digest} for name, digest in DIGESTS.items()}
    state.upstreams["http://upstream.example"].up = False
    plugin.create(REPLICATED, "it", WANTED)
    assert RUN not in state.asked, "the upstream may be down for that"


def test_a_tag_without_a_digest_is_asked_for_anew(plugin: HarborPlugin, state: State) -> None:
    with_filters(state, "federatedai/a")
    state.images = {"fate/a": {"1.0": "sha256:old"}}
    made = plugin.create(REPLICATED, "it", {**WANTED, "artifacts": [{"repository": "a", "tag": "1.0"}]})
    assert made.outputs["digests"] == {"fate/a:1.0": DIGESTS["a"]}, "it is what the upstream has now"


def test_a_missing_tag_is_no_success(plugin: HarborPlugin, state: State) -> None:
    with_filters(state, "federatedai/{a,b}", tag="9")
    artifacts = [{"repository": "a", "tag": "9"}]
    with pytest.raises(Refused) as refused:
        plugin.create(REPLICATED, "it", {**WANTED, "artifacts": artifacts})
    assert "the replication succeeded, and in project fate fate/a:9 is missing" in str(refused.value), "what"
    assert "a success when the upstream has no such tag" in str(refused.value), (
        "and why Harbor says otherwise"
    )


def test_another_digest_than_was_wanted_is_refused(plugin: HarborPlugin, state: State) -> None:
    with_filters(state, "federatedai/a")
    wanted = [{"repository": "a", "tag": "1.0", "digest": "sha256:wanted"}]
    with pytest.raises(Refused, match=f"fate/a:1.0 is {DIGESTS['a']}, wanted sha256:wanted"):
        plugin.create(REPLICATED, "it", {**WANTED, "artifacts": wanted})


FAILURES = [
    ("federatedai/c", {}, "repository federatedai/c. See that the upstream is up"),
    ("federatedai/**", {}, "name the images as `namespace/{a,b}`, which asks for none"),
    ("federatedai/a", {"up": False}, "connection refused. See that the upstream is up"),
    ("federatedai/a", {"login": ("ann", "x")}, "correct accessKey and accessSecret of the registry"),
]


@pytest.mark.parametrize(("names", "upstream", "reason"), FAILURES, ids=[row[2] for row in FAILURES])
def test_a_run_that_fails_says_why_and_what_to_do(
    plugin: HarborPlugin, state: State, names: str, upstream: dict[str, object], reason: str
) -> None:
    with_filters(state, names)
    state.images = {"fate/kept": {"1": "sha256:k"}}
    for key, value in upstream.items():
        setattr(state.upstreams["http://upstream.example"], key, value)
    with pytest.raises(Refused) as refused:
        plugin.create(REPLICATED, "it", WANTED)
    assert "replication for-the-run from http://upstream.example ended as Failed (run 2)" in str(
        refused.value
    )
    assert reason in str(refused.value), "the reason stands in Harbor's own words, and a way out after them"
    assert state.images == {"fate/kept": {"1": "sha256:k"}}, "nothing is lost"


def test_a_full_quota_is_told_with_its_remedy(plugin: HarborPlugin, state: State) -> None:
    with_filters(state, "federatedai/{a,b}")
    state.quotas[1] = 15
    with pytest.raises(Refused) as refused:
        plugin.create(REPLICATED, "it", WANTED)
    assert "federatedai/b [1 item(s) in total]: http status code: 403" in str(refused.value), (
        "the image, and its job's log"
    )
    assert "The project's quota is full: raise `quota`" in str(refused.value), "and what to do"
    assert state.images == {"fate/a": {"1.0": DIGESTS["a"]}}, "what fitted in is there"


def under_way(run: int, late: int) -> Json:
    """Return a run of the replication 1 that somebody else began, such as its schedule."""
    ended = {"status": "Succeed", "status_text": "", "total": 0, "tasks": []}
    return {"id": run, "policy_id": 1, "late": late, **ended}


def test_a_run_that_is_under_way_is_waited_for(plugin: HarborPlugin, state: State) -> None:
    with_filters(state, "federatedai/{a,b}")
    state.policies[1]["single_active_replication"] = True
    state.runs[99] = under_way(99, late=2)
    plugin.create(REPLICATED, "it", WANTED)
    assert state.asked.count("GET /replication/executions/99") == 3, "until it has ended"
    assert state.asked.index(RUN) > state.asked.index("GET /replication/executions/99"), "and then its own"
    assert set(state.images) == {"fate/a", "fate/b"}, "which Harbor would have skipped, and called failed"


def test_a_run_that_harbor_skipped_is_begun_again(
    plugin: HarborPlugin, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_filters(state, "federatedai/{a,b}")
    state.policies[1]["single_active_replication"] = True
    asked: Iterator[list[Json]] = iter([[], [under_way(99, late=1)], [], []])
    monkeypatch.setattr("tests.harbor.replications.under_way", lambda *_: next(asked))
    plugin.create(REPLICATED, "it", WANTED)
    assert state.asked.count(RUN) == 2, "its schedule began one between the look and the run"
    assert set(state.images) == {"fate/a", "fate/b"}, "the second brought them"


def test_a_disabled_replication_does_not_run(plugin: HarborPlugin, state: State) -> None:
    state.policies[1] = {**POLICY, "enabled": False}
    with pytest.raises(Refused, match=r"for-the-run does not run: .* declare it with `enabled` true"):
        plugin.create(REPLICATED, "it", WANTED)


def test_no_run_makes_a_project_of_nobodys(plugin: HarborPlugin, state: State) -> None:
    state.policies[1] = {**POLICY, "dest_namespace": "nowhere"}
    with pytest.raises(Refused, match="there is no project nowhere"):
        plugin.create(REPLICATED, "it", WANTED)
    assert list(state.projects) == [1], "Harbor would have made it, private"


def test_an_image_that_somebody_deleted_is_named_and_replicated_again(
    plugin: HarborPlugin, state: State
) -> None:
    with_filters(state, "federatedai/{a,b}")
    made = plugin.create(REPLICATED, "it", WANTED)
    del state.images["fate/b"]
    seen = plugin.read(made)
    assert seen is not None, "the run was, and one image is gone"
    assert dict(plugin.diff(seen, WANTED).paths) == {"artifacts[1]": "add"}, "the one that is gone"
    plugin.update(seen, WANTED)
    assert state.images["fate/b"] == {"1.0": DIGESTS["b"]}, "it is there again"


@pytest.mark.parametrize(
    ("artifact", "reason"),
    [
        ({"repository": "a"}, r"artifacts\[0\] has neither tag nor digest"),
        ({"repository": "a", "digest": "abc"}, "'abc' is no digest: it begins with sha256:"),
    ],
)
def test_an_artifact_that_cannot_be_looked_for_is_refused(
    plugin: HarborPlugin, artifact: Values, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        plugin.check(REPLICATED, "it", {**WANTED, "artifacts": [artifact]})


def test_a_run_is_not_imported(plugin: HarborPlugin) -> None:
    with pytest.raises(Refused, match="a run cannot be imported"):
        plugin.imported(REPLICATED, "it", "1")


def test_a_preview_says_that_digests_come_with_the_run(plugin: HarborPlugin) -> None:
    assert plugin.preview(REPLICATED, "it", WANTED)["digests"] == UNKNOWN, "none is asked of an upstream"
