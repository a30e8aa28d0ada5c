"""What the program declares in a Harbor, run by Pulumi with the plugin: parties find what they pull."""

import json
from pathlib import Path

import pytest

from components.services.harbor_secrets import robot_secret
from tests.harbor.project import Stack
from tests.harbor.state import ADMIN, State

PROGRAM = """
import json, os, sys
sys.path.insert(0, os.environ["CHECKOUT"])
import pulumi
from components.filling import filled_harbor
from components.images import pulled_images
from config import load

settings = load(json.loads(os.environ["STACK"]))
given = {"admin": pulumi.Output.secret(os.environ["HARBOR_PASSWORD"])}
nowhere = dict.fromkeys(["", *(party.id for party in settings.parties)])
made, told = filled_harbor(settings, nowhere, pulumi.Output.secret(os.environ["KEY"]), given)
for name, value in {**told, "held": pulled_images(settings, None)}.items():
    pulumi.export(name, value)
"""
KEY = "test-only-" + "k" * 32
DIGESTS = {
    "federatedai/fateflow:2.0.0-release": "sha256:" + "1" * 64,
    "federatedai/nginx:2.0.0-release": "sha256:" + "2" * 64,
    "federatedai/rabbitmq:3.8.3-management": "sha256:" + "3" * 64,
    "federatedai/spark-master:2.0.0-release": "sha256:" + "4" * 64,
    "library/mysql:8.0.28": "sha256:" + "5" * 64,
}
"""What the upstream has: what the two parties run, and an image that none does."""
ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
UPSTREAM = "http://upstream.example"


def values(url: str, *, adopt: bool = False, order: tuple[str, ...] = ("9999", "10000")) -> str:
    """Return a stack whose Harbor others run, as its file has it."""
    harbor = {
        "password": {"secret": "admin"},
        "replicate": {"from": {"url": UPSTREAM}},
        "retention": {"latest": 10, "cron": "0 0 4 * * *"},
        "garbage-collection": "0 0 5 * * 0",
        "adopt": adopt,
    }
    address = f"{url.removeprefix('http://')}/bank"
    stack = {
        "release": "2.0.0",
        "runtime": {"kind": "docker"},
        "images": {"from": "hub", "digests": {"library/mysql": DIGESTS["library/mysql:8.0.28"]}},
        "mirror": {"kind": "external", "address": address, "plain-http": True, "harbor": harbor},
        "secrets": {"admin": {"secure": "v1:nonce:text"}},
        "parties": [{"id": id, "engines": ENGINES} for id in order],
    }
    return json.dumps(stack)


@pytest.fixture
def stack(tmp_path: Path, url: str, state: State) -> Stack:
    for reference, digest in DIGESTS.items():
        name, tag = reference.split(":")
        state.upstreams[UPSTREAM].repositories.setdefault(name, {})[tag] = digest
    return Stack.of(tmp_path, url, PROGRAM)


def run(stack: Stack, *command: str, **how: object) -> tuple[int, str]:
    return stack.run(*command, KEY=KEY, STACK=values(stack.url, **how))  # type: ignore[arg-type]


def test_the_program_fills_a_harbor_and_finds_nothing_to_do_after_it(stack: Stack, state: State) -> None:
    status, text = run(stack, "up", "--yes", "--skip-preview")
    assert status == 0, text
    names = {f"bank/{each.partition(':')[0]}" for each in DIGESTS if "spark" not in each}
    assert set(state.images) == names, "exactly what the parties run, under the names that they pull"

    outputs = json.loads(stack.run("stack", "output", "--json", "--show-secrets")[1])
    held = {reference.partition("@")[0].partition("/bank/")[2] for reference in outputs["held"].values()}
    assert {f"bank/{each.partition(':')[0]}" for each in held} == names, "each reference leads to an image"
    robots = outputs["harbor-robots"]
    assert robots["9999"]["user"] == "robot$bank+party-9999"
    secrets = {each["name"]: each["kept_secret"] for each in state.robots.values()}
    assert secrets[robots["9999"]["user"]] == robots["9999"]["password"] == secret_of("party-9999")
    assert set(secrets) == {f"robot$bank+{name}" for name in ("party-9999", "party-10000", "push")}

    for command in ("preview", "refresh"):
        how = ["--yes", "--skip-preview"] if command == "refresh" else []
        status, text = run(stack, command, *how, "--expect-no-changes")
        assert status == 0, f"the second {command} is not empty: {text}"
    status, text = run(stack, "preview", "--expect-no-changes", order=("10000", "9999"))
    assert status == 0, f"the order of parties is something: {text}"
    state.crashed = True
    status, text = run(stack, "refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert status == 0, f"an `up --refresh` could not start a Harbor of the stack anew: {text}"
    assert "What is in it was not looked at" in text, "and that is told"
    state.crashed = False
    plain = [ADMIN[1], KEY, *(each["password"] for each in robots.values())]
    assert not [secret for secret in plain if secret in stack.kept], "no state has a secret in plain"


def test_images_outlive_the_stack_and_are_taken_up_when_it_says_so(stack: Stack, state: State) -> None:
    assert run(stack, "up", "--yes", "--skip-preview")[0] == 0
    images = dict(state.images)
    status, text = run(stack, "destroy", "--yes", "--skip-preview")
    assert status == 0, text
    assert state.images == images, "no image is lost by a destroy"
    assert (state.robots, state.policies, state.registries.keys() - {1}) == ({}, {}, set())

    status, text = run(stack, "up", "--yes", "--skip-preview")
    assert status != 0, "what this stack did not make was taken over unasked"
    assert "is there already, and this stack did not make it: set `adopt` to true" in text
    status, text = run(stack, "up", "--yes", "--skip-preview", adopt=True)
    assert status == 0, text


def test_an_image_that_the_upstream_lacks_is_named(stack: Stack, state: State) -> None:
    del state.upstreams[UPSTREAM].repositories["federatedai/rabbitmq"]["3.8.3-management"]
    status, text = run(stack, "up", "--yes", "--skip-preview")
    assert status != 0, "Harbor calls such a run a success, and the party would wait for an image"
    assert "bank/federatedai/rabbitmq:3.8.3-management is missing" in text


def secret_of(robot: str) -> str:
    return robot_secret(KEY, "harbor", robot)
