"""What goes wrong with a Harbor itself: a clear error, nothing made, no secret told."""

import pytest

from tests.conformance.plugin import Refused, Values
from tests.harbor.plugin import UNKNOWN, HarborPlugin
from tests.harbor.state import State

PROJECT = "fate-harbor:index:Project"
WRONG = "Wrong-Password-1"
CONFIGURATIONS: list[tuple[Values, str]] = [
    ({"url": "harbor.example"}, "'harbor.example' leads to no Harbor: write http:// or https://"),
    ({"url": "https://harbor.example/api/v2.0"}, "leads to no Harbor"),
    ({"url": "https://admin:Secret1x@harbor.example"}, "the url has a login in it"),
    ({"url": "https://harbor.example", "ca": "no certificate"}, "ca is no certificate in PEM form"),
    ({"url": "https://harbor.example", "verify": "maybe"}, "is true or false, and 'maybe' is neither"),
    ({"url": "https://harbor.example", "insecure": True}, "has no property insecure; it has ca, password"),
]


@pytest.mark.parametrize(
    ("configuration", "reason"), CONFIGURATIONS, ids=[reason for _, reason in CONFIGURATIONS]
)
def test_a_provider_that_leads_to_no_harbor_is_refused(
    process: HarborPlugin, configuration: Values, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        process.configure(**configuration)
    assert reason in str(refused.value), "what, and what to write"
    assert "Secret1x" not in str(refused.value), "a login in a url is not told"


def asked(process: HarborPlugin, what: str) -> None:
    if what == "create":
        process.create(PROJECT, "it", {"name": "fate"})
    process.imported(PROJECT, "it", "1")


def test_a_wrong_password_is_no_empty_harbor(process: HarborPlugin, url: str, state: State) -> None:
    process.configure(url, WRONG)
    for ask in ("create", "read"):
        with pytest.raises(Refused) as refused:
            asked(process, ask)
        assert f"{url} does not take the password of user 'admin'" in str(refused.value), (
            f"{ask}: who and where"
        )
        assert WRONG not in str(refused.value), f"{ask}: no password is told"
    assert list(state.projects) == [1], "nothing is made, and nothing is told to be gone"


def test_a_harbor_that_does_not_answer_is_told_of(process: HarborPlugin) -> None:
    process.configure("http://127.0.0.1:9")
    with pytest.raises(Refused, match=r"Harbor at http://127.0.0.1:9 does not answer: .*refused.*start it"):
        process.imported(PROJECT, "it", "1")


def test_a_harbor_whose_core_is_down_is_told_of(plugin: HarborPlugin, state: State) -> None:
    state.crashed = True
    with pytest.raises(Refused, match=r"refuses \(status 502\): HTTP 502 Bad Gateway"):
        plugin.imported(PROJECT, "it", "1")


def test_a_harbor_that_is_down_at_a_refresh_leaves_all_as_it_was(plugin: HarborPlugin, state: State) -> None:
    """Or the `up --refresh` that starts it anew would fail at what is in it."""
    robot = plugin.create(
        "fate-harbor:index:Robot",
        "it",
        {
            "name": "puller",
            "project": "fate",
            "permissions": [{"namespace": "fate", "access": [{"resource": "repository", "action": "pull"}]}],
            "secret": "First1234",
        },
    )
    state.crashed = True
    seen = plugin.read(robot)
    assert seen is not None, "what cannot be asked is not gone"
    assert (seen.inputs, seen.outputs) == (robot.inputs, robot.outputs)


def test_what_breaks_in_core_says_where_its_reason_stands(plugin: HarborPlugin) -> None:
    with pytest.raises(Refused, match="stands only in the log of Harbor's core"):
        plugin.create(PROJECT, "it", {"name": "cache", "registryId": "999"})


def test_a_harbor_of_another_release_is_told_of(plugin: HarborPlugin, state: State) -> None:
    del state.projects[1]["name"]
    with pytest.raises(Refused, match=r"answers otherwise than 2\.15\.2 does.*KeyError: 'name'"):
        plugin.imported(PROJECT, "it", "1")


def test_a_harbor_that_is_not_known_yet_is_told_of(process: HarborPlugin) -> None:
    process.configure(UNKNOWN)
    with pytest.raises(Refused, match="needs url, username and password, and one of them is not known"):
        process.imported(PROJECT, "it", "1")


def test_a_type_that_there_is_not_is_refused_with_those_that_there_are(plugin: HarborPlugin) -> None:
    with pytest.raises(Refused, match="fate-harbor:index:Label is no type of this plugin; it has"):
        plugin.check("fate-harbor:index:Label", "it", {})


def test_a_secret_that_harbor_echoes_is_not_told(
    plugin: HarborPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = "is not legal: Echoed1234"
    monkeypatch.setattr("tests.harbor.replications.UNHEALTHY", echo)
    inputs = {"name": "new", "url": "http://new.example", "accessKey": "ann", "accessSecret": "Echoed1234"}
    with pytest.raises(Refused) as refused:
        plugin.create("fate-harbor:index:Registry", "it", inputs)
    assert "is not legal: [secret]" in str(refused.value), "Harbor's words, without it"


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_harbor_without_its_database_is_down_and_no_wrong_password(
    plugin: HarborPlugin, url: str, state: State, asked_before: bool
) -> None:
    """It refuses everybody then: an `up --refresh` that starts it anew would end at that."""
    made = plugin.create(PROJECT, "it", {"name": "mirror"})
    state.forgetful = True
    if not asked_before:
        plugin.configure(url)
    with pytest.raises(Refused, match=r"status 503\): its database does not answer, without which"):
        plugin.create(PROJECT, "other", {"name": "other"})
    seen = plugin.read(made)
    assert seen is not None, "what cannot be asked is not gone"
    assert seen.outputs == made.outputs, "and stays as it was"
