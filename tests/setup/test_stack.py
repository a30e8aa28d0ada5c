"""A stack's secret in a checkout: made, kept out of git or shared through it, and never lost."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.project import ROOT

PULUMI = ROOT / ".local" / "bin"
FILES = (".gitattributes", ".gitignore", "Pulumi.yaml", "setup/activate", "setup/say.sh")
SCRIPTS = ("setup/stack.sh", "setup/unsalted.sh")
STACK = '# A stack that somebody tries.\nconfig:\n  fate:release: "2.2.0"\n'
PROGRAM = "import pulumi\npulumi.export('sealed', pulumi.Output.secret('x'))\n"
LEFT_OUT = ("PULUMI_", "FATE_", "GIT_")
UP = "pulumi up --stack dev --yes --skip-preview"


@dataclass
class Checkout:
    """A checkout with a program that is quick, and a file for the stack dev."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, script: str, *, fails: bool = False) -> str:
        """Run a script in a shell of its own; return what it said."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(LEFT_OUT)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**kept, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{script} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def activated(self, script: str) -> str:
        return self.run(f". setup/activate\n{script}")

    @property
    def file(self) -> Path:
        return self.folder / "Pulumi.dev.yaml"

    @property
    def kept(self) -> Path:
        return self.folder / ".local" / "secret-keys" / "dev"

    def changes(self) -> str:
        return self.run("git status --porcelain")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if not (PULUMI / "pulumi").exists():
        pytest.skip("there is no .local/bin/pulumi; setup/pulumi.sh")
    for name in (*FILES, *SCRIPTS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "providers").symlink_to(ROOT / "providers")
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "bin").symlink_to(PULUMI)
    made = Checkout(tmp_path)
    # The link `.venv` is no folder, which alone is left out of git.
    made.run("git init --quiet . && echo .venv >>.git/info/exclude && git add .")
    made.run("git -c user.name=x -c user.email=x@x commit --quiet --message start")
    return made


def test_a_trial_leaves_the_tree_clean_and_a_git_checkout_loses_nothing(checkout: Checkout) -> None:
    before = checkout.file.read_bytes()
    told = checkout.run("setup/stack.sh dev")
    assert ".local/secret-keys/dev" in told, "where the secret is, is told"
    key = checkout.kept.read_text()
    assert len(key) == 64
    assert checkout.kept.stat().st_mode & 0o077 == 0, "only its owner reads it"
    checkout.activated(UP)
    assert not checkout.changes(), "nothing to commit, nothing to lose"
    checkout.run("git checkout --quiet Pulumi.dev.yaml; touch Pulumi.dev.yaml; git checkout --quiet .")
    checkout.file.write_bytes(before)  # as a `git stash` or another branch would leave it
    checkout.activated(f"{UP} --expect-no-changes\npulumi stack output sealed --show-secrets --stack dev")
    assert not checkout.run("git diff"), "there is nothing to lose by hand either"
    checkout.run("setup/stack.sh dev")
    assert checkout.kept.read_text() == key
    assert not checkout.changes()


def test_a_changed_key_shows_in_git_alone(checkout: Checkout) -> None:
    checkout.run("setup/stack.sh dev")
    checkout.activated("pulumi config set --stack dev --path fate:rotation.database 2")
    shown = checkout.run("git diff --unified=0")
    assert "database: 2" in shown
    assert "encryptionsalt" not in shown
    checkout.activated("pulumi config rm --stack dev fate:rotation")
    assert not checkout.changes()


def test_a_shared_stack_commits_its_secret_and_another_checkout_opens_it(
    checkout: Checkout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    checkout.run("setup/stack.sh dev")
    key = checkout.kept.read_text()
    checkout.activated(UP)
    assert "PULUMI_CONFIG_PASSPHRASE" in checkout.run("setup/stack.sh dev --shared", fails=True)
    assert checkout.kept.read_text() == key, "what is refused changes nothing"
    checkout.environment["PULUMI_CONFIG_PASSPHRASE"] = "what the team has"
    checkout.run("setup/stack.sh dev --shared")
    assert not checkout.kept.exists()
    assert "encryptionsalt" in checkout.run("git diff"), "the salt is committed with the secret that it opens"
    checkout.activated(f"{UP} --expect-no-changes")
    checkout.run("git -c user.name=x -c user.email=x@x commit --quiet --all --message shared")
    assert not checkout.changes()

    other = Checkout(tmp_path_factory.mktemp("other") / "clone", checkout.environment)
    shutil.copytree(checkout.folder, other.folder, symlinks=True, ignore=shutil.ignore_patterns("state"))
    (other.folder / ".local" / "passphrase").unlink()
    other.environment["PULUMI_BACKEND_URL"] = f"file://{checkout.folder}/.local/state?metadata=skip"
    other.run("setup/stack.sh dev")
    told = other.activated(f"{UP} --expect-no-changes\npulumi config get --stack dev fate:secret-key")
    assert told.splitlines()[-1] == key
    assert not other.changes()


def test_a_secret_that_stands_in_the_file_stays_until_it_is_asked_out(checkout: Checkout) -> None:
    checkout.activated(
        "printf once >.local/passphrase; mkdir .local/state; pulumi stack init dev\n"
        f"printf {'k' * 64} | pulumi config set --stack dev --secret fate:secret-key"
    )
    written = checkout.file.read_bytes()
    checkout.run("setup/stack.sh dev")
    assert checkout.file.read_bytes() == written
    checkout.run("setup/stack.sh dev --private")
    assert checkout.kept.read_text().strip() == "k" * 64, "nothing is lost"
    assert not checkout.changes()


def test_the_secret_of_a_stack_that_is_up_is_never_made_anew(checkout: Checkout) -> None:
    checkout.run("setup/stack.sh dev")
    checkout.activated(UP)
    checkout.kept.unlink()
    assert "its secret is neither in" in checkout.run("setup/stack.sh dev", fails=True)
    assert not checkout.kept.exists()


def test_a_passphrase_of_the_user_s_own_seals_the_secret_in_the_file(checkout: Checkout) -> None:
    checkout.environment["PULUMI_CONFIG_PASSPHRASE"] = "in a password store"
    assert "commit it" in checkout.run("setup/stack.sh dev")
    assert not checkout.kept.exists(), "it does not lie on disk in plain"
    assert not (checkout.folder / ".local" / "passphrase").exists()
