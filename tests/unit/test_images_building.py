"""Building by hand: what is said on the way, and how a failure is told."""

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import cast

import docker
import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from images import __main__ as command
from images import debian, engine, recipes


def an_engine(
    build: Callable[..., Iterator[dict[str, str]]], images: tuple[str, ...] = ()
) -> docker.DockerClient:
    def get(reference: str) -> SimpleNamespace:
        if reference not in images:
            raise ImageNotFound("absent")
        return SimpleNamespace(attrs={"Size": 82_000_000})

    def registry(reference: str) -> None:
        raise NotFound(f"no hub for {reference}")

    api = SimpleNamespace(build=build)
    return cast(
        docker.DockerClient,
        SimpleNamespace(api=api, images=SimpleNamespace(get=get, get_registry_data=registry)),
    )


def answering(entries: list[dict[str, str]]) -> docker.DockerClient:
    return an_engine(lambda **_: iter(entries))


def test_a_build_tells_its_steps_and_returns_the_reference() -> None:
    said: list[str] = []
    steps = [
        {"stream": "Step 1/2 : ARG BASE"},
        {"stream": "\n"},
        {"stream": "noise"},
        {"stream": "Step 2/2 : USER 1"},
    ]
    assert engine.build(answering(steps), "nginx", said.append) == recipes.image_reference("nginx")
    assert said == ["nginx: Step 1/2 : ARG BASE", "nginx: Step 2/2 : USER 1"]


def test_a_build_hands_over_the_base_and_nothing_of_the_machine() -> None:
    asked: dict[str, object] = {}

    def build(**arguments: object) -> Iterator[dict[str, str]]:
        asked.update(arguments)
        return iter(())

    engine.build(an_engine(build), "fateflow", print)
    assert asked["buildargs"] == {"BASE": recipes.base_reference()}


def test_a_failed_step_is_told_with_its_last_lines_and_a_remedy() -> None:
    steps = [{"stream": f"line {number}"} for number in range(40)] + [
        {"error": "returned a non-zero code: 1"}
    ]
    with pytest.raises(engine.ImageError) as fault:
        engine.build(answering(steps), "fateflow", lambda _: None)
    text = str(fault.value)
    assert "'fateflow' was not built: returned a non-zero code: 1" in text
    assert "line 39" in text
    assert "line 3\n" not in text, "only the end of a long log"
    assert "trust/README.md" in text


def test_an_engine_that_refuses_is_told_without_a_traceback() -> None:
    def refuse(**_: object) -> Iterator[dict[str, str]]:
        raise APIError("500", explanation="no space left on device")

    with pytest.raises(engine.ImageError, match="refused to build 'nginx': no space left on device"):
        engine.build(an_engine(refuse), "nginx", print)


def without_a_hub(monkeypatch: pytest.MonkeyPatch, *images: str) -> None:
    client = an_engine(lambda **_: iter(()), images)
    monkeypatch.setattr(debian, "connect", lambda *_, **__: client)


def test_a_base_that_is_there_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_hub(monkeypatch, recipes.base_reference())
    monkeypatch.setattr(debian, "_bootstrap", lambda *_: pytest.fail("made again"))
    assert debian.ensure_base(None, print) == recipes.base_reference()


def test_the_official_debian_is_used_where_the_engine_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_hub(monkeypatch, debian.official_image())
    monkeypatch.setattr(debian, "_bootstrap", lambda *_: pytest.fail("no need to bootstrap"))
    said: list[str] = []
    assert debian.ensure_base(None, said.append) == recipes.base_reference()
    assert debian.official_image() in said[0]


def test_without_hub_and_debootstrap_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_hub(monkeypatch)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(engine.ImageError, match="apt-get install debootstrap"):
        debian.ensure_base(None, print)


def test_without_root_the_command_to_run_as_root_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_hub(monkeypatch)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/sbin/debootstrap")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(engine.ImageError, match=re.escape("sudo .venv/bin/python -m images base")):
        debian.ensure_base(None, print)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["build", "pulsar"], "image 'pulsar' is not built here; write one of: fateflow"),
        (["sbom"], "write --all or one of"),
        (["list", "--host", "unix:///nowhere.sock"], "no Docker engine answers at unix:///nowhere.sock"),
    ],
)
def test_a_command_that_cannot_work_ends_with_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(arguments) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert says in told
    assert "Traceback" not in told
