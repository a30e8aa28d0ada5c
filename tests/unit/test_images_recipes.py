"""The recipes: what their digests follow, and what every one of them promises."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from images import recipes
from images.trust import HANDED_OVER

USERS = {
    "fateflow": 10001,
    "fateflow-spark": 10001,
    "hadoop": 10006,
    "mariadb": 10002,
    "nginx": 10004,
    "notebook": 10008,
    "pulsar": 10007,
    "rabbitmq": 10003,
    "registry": 10005,
}
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


def test_every_recipe_has_a_user_of_its_own_or_that_of_what_it_stands_on() -> None:
    assert set(recipes.RECIPES) == set(USERS), "a recipe without an agreed user id"
    own = [USERS[name] for name in recipes.RECIPES if name != "fateflow-spark"]
    assert len(set(own)) == len(own)
    assert "fateflow" in recipes.parents("fateflow-spark")


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
def test_a_changed_file_changes_the_digests_of_its_recipe_and_of_those_that_stand_on_it(
    copied: Path, name: str
) -> None:
    before = all_digests()
    file = copied / name / "Dockerfile"
    file.write_text(file.read_text() + "# changed\n")
    changed = {other for other, digest in all_digests().items() if digest != before[other]}
    assert changed == {other for other in OF_ALL if name in recipes.lineage((other,))}


@pytest.fixture
def on_two(copied: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a recipe that stands on one recipe and takes files from another."""
    (copied / "on-two").mkdir()
    (copied / "on-two" / "Dockerfile").write_text(
        "ARG BASE\nARG FATEFLOW_SPARK\nARG HADOOP\n"
        "FROM ${HADOOP} AS hadoop\nARG VERSION\nFROM ${FATEFLOW_SPARK}\nCOPY --from=hadoop /opt /opt\n"
    )
    monkeypatch.setattr(recipes, "RECIPES", (*recipes.RECIPES, "on-two"))
    return "on-two"


def test_the_parents_of_a_recipe_are_the_arguments_before_its_first_stage(on_two: str) -> None:
    assert recipes.parents(on_two) == ("base", "fateflow-spark", "hadoop")
    assert recipes.parents("base") == ()


def test_a_lineage_has_every_recipe_once_and_after_its_parents(on_two: str) -> None:
    assert recipes.lineage((on_two,)) == ("base", "fateflow", "fateflow-spark", "hadoop", on_two)
    assert recipes.lineage(("nginx", "fateflow", "nginx")) == ("base", "nginx", "fateflow")


def test_the_digest_of_a_recipe_follows_all_of_its_lineage(copied: Path, on_two: str) -> None:
    before = recipes.recipe_digest(on_two)
    (copied / "fateflow" / "lay_out.sh").write_text("exit 0\n")
    assert recipes.recipe_digest(on_two) != before, "a parent's parent is another one"


def test_every_parent_is_handed_over_by_its_argument(on_two: str) -> None:
    assert recipes.build_arguments(on_two) == {
        "BASE": recipes.base_reference(),
        "FATEFLOW_SPARK": recipes.image_reference("fateflow-spark"),
        "HADOOP": recipes.image_reference("hadoop"),
    }


def test_a_parent_that_is_no_recipe_is_refused_by_its_name(copied: Path) -> None:
    file = copied / "nginx" / "Dockerfile"
    file.write_text(file.read_text().replace("ARG BASE", "ARG ALPINE"))
    with pytest.raises(recipes.UnknownRecipeError, match="'alpine' is not built here"):
        recipes.recipe_digest("nginx")


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
        for secret in HANDED_OVER:
            assert recipes.context(name) not in (recipes.SECRETS / secret).parents, (
                f"the engine would get {secret} with {name}"
            )


def test_a_build_is_given_the_secrets_that_its_steps_read() -> None:
    for name in OF_ALL:
        named = re.findall(r"type=secret,id=([^ ,]+)", dockerfile(name))
        given = recipes.build_secrets(name)
        assert set(named) == set(given), f"{name}: a step waits for what it is not given"
        assert set(given) <= set(HANDED_OVER), f"{name}: nobody writes that down"
    assert list(recipes.build_secrets("fateflow-spark")) == ["cargo.toml", "machine.crt", "pip.conf"]


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
        *(recipes.SECRETS / name for name in (*HANDED_OVER, "a.crt")),
        made / "rootfs.tar",
    ):
        answer = subprocess.run(["git", "check-ignore", "-q", str(path)], cwd=recipes.SECRETS, check=False)
        assert answer.returncode == 0, f"git would take {path.name}"


