"""The recipes: what their digests follow, and what every one of them promises."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from images import recipes

USERS = {"fateflow": 10001, "mariadb": 10002, "rabbitmq": 10003, "nginx": 10004, "registry": 10005}
OF_ALL = (recipes.BASE, *recipes.RECIPES)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the recipes' folder that a test may change."""
    for name in OF_ALL:
        shutil.copytree(recipes.context(name), tmp_path / name, ignore=shutil.ignore_patterns("made"))
    monkeypatch.setattr(recipes, "_ROOT", tmp_path)
    return tmp_path


def dockerfile(name: str) -> str:
    return (recipes.context(name) / "Dockerfile").read_text()


def text_of(name: str) -> str:
    return "\n".join(path.read_text() for path in recipes.recipe_files(name))


def normalised(pin: str) -> str:
    name, _, version = pin.partition("==")
    return f"{re.sub('[-_.]+', '-', name).lower()}=={version}"


def all_digests() -> dict[str, str]:
    return {name: recipes.recipe_digest(name) for name in OF_ALL}


def test_every_recipe_has_a_user_of_its_own() -> None:
    assert set(recipes.RECIPES) == set(USERS), "a recipe without an agreed user id"


def test_a_digest_is_the_same_wherever_the_checkout_lies(copied: Path) -> None:
    there = all_digests()
    for path in copied.rglob("*"):
        path.chmod(0o755)
    assert all_digests() == there, "a mode is no part of a recipe"
    assert all(re.fullmatch("[0-9a-f]{16}", digest) for digest in there.values())


def test_a_copy_of_the_recipes_has_the_digests_of_the_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = all_digests()
    for name in OF_ALL:
        shutil.copytree(recipes.context(name), tmp_path / name, ignore=shutil.ignore_patterns("made"))
    monkeypatch.setattr(recipes, "_ROOT", tmp_path)
    assert all_digests() == original


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_changed_file_changes_its_own_digest_only(copied: Path, name: str) -> None:
    before = all_digests()
    file = copied / name / "Dockerfile"
    file.write_text(file.read_text() + "# changed\n")
    changed = {other for other, digest in all_digests().items() if digest != before[other]}
    assert changed == {name}


def test_a_changed_base_changes_every_digest(copied: Path) -> None:
    before = all_digests()
    (copied / "base" / "slim.sh").write_text("exit 0\n")
    after = all_digests()
    assert all(after[name] != before[name] for name in OF_ALL), "every image stands on the base"


def test_a_renamed_file_changes_the_digest(copied: Path) -> None:
    before = recipes.recipe_digest("fateflow")
    (copied / "fateflow" / "take_torch.sh").rename(copied / "fateflow" / "take.sh")
    assert recipes.recipe_digest("fateflow") != before


@pytest.mark.parametrize("file", ["base/made/Dockerfile", "fateflow/__pycache__/fate_enum_fix.pyc"])
def test_what_belongs_to_the_machine_is_no_part_of_the_digest(copied: Path, file: str) -> None:
    before = recipes.recipe_digest("fateflow")
    (copied / file).parent.mkdir()
    (copied / file).write_text("this machine's own")
    assert recipes.recipe_digest("fateflow") == before


def test_what_a_build_may_not_keep_lies_outside_of_every_context() -> None:
    for name in OF_ALL:
        for path in recipes.build_secrets("fateflow").values():
            assert recipes.context(name) not in path.parents, f"the engine would get {path.name} with {name}"


def test_what_a_step_reads_as_a_secret_is_what_the_build_is_given() -> None:
    for name in recipes.RECIPES:
        named = set(re.findall(r"--mount=type=secret,id=([a-z.]+)", dockerfile(name)))
        assert named == set(recipes.build_secrets(name)), f"{name}: a step waits for what it is not given"


