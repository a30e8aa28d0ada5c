"""A stack with all that is in a Harbor, run by Pulumi itself: the plugin is found by its folder."""

import json
from pathlib import Path

import pytest

from tests.harbor.project import Stack
from tests.harbor.state import ADMIN, State

PROGRAM = """
import os, sys
sys.path.insert(0, os.environ["CHECKOUT"])
import pulumi
from components import harbor
provider = harbor.HarborProvider("harbor", url=os.environ["HARBOR_URL"],
    password=os.environ["HARBOR_PASSWORD"])
of = pulumi.ResourceOptions(provider=provider)
hub = harbor.Registry("hub", name="closed", url="https://closed.example", access_key="ann",
    access_secret="Secret1x", opts=of)
mirror = harbor.Project("mirror", name="mirror", quota=int(os.environ.get("QUOTA", "-1")), opts=of)
harbor.Project("cache", name="cache", registry_id=hub.id, opts=of)
take = harbor.Replication("take", name="take", registry_id=hub.id, namespace=mirror.name,
    filters=[{"type": "name", "value": harbor.one_of(["federatedai/a", "federatedai/b"])}], opts=of)
run = harbor.Replicated("run", replication_id=take.id, project=mirror.name,
    artifacts=[{"repository": "a", "tag": "1.0"}, {"repository": "b", "tag": "1.0"}], opts=of)
pull = [{"resource": "repository", "action": "pull"}]
puller = harbor.Robot("puller", name="puller", project=mirror.name, secret="First1234",
    permissions=[{"namespace": mirror.name, "access": pull}], opts=of)
harbor.Retention("keep", project=mirror.name, rules=[{"template": "always"}], opts=of)
harbor.GarbageCollection("gc", cron="0 0 5 * * 0", opts=of)
harbor.Settings("settings", values={"session_timeout": 30}, opts=of)
pulumi.export("robot", puller.full_name)
pulumi.export("digests", run.digests)
"""
SECRETS = (ADMIN[1], "Secret1x", "First1234")


@pytest.fixture
def stack(tmp_path: Path, url: str) -> Stack:
    return Stack.of(tmp_path, url, PROGRAM)


def test_pulumi_finds_the_plugin_and_makes_all_of_it(stack: Stack, state: State) -> None:
    status, text = stack.run("up", "--yes", "--skip-preview")
    assert status == 0, text
    status, outputs = stack.run("stack", "output", "--json")
    assert json.loads(outputs)["robot"] == "robot$mirror+puller", "what Harbor tells is an output"
    assert set(state.images) == {"mirror/a", "mirror/b"}, "the images are there"

    status, text = stack.run("preview", "--expect-no-changes")
    assert status == 0, f"the second preview is not empty: {text}"
    status, text = stack.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert status == 0, f"the refresh is not empty: {text}"

    status, text = stack.run("preview", "--diff", QUOTA="5000")
    assert "~ quota: -1 => 5000" in text, f"a diff is the line that changed: {text}"

    assert not [secret for secret in SECRETS if secret in stack.kept], "no state has a secret in plain"

    status, text = stack.run("destroy", "--yes", "--skip-preview")
    assert status != 0, "what holds images is not taken away"
    assert "project mirror holds images and is not deleted: mirror/a, mirror/b" in text, "and says which"
    assert set(state.images) == {"mirror/a", "mirror/b"}, "every image is there"
    assert not [secret for secret in SECRETS if secret in text], "and no secret was told"
