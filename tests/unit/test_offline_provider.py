"""The plugin's servicer: what it checks, plans and refuses, without an engine."""

from typing import Any

import pytest

from offline.docker.configuration import SHAPE
from offline.docker.resource_types import PACKAGE, VERSION, resource_types
from offline.protocol.engine_log import EngineLog
from offline.protocol.provider import Provider
from offline.protocol.status import FAILED
from offline.protocol.values import DEFAULTS, SECRET, SIGNATURE, encoded, plain
from offline.protocol.wire import Struct, provider_pb2

CONTAINER = "docker:index/container:Container"
VOLUME = "docker:index/volume:Volume"
IMAGE = "docker:index/remoteImage:RemoteImage"
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
    request = provider_pb2.DiffRequest(
        urn=urn(CONTAINER), old_inputs=struct(old), news=struct(new), olds=struct({**old, **outputs})
    )
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
            f"property uploads[0].source of {CONTAINER} is not supported by the offline plugin; "
            "install the official plugin",
        ),
        (
            "docker:index/tag:Tag",
            {},
            "resource type docker:index/tag:Tag is not supported by the offline plugin; "
            "install the official plugin",
        ),
        (CONTAINER, {"name": "web"}, f"property image of {CONTAINER} is missing"),
        (CONTAINER, {**WEB, "memory": "64"}, f"property memory of {CONTAINER} must be a number, not '64'"),
        (
            CONTAINER,
            {**WEB, "uploads": [{"file": "/a"}]},
            "upload of '/a' has 0 contents: give `content` or `content_base64`",
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


@pytest.mark.parametrize(
    ("new", "kinds", "first"),
    [
        ({**WEB, "memory": 128}, {"memory": KIND.UPDATE}, False),
        ({**WEB}, {"memory": KIND.DELETE_REPLACE}, True),
        ({**WEB, "memory": 64, "user": "1"}, {"user": KIND.ADD_REPLACE}, True),
        ({**WEB, "memory": 64, "name": "other"}, {"name": KIND.UPDATE_REPLACE}, False),
    ],
)
def test_limits_change_in_place_and_all_else_replaces(
    provider: Provider, new: dict[str, Any], kinds: dict[str, Any], first: bool
) -> None:
    plan = planned(provider, {**WEB, "memory": 64}, new)
    assert {path: change.kind for path, change in plan.detailedDiff.items()} == kinds
    assert plan.deleteBeforeReplace is first, "two containers of one name cannot be"


def test_a_stopped_container_that_must_run_is_replaced(provider: Provider) -> None:
    assert planned(provider, {**WEB, "mustRun": False}, {**WEB, "mustRun": True}).replaces == ["mustRun"]
    assert not planned(provider, {**WEB, "mustRun": True}, {**WEB, "mustRun": False}).replaces


def test_what_was_made_but_does_not_work_is_replaced(provider: Provider) -> None:
    plan = planned(provider, WEB, WEB, **{FAILED: True})
    assert list(plan.replaces) == [FAILED]
    assert plan.deleteBeforeReplace


def test_a_preview_of_a_new_container_knows_its_inputs_and_hides_its_secrets(provider: Provider) -> None:
    secret = {SIGNATURE: SECRET, "value": ["PASSWORD=hunter2"]}
    request = provider_pb2.CreateRequest(
        urn=urn(CONTAINER), preview=True, properties=struct({**WEB, "envs": secret})
    )
    outputs = provider.Create(request, None).properties
    assert outputs.fields["envs"].struct_value.fields[SIGNATURE].string_value == SECRET
    assert repr(plain(outputs)["networkDatas"]) == "<known after up>"
    assert plain(outputs)["image"] == "sha256:1"


@pytest.mark.parametrize("name", ["certPath", "context"])
def test_a_provider_option_that_would_be_ignored_is_refused(provider: Provider, name: str) -> None:
    request = provider_pb2.CheckRequest(urn=urn("pulumi:providers:docker"), news=struct({name: "x"}))
    assert f"property {name}" in provider.CheckConfig(request, None).failures[0].reason
