"""Building by hand: what is said on the way, and how a failure is told."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import docker
import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from images import base_context, buildkit, debian, engine, recipes, trust
from ops.__main__ import main


def an_engine(images: tuple[str, ...] = ()) -> docker.DockerClient:
    def get(reference: str) -> SimpleNamespace:
        if reference not in images:
            raise ImageNotFound("absent")
        return SimpleNamespace(attrs={"Size": 82_000_000})

    def registry(reference: str) -> None:
        raise NotFound(f"no hub for {reference}")

    return cast(
        docker.DockerClient,
        SimpleNamespace(api=None, images=SimpleNamespace(get=get, get_registry_data=registry)),
    )


def building(monkeypatch: pytest.MonkeyPatch, run: Callable[..., Iterator[dict[str, str]]]) -> None:
    monkeypatch.setattr(buildkit, "run", run)


def test_a_build_tells_its_steps_and_returns_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    steps = [
        {"stream": "Step 1/2 : ARG BASE"},
        {"stream": "\n"},
        {"stream": "noise"},
        {"stream": "Step 2/2 : USER 1"},
    ]
    building(monkeypatch, lambda *_: iter(steps))
    assert engine.build(an_engine(), "nginx", said.append) == recipes.image_reference("nginx")
    assert said == ["nginx: Step 1/2 : ARG BASE", "nginx: Step 2/2 : USER 1"]


def test_what_the_machine_hands_over_is_a_secret_and_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[buildkit.Build] = []

    def run(_: object, build: buildkit.Build) -> Iterator[dict[str, str]]:
        asked.append(build)
        return iter(())

    building(monkeypatch, run)
    monkeypatch.setattr(engine, "_proxies", dict)
    engine.build(an_engine(), "fateflow", print)
    assert asked[0].arguments == {"BASE": recipes.base_reference()}
    assert set(asked[0].secrets) == {"machine.crt", "pip.conf"}


def test_what_an_image_stands_on_is_built_first_unless_it_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = recipes.image_reference("hadoop")
    built: list[str] = []
    monkeypatch.setattr(engine, "connect", lambda *_: an_engine((there,)))
    monkeypatch.setattr(engine, "build", lambda _, name, __: built.append(name))
    monkeypatch.setattr(debian, "ensure_base", lambda *_: recipes.base_reference())
    monkeypatch.setattr(trust, "hand_over", lambda: None)
    assert main(["images", "build", "fateflow-spark", "hadoop"]) == 0
    assert built == ["fateflow", "fateflow-spark"]
    assert capsys.readouterr().out.splitlines()[1:] == [
        recipes.image_reference(name) for name in ("fateflow", "fateflow-spark", "hadoop")
    ]


def test_a_failed_step_is_told_with_its_last_lines_and_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [{"stream": f"line {number}"} for number in range(40)] + [
        {"error": "returned a non-zero code: 1"}
    ]
    building(monkeypatch, lambda *_: iter(steps))
    with pytest.raises(engine.ImageError) as fault:
        engine.build(an_engine(), "fateflow", lambda _: None)
    text = str(fault.value)
    assert "'fateflow' was not built: returned a non-zero code: 1" in text
    assert "line 39" in text
    assert "line 3\n" not in text, "only the end of a long log"
    assert "images/secrets/README.md" in text


def test_an_engine_that_refuses_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Iterator[dict[str, str]]:
        raise APIError("500", explanation="no space left on device")

    building(monkeypatch, refuse)
    with pytest.raises(engine.ImageError, match="refused to build 'nginx': no space left on device"):
        engine.build(an_engine(), "nginx", print)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder in the place of what this checkout made for the base; no other has made any."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setattr(base_context, "folder", lambda: tmp_path / "made")
    return tmp_path / "made"


def without_a_hub(monkeypatch: pytest.MonkeyPatch, *images: str) -> None:
    monkeypatch.setattr(debian, "connect", lambda *_, **__: an_engine(images))


@pytest.mark.usefixtures("made")
def test_a_base_that_is_there_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_hub(monkeypatch, recipes.base_reference())
    monkeypatch.setattr(debian, "prepare_base", lambda *_: pytest.fail("made again"))
    assert debian.ensure_base(None, print) == recipes.base_reference()


def test_the_official_debian_is_used_where_the_engine_has_it(
    monkeypatch: pytest.MonkeyPatch, made: Path
) -> None:
    without_a_hub(monkeypatch, debian.official_image())
    monkeypatch.setattr(debian, "_bootstrap", lambda *_: pytest.fail("no need to bootstrap"))
    said: list[str] = []
    debian.prepare_base(None, said.append)
    assert debian.official_image() in said[0]
    assert (made / "Dockerfile").read_text() == (recipes.context("base") / "Dockerfile").read_text()
    assert (made / "slim.sh").is_file(), "the Dockerfile copies it"


def test_what_was_bootstrapped_is_what_every_engine_builds_from(
    monkeypatch: pytest.MonkeyPatch, made: Path
) -> None:
    without_a_hub(monkeypatch)
    monkeypatch.setattr(debian, "_bootstrap", lambda _, archive, __: archive.write_text("a root"))
    made.mkdir()
    (made / "rootfs-0123456789abcdef.tar").write_text("an earlier recipe's")
    debian.prepare_base(None, print)
    (archive,) = made.glob("rootfs-*.tar")
    assert archive.name == f"rootfs-{recipes.recipe_digest('base')}.tar", "of the earlier one nothing stays"
    assert f"ADD {archive.name} /" in (made / "Dockerfile").read_text()


def test_a_root_filesystem_that_is_there_is_not_made_again(
    monkeypatch: pytest.MonkeyPatch, made: Path
) -> None:
    monkeypatch.setattr(debian, "connect", lambda *_, **__: pytest.fail("no engine need be asked"))
    made.mkdir()
    (made / f"rootfs-{recipes.recipe_digest('base')}.tar").write_text("a root")
    debian.prepare_base(None, print)
    assert "FROM scratch" in (made / "Dockerfile").read_text()


def test_another_checkout_builds_from_the_same_bytes(monkeypatch: pytest.MonkeyPatch, made: Path) -> None:
    without_a_hub(monkeypatch)
    monkeypatch.setattr(debian, "_bootstrap", lambda _, archive, __: archive.write_text("a root"))
    debian.prepare_base(None, print)
    monkeypatch.setattr(base_context, "folder", lambda: made.with_name("other"))
    monkeypatch.setattr(debian, "_bootstrap", lambda *_: pytest.fail("made again: every image is built anew"))
    debian.prepare_base(None, print)
    (archive,) = made.with_name("other").glob("rootfs-*")
    assert archive.read_text() == "a root"


@pytest.mark.usefixtures("made")
def test_without_hub_and_debootstrap_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_hub(monkeypatch)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(engine.ImageError, match="apt-get install debootstrap"):
        debian.prepare_base(None, print)


@pytest.mark.usefixtures("made")
def test_without_root_the_command_to_run_as_root_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_hub(monkeypatch)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/sbin/debootstrap")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(engine.ImageError, match=re.escape("sudo fate images base")):
        debian.prepare_base(None, print)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["build", "eggroll"], "image 'eggroll' is not built here; write one of: fateflow"),
        (["lock", "eggroll"], "image 'eggroll' is not built here; write one of: fateflow"),
        (["sbom"], "write --all or one of"),
        (["list", "--host", "unix:///nowhere.sock"], "no Docker engine answers at unix:///nowhere.sock"),
    ],
)
def test_a_command_that_cannot_work_ends_with_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["images", *arguments]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert says in told
    assert "Traceback" not in told
