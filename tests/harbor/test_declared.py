"""What the classes of components/harbor declare, held against the plugin that is given it."""

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks

from components import harbor
from components.harbor import one_of
from components.harbor.resource import HarborResource
from diff.shape import Shape
from providers.harbor.__main__ import RESOURCES
from providers.harbor.configuration import SHAPE

KINDS = {kind.token.rpartition(":")[2]: kind for kind in RESOURCES}
NOT_INPUTS = ("self", "resource_name", "opts")


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def inputs_of(resource: type) -> set[str]:
    return {name for name in inspect.signature(resource).parameters if name not in NOT_INPUTS}


def test_each_resource_of_the_plugin_has_its_class() -> None:
    classes = {
        name
        for name, each in vars(harbor).items()
        if inspect.isclass(each) and issubclass(each, HarborResource)
    }
    assert classes == set(KINDS), "one for one"


@pytest.mark.parametrize(
    ("name", "shape"),
    [("HarborProvider", SHAPE), *((name, kind.shape) for name, kind in KINDS.items())],
    ids=["HarborProvider", *KINDS],
)
def test_a_class_takes_what_the_plugin_does(name: str, shape: Shape) -> None:
    resource = getattr(harbor, name)
    assert {camel(each) for each in inputs_of(resource)} == set(shape), (
        "no input is out of reach, none is dead"
    )
    needed = {
        camel(key)
        for key, one in inspect.signature(resource).parameters.items()
        if one.default is inspect.Parameter.empty and key in inputs_of(resource)
    }
    wanted = {key for key, prop in shape.items() if prop.required}
    optional = {"Retention": {"rules"}, "Replicated": {"artifacts"}}.get(name, set())
    assert needed == wanted | optional, "what has to be given has no default"


@pytest.mark.parametrize("name", KINDS)
def test_a_class_tells_what_the_plugin_does(name: str) -> None:
    told = {camel(each) for each in inspect.get_annotations(getattr(harbor, name))}
    assert told == {*KINDS[name].shape, *KINDS[name].computed} - {"adopt"}, "each is an attribute"


class Told(Mocks):
    """Answers each resource with its inputs, and one thing more."""

    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.inputs[args.typ] = dict(args.inputs)
        return "1", {**args.inputs, "fullName": "robot$fate+puller"}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        raise AssertionError(f"nothing calls {args.token}")


@pytest.fixture
def told() -> Iterator[Told]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks = Told()
    pulumi.runtime.set_mocks(mocks)
    yield mocks
    asyncio.set_event_loop(None)
    loop.close()


def test_names_are_translated_on_the_way_there_and_back(told: Told) -> None:
    @pulumi.runtime.test  # type: ignore[untyped-decorator] # Pulumi's has no types
    def declared() -> pulumi.Output[None]:
        robot = harbor.Robot(
            "it", name="puller", project="fate", duration_days=3, permissions=[], secret="First1234"
        )

        def check(name: str) -> None:
            assert name == "robot$fate+puller", "an output of the plugin is an attribute"

        return robot.full_name.apply(check)

    declared()
    assert told.inputs["fate-harbor:index:Robot"]["durationDays"] == 3, "and an attribute an input"


def test_keys_of_a_setting_are_harbors_own(told: Told) -> None:
    @pulumi.runtime.test  # type: ignore[untyped-decorator] # Pulumi's has no types
    def declared() -> pulumi.Output[Any]:
        return harbor.Settings("it", values={"session_timeout": 3}).urn

    declared()
    assert told.inputs["fate-harbor:index:Settings"] == {"values": {"session_timeout": 3}}, "not translated"


def test_secrets_are_secrets_whatever_the_program_says(told: Told) -> None:
    @pulumi.runtime.test  # type: ignore[untyped-decorator] # Pulumi's has no types
    def declared() -> pulumi.Output[None]:
        robot = harbor.Robot("it", name="puller", permissions=[], secret="First1234")
        registry = harbor.Registry("it", name="hub", url="http://hub", access_secret="Secret1x")

        async def check() -> None:
            marks = [await each.is_secret() for each in (robot.secret, registry.access_secret)]
            assert marks == [True, True], "no state and no preview has them in plain"

        return pulumi.Output.from_input(check())

    declared()


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["federatedai/b", "federatedai/a"], "federatedai/{a,b}"),
        (["federatedai/a", "federatedai/a"], "federatedai/a"),
        (["2.2.0", "1.11.0"], "{1.11.0,2.2.0}"),
        (["a/b/d", "a/b/c"], "a/b/{c,d}"),
    ],
)
def test_names_are_one_filter_that_asks_for_no_catalogue(names: list[str], pattern: str) -> None:
    assert one_of(names) == pattern, "one pair of braces in the last part, in an order of its own"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ([], "a filter for nothing would take everything"),
        (["federatedai/*"], r"'federatedai/\*' is a pattern"),
        (["federatedai/a", "library/b"], "the names are of 'federatedai', 'library'"),
    ],
)
def test_names_that_are_no_one_filter_are_refused(names: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        one_of(names)
