"""What is declared for FATE's official images, run in images that are laid out as those are.

Not the official images themselves, which no package registry has: their paths, users, programs and tools
(tests/contract/*/Dockerfile), and a stand-in for their Java that computes nothing (tests/contract/java.py).
"""

import subprocess
from collections.abc import Iterator

import pytest

from images import engine
from tests.contract import official
from tests.project import Project, Stack

STANDALONE = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
EGGROLL = {"computing": "eggroll", "storage": "eggroll", "federation": "osx"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    try:
        engine.connect().close()
    except engine.ImageError as reason:
        pytest.skip(str(reason))
    official.build_all()
    yield Project.at(tmp_path_factory.mktemp("official"))
    official.remove_all()


def brought_up(
    project: Project, name: str, release: str, engines: dict[str, str], *services: str
) -> Iterator[Stack]:
    """Bring a stack up for tests, and take it away after them, or where it does not come up."""
    parties = [{"id": "9999", "engines": engines}, {"id": "10000", "engines": engines}]
    runtime = {"kind": "docker"}
    values = {"release": release, "runtime": runtime, "images": official.images(*services)}
    with project.brought_up(name, {**values, "parties": parties}) as stack:
        yield stack


@pytest.fixture(scope="module")
def plain(project: Project) -> Iterator[Stack]:
    services = ("fateflow", "database", "broker", "gateway")
    yield from brought_up(project, "official", "2.0.0", STANDALONE, *services)


@pytest.fixture(scope="module")
def eggroll(project: Project) -> Iterator[Stack]:
    services = ("fateflow", "database", "osx", "clustermanager", "nodemanager")
    yield from brought_up(project, "official-eggroll", "2.2.0", EGGROLL, *services)


def logs(stack: Stack, service: str) -> str:
    command = ["docker", "logs", f"fate-{stack.name}-9999-{service}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return ended.stdout + ended.stderr


def secret_of(stack: Stack) -> str:
    """Return the database's password, as the cluster manager reads it."""
    command = [
        "docker",
        "exec",
        f"fate-{stack.name}-9999-clustermanager",
        "cat",
        "/run/secrets/database-password",
    ]
    secret = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert len(secret) == 48, "without a secret the search finds nothing by itself"
    return secret


def test_a_job_passes_between_parties_of_official_images(plain: Stack) -> None:
    ended = plain.doctor("--jobs", "toy", "--job-timeout", "300")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_eggroll_and_osx_find_each_other(eggroll: Stack) -> None:
    ended = eggroll.doctor("--jobs", "none")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for check in ("nodemanager-1", "osx to 10000", "clustermanager"):
        assert check in ended.stdout


@pytest.mark.parametrize("which", ["plain", "eggroll"])
def test_the_second_preview_is_empty(which: str, request: pytest.FixtureRequest) -> None:
    stack: Stack = request.getfixturevalue(which)
    assert stack.steps("--refresh") == {}


def test_no_password_is_in_a_log_of_eggroll(eggroll: Stack) -> None:
    told = "".join(logs(eggroll, name) for name in ("fateflow", "clustermanager", "nodemanager-1", "osx"))
    assert told
    assert secret_of(eggroll) not in told


def test_a_node_manager_that_is_lost_comes_back_with_its_volume(eggroll: Stack) -> None:
    name = "fate-official-eggroll-9999-nodemanager-1"
    kept = ["docker", "exec", name, "ls", "/data/projects/fate/eggroll/data"]
    before = subprocess.run(kept, capture_output=True, text=True, check=True).stdout
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=True)
    eggroll.up("--refresh")
    assert subprocess.run(kept, capture_output=True, text=True, check=True).stdout == before != ""
    ended = eggroll.doctor("--jobs", "none")
    assert ended.returncode == 0, ended.stdout + ended.stderr
