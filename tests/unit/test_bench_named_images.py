"""The names that a measurement gives to images, and takes away again."""

from types import SimpleNamespace
from typing import Any

import pytest

from bench import footprint
from bench.up import named_images
from bench.verdicts import CannotMeasureError
from images.recipes import RECIPES, recipe_digest

ADDRESS = "localhost:40000/fate-bench"
ASKED = [f"{ADDRESS}/{recipe}:1.2" for recipe in ("fateflow", "mariadb", "nginx", "rabbitmq")]


class Engine:
    """The images of an engine, each under the names of this checkout and of a mirror."""

    def __init__(self, recipes: tuple[str, ...]) -> None:
        self.tags = {tag for recipe in recipes for tag in self._usual(recipe)}
        self.before = set(self.tags)
        self.images = self
        self.recipes = recipes

    def _usual(self, recipe: str) -> tuple[str, ...]:
        name = f"fate/{recipe}:{recipe_digest(recipe)}"
        return (name, f"localhost:5000/{name}")

    def list(self) -> list[Any]:
        return [SimpleNamespace(tags=[*self._usual(recipe)], tag=self._tag) for recipe in self.recipes]

    def remove(self, name: str, **_: object) -> None:
        self.tags.remove(name)

    def _tag(self, repository: str, tag: str) -> None:
        self.tags.add(f"{repository}:{tag}")


def test_images_have_the_names_that_the_stack_asks_for_and_keep_only_those_they_had() -> None:
    engine: Any = Engine(RECIPES)
    with named_images(engine, ASKED):
        assert f"{ADDRESS}/fateflow:1.2" in engine.tags
        assert f"{ADDRESS}/mariadb:1.2" in engine.tags
    assert engine.tags == engine.before, "a name of the user's mirror must survive"


def test_an_image_that_is_not_built_is_told_and_nothing_stays_named() -> None:
    engine: Any = Engine(("fateflow", "mariadb"))
    with (
        pytest.raises(CannotMeasureError, match=r"no image nginx:.*Run make up"),
        named_images(engine, ASKED),
    ):
        raise AssertionError("an image is missing: nothing may be measured")
    assert engine.tags == engine.before


def test_only_images_that_are_there_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    there: Any = Engine(("fateflow", "mariadb"))
    monkeypatch.setattr(there, "list", lambda: [_sized(there, recipe) for recipe in there.recipes])
    monkeypatch.setattr(footprint, "connect", lambda: there)
    assert [each.measure for each in footprint.measure_images()] == [
        "size of image fateflow",
        "size of image mariadb",
    ], "a stack builds only what its parties run"
    there.recipes = ()
    with pytest.raises(CannotMeasureError, match=r"no image of a recipe.*Run make up"):
        footprint.measure_images()


def _sized(engine: Engine, recipe: str) -> SimpleNamespace:
    return SimpleNamespace(tags=list(engine._usual(recipe)), attrs={"Size": 1_000_000})
