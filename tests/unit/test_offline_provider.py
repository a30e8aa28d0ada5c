"""The plugin's servicer: what it checks, plans and refuses, without an engine."""

from typing import Any

import pytest

from diff.docker.container_shape import SHAPE as CONTAINER_SHAPE
from diff.state import FAILED, stated
from diff.values import DEFAULTS, SECRET, SIGNATURE, encoded, plain
from offline.docker.__main__ import PACKAGE, VERSION, resource_types
from offline.docker.configuration import SHAPE
from offline.protocol.provider import Provider
from protocol.server import EngineLog
from protocol.wire import Struct, provider_pb2

CONTAINER = "docker:index/container:Container"
VOLUME = "docker:index/volume:Volume"
IMAGE = "docker:index/remoteImage:RemoteImage"
PUSH = "docker:index/registryImage:RegistryImage"
WEB = {"image": "sha256:1", "name": "web"}
KIND = provider_pb2.PropertyDiff


@pytest.fixture
def provider() -> Provider:
    return Provider(PACKAGE, VERSION, SHAPE, resource_types, EngineLog(""))


def struct(values: dict[str, Any]) -> Struct:
    return encoded(values).struct_value


def urn(token: str) -> str:
    return f"urn:pulumi:dev::fate::fate:index:Party${token}::web"


def checked(
    provider: Provider, token: str, news: dict[str, Any], olds: dict[str, Any] | None = None
) -> provider_pb2.CheckResponse:
    request = provider_pb2.CheckRequest(
        urn=urn(token), news=struct(news), olds=struct(olds or {}), randomSeed=b"\x12\x34\x56\x78"
    )
    return provider.Check(request, None)


def planned(
    provider: Provider, old: dict[str, Any], new: dict[str, Any], **outputs: object
) -> provider_pb2.DiffResponse:
    before, after = (plain(checked(provider, CONTAINER, inputs).inputs) for inputs in (old, new))
    state = {**stated(CONTAINER_SHAPE, before), **outputs}
    request = provider_pb2.DiffRequest(urn=urn(CONTAINER), news=struct(after), olds=struct(state))
    return provider.Diff(request, None)


@pytest.mark.parametrize(
    ("token", "news", "reason"),
    [
        (
            CONTAINER,
            {**WEB, "privileged": True},
            f"property privileged of {CONTAINER} is not supported by the offline plugin; "
            "install the official plugin",
        ),
        (
            CONTAINER,
            {**WEB, "uploads": [{"file": "/a", "source": "a"}]},
            "property source of an upload is not supported by the offline plugin: give `content`",
        ),
        (
            "docker:index/tag:Tag",
            {},
            "resource type docker:index/tag:Tag is not supported by the offline plugin; "
            "install the official plugin",
        ),
        (CONTAINER, {"name": "web"}, f"property image of {CONTAINER} is missing"),
        (CONTAINER, {**WEB, "memory": "64"}, f"property memory of {CONTAINER} must be a number, not '64'"),
        (CONTAINER, {**WEB, "restart": "often"}, "'often' is none of no, on-failure, always, unless-stopped"),
        (
            CONTAINER,
            {**WEB, "uploads": [{"file": "/a", "permissions": "444"}]},
            "'444' doesn't match the pattern '^0[0-7]{3}$'. Write for example '0444'.",
        ),
        (
            IMAGE,
            {"name": "x", "build": {"context": ".", "target": "a", "squash": True}},
            f"property build.squash of {IMAGE} is not supported by the offline plugin; "
            "install the official plugin",
        ),
        (IMAGE, {"name": "x", "build": {}}, f"property build.context of {IMAGE} is missing"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    provider: Provider, token: str, news: dict[str, Any], reason: str
) -> None:
    assert [failure.reason for failure in checked(provider, token, news).failures] == [reason]


def test_defaults_are_filled_in_as_officially(provider: Provider) -> None:
    inputs = plain(checked(provider, CONTAINER, WEB).inputs)
    assert (inputs["mustRun"], inputs["restart"], inputs["waitTimeout"]) == (True, "no", 60)
    assert "name" not in inputs[DEFAULTS], "a given name is no default"


def test_a_name_that_is_not_given_is_made_up_once(provider: Provider) -> None:
    first = checked(provider, VOLUME, {})
    again = checked(provider, VOLUME, {}, olds=plain(first.inputs))
    assert plain(first.inputs)["name"] == plain(again.inputs)["name"] == "web-1234567"


def test_defaults_are_filled_in_inside_of_lists_and_not_inside_of_sets(provider: Provider) -> None:
    given = {**WEB, "ports": [{"internal": 80}], "uploads": [{"file": "/a", "content": "a"}]}
    inputs = plain(checked(provider, CONTAINER, given).inputs)
    assert inputs["ports"][0]["protocol"] == "tcp"
    assert inputs["uploads"] == [{"file": "/a", "content": "a", DEFAULTS: []}]


@pytest.mark.parametrize(
    ("new", "kinds", "first"),
    [
        ({**WEB, "memory": 128}, {"memory": KIND.UPDATE}, False),
        ({**WEB}, {"memory": KIND.DELETE}, False),
        ({**WEB, "memory": 64, "user": "1"}, {"user": KIND.ADD_REPLACE}, True),
        ({**WEB, "memory": 64, "name": "other"}, {"name": KIND.UPDATE_REPLACE}, True),
        ({**WEB, "memory": 64, "waitTimeout": 60, "wait": False}, {}, False),
    ],
)
def test_limits_change_in_place_and_most_else_replaces(
    provider: Provider, new: dict[str, Any], kinds: dict[str, Any], first: bool
) -> None:
    plan = planned(provider, {**WEB, "memory": 64}, new)
    assert {path: change.kind for path, change in plan.detailedDiff.items()} == kinds
    assert plan.deleteBeforeReplace is first, "two containers of one name cannot be"


def test_what_was_made_but_does_not_work_is_replaced(provider: Provider) -> None:
    plan = planned(provider, WEB, WEB, **{FAILED: True})
    assert list(plan.replaces) == ["entrypoints"], "of all that it does not know, it tells this"
    assert plan.deleteBeforeReplace


def test_it_leaves_secrets_to_the_engine_and_marks_what_is_one_by_itself(provider: Provider) -> None:
    auth = {"address": "http://a", "username": "u", "password": "hunter2"}
    inputs = checked(provider, PUSH, {"name": "a/b", "authConfig": auth}).inputs
    password = inputs.fields["authConfig"].struct_value.fields["password"]
    assert password.struct_value.fields[SIGNATURE].string_value == SECRET
    assert not provider.Configure(provider_pb2.ConfigureRequest(), None).acceptSecrets


def test_a_preview_of_a_new_container_knows_its_inputs(provider: Provider) -> None:
    filled = plain(checked(provider, CONTAINER, WEB).inputs)
    request = provider_pb2.CreateRequest(urn=urn(CONTAINER), preview=True, properties=struct(filled))
    outputs = plain(provider.Create(request, None).properties)
    assert repr(outputs["networkDatas"]) == "<known after up>"
    assert outputs["image"] == "sha256:1"


@pytest.mark.parametrize("name", ["certPath", "context"])
def test_a_provider_option_that_would_be_ignored_is_refused(provider: Provider, name: str) -> None:
    request = provider_pb2.CheckRequest(urn=urn("pulumi:providers:docker"), news=struct({name: "x"}))
    assert f"property {name}" in provider.CheckConfig(request, None).failures[0].reason
