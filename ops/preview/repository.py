"""What is asked of git: commits, their common ground, and a folder for each side. Changes no branch."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKTREE = "worktree"
"""What `--head` says for the working directory as it is, with what is not committed."""
NO_HOOKS = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")
MISLEADING = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX")
"""What a git hook sets, and what would lead away from the side's own folder."""
CHECKOUT = "Run this inside a checkout of the federation's repository"
DEEPEN = "git fetch --unshallow; in a workflow: actions/checkout with fetch-depth: 0"


class CannotPreviewError(Exception):
    """A preview that is refused: what is wrong, and what to do instead."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}. {remedy}.")


@dataclass(frozen=True)
class Repository:
    """A git repository with a Pulumi project in it."""

    root: Path
    project: Path
    """The project's folder, below the root."""

    @classmethod
    def around(cls, folder: Path) -> "Repository":
        """Find the repository around a folder."""
        if shutil.which("git") is None:
            raise CannotPreviewError("git is not installed", "Install it: apt-get install git")
        found = _git(folder, "rev-parse", "--show-toplevel")
        if found.returncode != 0:
            reason = found.stderr.strip().rpartition("fatal: ")[2]
            raise CannotPreviewError(f"{folder.name or folder} is no git repository ({reason})", CHECKOUT)
        root = Path(found.stdout.strip())
        for place in (folder.resolve(), *folder.resolve().parents):
            if (place / "Pulumi.yaml").exists() or place == root:
                return cls(root, place.relative_to(root))
        return cls(root, Path())

    def commit(self, name: str, asked_as: str) -> str:
        """Return the full hash of a revision."""
        for spelt in (name, f"origin/{name}"):
            found = self._asked("rev-parse", "--verify", "--quiet", "--end-of-options", f"{spelt}^{{commit}}")
            if found.returncode == 0:
                return found.stdout.strip()
        shallow = f"; this clone is shallow: {DEEPEN}" if self._shallow() else ""
        raise CannotPreviewError(
            f"{asked_as} {name}: no such revision here", f"`git branch -a` lists what there is{shallow}"
        )

    def merge_base(self, base: str, head: str) -> str:
        """Return the commit from which the head went its own way."""
        found = self._asked("merge-base", base, head)
        if found.returncode == 0:
            return found.stdout.strip()
        if self._shallow():
            problem = f"{base[:9]} and {head[:9]} have no common commit in this shallow clone"
            raise CannotPreviewError(problem, f"Deepen it: {DEEPEN}")
        raise CannotPreviewError(
            f"{base[:9]} and {head[:9]} have no commit in common",
            "Name a --base that the head was made from",
        )

    def changed_files(self, base: str, head: str | None) -> list[str]:
        """Return the files that differ between a commit and another, or the working directory."""
        found = self._asked("diff", "--name-only", "-z", base, *([head] if head else []))
        names = found.stdout.split("\0")
        if head is None:
            names += self._asked("ls-files", "--others", "--exclude-standard", "-z").stdout.split("\0")
        return sorted({name for name in names if name})

    def subject(self, commit: str) -> str:
        """Return the first line of a commit's message."""
        return self._asked("show", "--no-patch", "--format=%s", commit).stdout.strip()

    @contextmanager
    def checked_out(self, commit: str) -> Iterator[Path]:
        """Give a commit a folder of its own for a while; return the project's folder in it."""
        with tempfile.TemporaryDirectory(prefix="fate-preview-") as above:
            folder = Path(above) / "side"
            made = self._asked("worktree", "add", "--detach", "--quiet", str(folder), commit)
            if made.returncode != 0:
                problem = f"git could not check out {commit[:9]}: {made.stderr.strip()}"
                raise CannotPreviewError(problem, "Free some room, or run `git worktree prune`")
            try:
                yield folder / self.project
            finally:
                self._asked("worktree", "remove", "--force", str(folder))

    def _shallow(self) -> bool:
        return self._asked("rev-parse", "--is-shallow-repository").stdout.strip() == "true"

    def _asked(self, *command: str) -> subprocess.CompletedProcess[str]:
        return _git(self.root, *command)


def _git(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in MISLEADING}
    try:
        return subprocess.run(
            ["git", *NO_HOOKS, *command],
            cwd=folder,
            env=environment | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise CannotPreviewError(f"git cannot be run in {folder.name}: {error.strerror}", CHECKOUT) from None