def test_an_unknown_recipe_is_refused_with_those_that_exist() -> None:
    with pytest.raises(recipes.UnknownRecipeError, match=r"'eggroll' is not built here.*fateflow, .*mariadb"):
        recipes.recipe_digest("eggroll")


def test_the_references_follow_from_the_digests() -> None:
    assert recipes.base_reference() == f"fate-base:{recipes.recipe_digest('base')}"
    assert recipes.image_reference("nginx") == f"fate/nginx:{recipes.recipe_digest('nginx')}"
    assert recipes.build_arguments("nginx") == {"BASE": recipes.base_reference()}


def test_the_recipes_are_imported_without_docker() -> None:
    check = "import sys, images.recipes; sys.exit('docker' in sys.modules)"
    root = recipes.context("base").parent.parent
    assert subprocess.run([sys.executable, "-c", check], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_dockerfile_stands_on_other_recipes_and_ends_as_its_numeric_user(name: str) -> None:
    lines = dockerfile(name).splitlines()
    origins = {line.split()[1] for line in lines if line.startswith("FROM ")}
    stages = {line.split()[3] for line in lines if re.match(r"FROM \S+ AS ", line)}
    parents = {f"${{{recipes.argument_of(parent)}}}" for parent in recipes.parents(name)}
    assert recipes.lineage((name,))[0] == recipes.BASE
    assert origins - stages == parents, "an image of another origin, or a parent that nothing is taken from"
    assert [line for line in lines if line.startswith("USER ")][-1] == f"USER {USERS[name]}"


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_dockerfile_says_what_the_image_is(name: str) -> None:
    for label in ("title", "version", "licenses"):
        assert f"org.opencontainers.image.{label}=" in dockerfile(name)


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_dockerfile_makes_the_folder_of_secrets_for_its_user_alone(name: str) -> None:
    user = USERS[name]
    inherited = "".join(map(dockerfile, recipes.lineage((name,))))
    assert re.search(rf"install -d -m 0700 -o {user} -g {user} /run/secrets\b", inherited)


@pytest.mark.parametrize("name", OF_ALL)
def test_nothing_is_taken_by_a_moving_tag(name: str) -> None:
    assert "latest" not in text_of(name)


@pytest.mark.parametrize("name", OF_ALL)
def test_no_recipe_names_a_host(name: str) -> None:
    hosts = set(re.findall(r"https?://([^/\s\"'}]+)", text_of(name)))
    assert hosts == set(), "a recipe must build on any machine"


@pytest.mark.parametrize(
    "name", ["check_jars.sh", "take_jars.sh", "take_java.sh", "install_wheels.sh", "slim_python.sh"]
)
def test_a_script_of_several_recipes_is_one_text(name: str) -> None:
    texts = [
        path.read_text() for recipe in OF_ALL for path in recipes.recipe_files(recipe) if path.name == name
    ]
    assert len(texts) > 1
    assert len(set(texts)) == 1, f"{name} was changed in one recipe and not in the others"


def test_recipes_with_java_share_the_stages_that_make_it() -> None:
    stages = {
        re.sub(
            r"(?s).*?^(FROM \$\{BASE\} AS jdk\n.*?take_java\.sh /out)\n.*",
            r"\1",
            dockerfile(name),
            flags=re.M,
        )
        for name in ("hadoop", "pulsar", "fateflow-spark")
    }
    assert len(stages) == 1, "each builds Java anew where its steps differ"


def test_the_crate_is_locked_by_its_checksum_and_told_in_the_bill_of_materials() -> None:
    folder = recipes.context("fateflow-spark")
    crate = re.search(r'(?m)^(\S+) = "=(\S+)"$', (folder / "Cargo.toml").read_text())
    assert crate
    name, version = crate.groups()
    assert re.fullmatch(rf"[0-9a-f]{{64}}  {name}-{version}\.crate\n", (folder / "crate.lock").read_text())
    assert f"pkg:cargo/{name}@{version}" in (folder / "take_libhdfs.sh").read_text()


@pytest.mark.parametrize("name", ["fateflow", "fateflow-spark", "notebook"])
def test_every_listed_package_is_locked_by_its_hash(name: str) -> None:
    folder = recipes.context(name)
    pin = re.compile(r"^([A-Za-z0-9._-]+==\S+)", re.MULTILINE)
    listed = {normalised(entry) for entry in pin.findall((folder / "requirements.in").read_text())}
    entries = re.split(r"(?m)^(?=\S)", (folder / "requirements.lock").read_text())
    locked = {normalised(entry.split()[0]): entry for entry in entries if "==" in entry}
    assert set(locked) == listed, f"the lock is not that of the list: fate images lock {name}"
    without = [
        name for name, entry in locked.items() if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry)
    ]
    assert without == [], "pip would refuse these"