def test_two_owners_never_share_a_tag() -> None:
    long = "x" * 100
    owners = ("fate-dev", "fate-dev2", f"{long}-a", f"{long}-b")
    tags = [recipes.tag_of("nginx", owner) for owner in owners]
    assert len(set(tags)) == len(owners)
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", tag) for tag in tags), (
        "Docker takes no other"
    )
    assert all(tag.startswith(f"{recipes.recipe_digest('nginx')}-") for tag in tags)


def test_a_path_in_a_resource_is_the_same_on_every_machine() -> None:
    assert recipes.project_path(recipes.context("nginx")) == "./images/nginx"


def test_the_machine_s_own_files_are_kept_out_of_the_repository() -> None:
    made = recipes.context("base") / "made"
    for path in (
        *(recipes.SECRETS / name for name in ("machine.crt", "pip.conf", "a.crt")),
        made / "rootfs.tar",
    ):
        answer = subprocess.run(["git", "check-ignore", "-q", str(path)], cwd=recipes.SECRETS, check=False)
        assert answer.returncode == 0, f"git would take {path.name}"


def test_an_unknown_recipe_is_refused_with_those_that_exist() -> None:
    with pytest.raises(recipes.UnknownRecipeError, match=r"'pulsar' is not built here.*fateflow, mariadb"):
        recipes.recipe_digest("pulsar")


def test_the_references_follow_from_the_digests() -> None:
    assert recipes.base_reference() == f"fate-base:{recipes.recipe_digest('base')}"
    assert recipes.image_reference("nginx") == f"fate/nginx:{recipes.recipe_digest('nginx')}"
    assert recipes.build_arguments("nginx") == {"BASE": recipes.base_reference()}


def test_the_recipes_are_imported_without_docker() -> None:
    check = "import sys, images.recipes; sys.exit('docker' in sys.modules)"
    root = recipes.context("base").parent.parent
    assert subprocess.run([sys.executable, "-c", check], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_dockerfile_stands_on_the_base_and_ends_as_its_numeric_user(name: str) -> None:
    lines = dockerfile(name).splitlines()
    assert "ARG BASE" in lines
    origins = {line.split()[1] for line in lines if line.startswith("FROM ")}
    stages = {line.split()[3] for line in lines if re.match(r"FROM \S+ AS ", line)}
    assert origins - stages == {"${BASE}"}, "an image of another origin"
    assert [line for line in lines if line.startswith("USER ")][-1] == f"USER {USERS[name]}"


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_dockerfile_says_what_the_image_is(name: str) -> None:
    for label in ("title", "version", "licenses"):
        assert f"org.opencontainers.image.{label}=" in dockerfile(name)


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_dockerfile_makes_the_folder_of_secrets_for_its_user_alone(name: str) -> None:
    user = USERS[name]
    assert re.search(rf"install -d -m 0700 -o {user} -g {user} /run/secrets\b", dockerfile(name))


@pytest.mark.parametrize("name", OF_ALL)
def test_nothing_is_taken_by_a_moving_tag(name: str) -> None:
    assert "latest" not in text_of(name)


@pytest.mark.parametrize("name", OF_ALL)
def test_no_recipe_names_a_host(name: str) -> None:
    hosts = set(re.findall(r"https?://([^/\s\"'}]+)", text_of(name)))
    assert hosts == set(), "a recipe must build on any machine"


def test_every_listed_package_is_locked_by_its_hash() -> None:
    folder = recipes.context("fateflow")
    pin = re.compile(r"^([A-Za-z0-9._-]+==\S+)", re.MULTILINE)
    listed = {normalised(entry) for entry in pin.findall((folder / "requirements.in").read_text())}
    entries = re.split(r"(?m)^(?=\S)", (folder / "requirements.lock").read_text())
    locked = {normalised(entry.split()[0]): entry for entry in entries if "==" in entry}
    assert set(locked) == listed, "the lock is not that of the list: fate images lock"
    without = [
        name for name, entry in locked.items() if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry)
    ]
    assert without == [], "pip would refuse these"


def test_torch_never_comes_from_the_index() -> None:
    assert not re.search(r"^torch==", text_of("fateflow"), re.MULTILINE), "its wheels need NVIDIA's libraries"
