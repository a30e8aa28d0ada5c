"""Upstream endpoints of a Harbor, and the replications that name them."""

import pytest

from tests.conformance.plugin import Refused, Values
from tests.harbor.examples import POLICY
from tests.harbor.plugin import HarborPlugin
from tests.harbor.state import State, Upstream

REGISTRY = "fate-harbor:index:Registry"
REPLICATION = "fate-harbor:index:Replication"
UP = {"name": "up", "url": "http://upstream.example"}
TAKE = {"name": "take", "registryId": "1", "namespace": "fate"}
REFUSALS: list[tuple[str, Values, str]] = [
    (REGISTRY, {"name": "up", "url": "upstream.example"}, "has no scheme, and Harbor would make http://"),
    (REGISTRY, {**UP, "accessSecret": "Secret1x"}, "accessSecret without accessKey is no login"),
    (REGISTRY, {**UP, "name": "u" * 65}, "has 65 signs, and Harbor takes 64 at most"),
    (REGISTRY, {**UP, "insecure": True, "caCertificate": "-----BEGIN"}, "insecure is ignored by Harbor"),
    (REPLICATION, {**TAKE, "cron": "0 3 * * *"}, "has 5 fields, and Harbor's cron has seconds"),
    (REPLICATION, {**TAKE, "cron": "1 0 3 * * *"}, "Harbor starts at second 0 only"),
    (REPLICATION, {**TAKE, "cron": "0 * 3 * * *"}, "is due every minute"),
    (REPLICATION, {**TAKE, "filters": [{"type": "label", "value": "x"}]}, "'label' is not one of name, tag"),
    (REPLICATION, {**TAKE, "filters": [{"type": "name"}]}, "needs filters[0].value"),
    (REPLICATION, {**TAKE, "namespace": ""}, "namespace is empty: name the project"),
    (REPLICATION, {**TAKE, "registryId": "hub"}, "'hub' is no id"),
]