@pytest.mark.parametrize("name", ["hadoop", "pulsar"])
def test_every_jar_is_locked_by_its_checksum_and_its_path_in_a_repository(name: str) -> None:
    jar = re.compile(
        r"[0-9a-f]{64}  ([\w.-]+/)+(?P<name>[\w.-]+)/(?P<version>[\w.-]+)/"
        r"(?P=name)-(?P=version)(-[\w-]+)?\.jar"
    )
    lines = (recipes.context(name) / "jars.lock").read_text().splitlines()[1:]
    assert [line for line in lines if not jar.fullmatch(line)] == []
    paths = [line.split()[1] for line in lines]
    assert paths == sorted(set(paths))
    files = [path.rpartition("/")[2] for path in paths]
    assert len(set(files)) == len(files), "two would lie on the class path under one name"


def checked(folder: Path, lock: str) -> subprocess.CompletedProcess[str]:
    (folder / "jars.lock").write_text(lock)
    script = recipes.context("hadoop") / "check_jars.sh"
    command = ["sh", str(script), str(folder / "jars"), str(folder / "jars.lock")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_build_takes_the_jars_of_the_lock_and_names_any_other(tmp_path: Path) -> None:
    lines = []
    for path in ("org/a/1/a-1.jar", "org/b/1/b-1.jar"):
        jar = tmp_path / "jars" / path
        jar.parent.mkdir(parents=True)
        jar.write_text(path)
        lines.append(f"{hashlib.sha256(path.encode()).hexdigest()}  {path}\n")
    a, b = lines
    assert checked(tmp_path, f"# Made by fate images lock\n{a}{b}").returncode == 0
    for lock, fault in (
        (a, "org/b/1/b-1.jar: not in jars.lock"),
        (a + a.replace("a/1/a-1", "b/1/b-1"), "org/b/1/b-1.jar: FAILED"),
        (a + b + b.replace("b-1.jar", "b-2.jar"), "org/b/1/b-2.jar: FAILED open or read"),
    ):
        told = checked(tmp_path, lock)
        assert told.returncode != 0, f"{fault} is let through"
        assert fault in told.stdout + told.stderr


@pytest.mark.parametrize("name", ["hadoop", "pulsar"])
def test_what_a_pom_names_is_in_its_lock(name: str) -> None:
    folder = recipes.context(name)
    pom = re.sub(
        r"(?s)<exclusions>.*?</exclusions>|<dependencyManagement>.*?</dependencyManagement>|<build>.*",
        "",
        (folder / "pom.xml").read_text(),
    )
    named = re.findall(r"<groupId>([\w.-]+)</groupId>\s*<artifactId>([\w.-]+)</artifactId>", pom)[1:]
    locked = (folder / "jars.lock").read_text()
    assert named
    for group, artifact in named:
        assert f"  {group.replace('.', '/')}/{artifact}/" in locked, f"fate images lock {name}"


@pytest.mark.parametrize("name", ["fateflow", "fateflow-spark", "notebook"])
def test_torch_never_comes_from_the_index(name: str) -> None:
    assert not re.search(r"^torch==", text_of(name), re.MULTILINE), "its wheels need NVIDIA's libraries"