@pytest.mark.parametrize(("token", "inputs", "reason"), REFUSALS, ids=[reason for *_, reason in REFUSALS])
def test_what_harbor_would_refuse_or_mend_is_refused_first(
    plugin: HarborPlugin, token: str, inputs: Values, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        plugin.check(token, "it", inputs)
    assert reason in str(refused.value), "the value, why not, and what to write"


@pytest.mark.parametrize(
    ("upstream", "login"),
    [
        (Upstream(up=False), {}),
        (Upstream(login=("ann", "other")), {"accessKey": "ann", "accessSecret": "Mine1234"}),
    ],
    ids=["down", "wrong login"],
)
def test_an_upstream_that_harbor_cannot_ask_is_told_of(
    plugin: HarborPlugin, state: State, upstream: Upstream, login: Values
) -> None:
    state.upstreams["http://new.example"] = upstream
    with pytest.raises(Refused) as refused:
        plugin.create(REGISTRY, "it", {"name": "new", "url": "http://new.example", **login})
    assert "Harbor finds the upstream http://new.example unhealthy" in str(refused.value), "which, and why"
    assert "Mine1234" not in str(refused.value), "no secret is told"
    assert len(state.registries) == 1, "nothing is made"


def test_a_login_that_docker_hub_refuses_is_told_of(plugin: HarborPlugin) -> None:
    hub = {"name": "hub-2", "type": "docker-hub", "url": "https://hub.docker.com"}
    with pytest.raises(Refused) as refused:
        plugin.create(REGISTRY, "it", {**hub, "accessKey": "ann", "accessSecret": "Mine1234"})
    assert "did not log in to Docker Hub as ann" in str(refused.value), "Harbor says internal server error"
    assert "see that it reaches https://hub.docker.com, and correct accessKey" in str(refused.value)
    assert "Mine1234" not in str(refused.value), "no secret is told"


def test_an_upstream_that_is_down_leaves_its_endpoint_as_it_was(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(REGISTRY, "it", UP)
    state.upstreams["http://upstream.example"].up = False
    with pytest.raises(Refused, match="see that it is up, that Harbor's core reaches it"):
        plugin.update(made, {**UP, "description": "new"})
    assert (
        "description" not in state.registries[int(made.id)]
        or not state.registries[int(made.id)]["description"]
    )
    assert plugin.read(made) is not None, "a refresh needs no upstream"


def test_another_type_makes_an_endpoint_anew(plugin: HarborPlugin) -> None:
    made = plugin.create(REGISTRY, "it", UP)
    told = plugin.diff(made, {**UP, "type": "harbor"})
    assert (told.operation, told.deletes_first) == ("replace", True), "Harbor ignores a change of it"


def test_an_endpoint_that_is_needed_is_not_deleted(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(REGISTRY, "it", UP)
    plugin.create(REPLICATION, "take", {**TAKE, "registryId": made.id})
    plugin.create("fate-harbor:index:Project", "cache", {"name": "cache", "registryId": made.id})
    with pytest.raises(
        Refused, match="registry up is not deleted, it is needed by replication take, proxy cache cache"
    ):
        plugin.delete(made)
    assert int(made.id) in state.registries, "it is there"


def test_an_endpoint_that_is_there_is_adopted_when_asked(plugin: HarborPlugin, state: State) -> None:
    with pytest.raises(Refused, match=r"registry hub \(id 1, http://upstream.example\) is there already"):
        plugin.create(
            REGISTRY, "it", {"name": "hub", "url": "http://upstream.example", "description": "ours"}
        )
    inputs = {"name": "hub", "url": "http://upstream.example", "description": "ours", "adopt": True}
    assert plugin.create(REGISTRY, "it", inputs).id == "1", "it is the endpoint that was there"
    assert state.registries[1]["description"] == "ours", "and is as declared"


def test_an_endpoint_of_another_type_is_not_adopted(plugin: HarborPlugin) -> None:
    with pytest.raises(Refused, match="of type docker-registry, which Harbor never changes"):
        plugin.create(REGISTRY, "it", {**UP, "name": "hub", "type": "harbor", "adopt": True})


def test_a_replication_into_no_project_is_refused(plugin: HarborPlugin, state: State) -> None:
    with pytest.raises(Refused, match=r"there is no project nowhere, .* declare the project"):
        plugin.create(REPLICATION, "it", {**TAKE, "namespace": "nowhere/team"})
    assert not state.policies, "nothing is made"


def test_a_change_of_a_replication_says_all_of_it(plugin: HarborPlugin, state: State) -> None:
    made = plugin.create(REPLICATION, "it", {**TAKE, "cron": "0 0 3 * * *"})
    plugin.update(made, {**TAKE, "cron": "0 0 4 * * *"})
    kept = state.policies[int(made.id)]
    assert (kept["enabled"], kept["override"]) == (True, True), "Harbor resets what is left out"
    assert kept["trigger"] == {"type": "scheduled", "trigger_settings": {"cron": "0 0 4 * * *"}}, (
        "as declared"
    )


def test_a_replication_that_is_there_is_adopted_when_asked(plugin: HarborPlugin, state: State) -> None:
    state.policies[1] = {**POLICY, "name": "take"}
    with pytest.raises(Refused, match=r"replication take .* is there already"):
        plugin.create(REPLICATION, "it", TAKE)
    made = plugin.create(REPLICATION, "it", {**TAKE, "adopt": True})
    assert (made.id, state.policies[1]["filters"]) == ("1", None), "the one that was there, as declared"


@pytest.mark.parametrize(("token", "name"), [(REGISTRY, "hub"), (REPLICATION, "for-the-run")])
@pytest.mark.parametrize("by", ["id", "name"])
def test_an_import_says_an_id_or_a_name(
    plugin: HarborPlugin, state: State, token: str, name: str, by: str
) -> None:
    state.policies[1] = dict(POLICY)
    seen = plugin.imported(token, "it", "1" if by == "id" else name)
    assert seen is not None, "it is there"
    assert (seen.id, seen.inputs["name"]) == ("1", name), "and known by its id from then on"


def test_the_first_preview_after_an_import_is_empty(plugin: HarborPlugin) -> None:
    seen = plugin.imported(REGISTRY, "it", "1")
    assert seen is not None, "it is there"
    told = plugin.diff(seen, {"name": "hub", "url": "http://upstream.example"})
    assert (told.operation, dict(told.paths)) == ("none", {}), "a secret that neither has is no difference"
