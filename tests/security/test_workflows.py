"""The workflows that run for pull requests of strangers: linted, pinned, and with next to no rights."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.__main__ import parser
from tests.project import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROGRAMS = ROOT / ".local" / "workflow-linters" / "bin"
LINTERS = {
    "actionlint": ["actionlint", "-no-color"],
    "zizmor": ["zizmor", "--offline", "--persona", "auditor", "--no-progress", "--color", "never"],
}
PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
WRITES = {
    ("preview-comment.yml", "comment"): {"pull-requests"},
    ("preview.yml", "real"): {"pull-requests"},
}
"""Which job may write what. Everything else only reads."""
RISKY = """
name: risky
on: pull_request_target
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - run: echo ${{ github.event.pull_request.title }} $unquoted
      - run: echo ${{ steps.nowhere.outputs.x }}
"""


def lint(linter: str, *files: Path) -> subprocess.CompletedProcess[str]:
    if not (PROGRAMS / linter).exists():
        missing = " (it needs Go)" if linter == "actionlint" and shutil.which("go") is None else ""
        pytest.skip(
            f"there is no {linter} in {PROGRAMS.relative_to(ROOT)}; setup/workflow-linters.sh{missing}"
        )
    return subprocess.run(
        [*LINTERS[linter], *map(str, files)],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def read(file: Path) -> dict[str, Any]:
    """Return a workflow with every value as text, so that `on` is no truth value."""
    content: dict[str, Any] = yaml.load(file.read_text(), Loader=yaml.BaseLoader)
    return content


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in read(file)["jobs"].items():
            yield file.name, name, job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for file, _, job in jobs():
        for step in job["steps"]:
            yield file, step


@pytest.mark.parametrize("linter", LINTERS)
def test_a_linter_finds_nothing(linter: str) -> None:
    assert WORKFLOWS, "there is something to lint"
    ended = lint(linter, *WORKFLOWS)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("linter", "finding"),
    [
        ("actionlint", 'property "nowhere" is not defined'),
        ("actionlint", "SC2086"),
        ("zizmor", "dangerous-triggers"),
        ("zizmor", "template-injection"),
    ],
)
def test_a_linter_finds_what_is_wrong_with_a_risky_workflow(
    tmp_path: Path, linter: str, finding: str
) -> None:
    risky = tmp_path / ".github" / "workflows" / "risky.yml"
    risky.parent.mkdir(parents=True)
    risky.write_text(RISKY)
    ended = lint(linter, risky)
    assert ended.returncode != 0
    assert finding in ended.stdout + ended.stderr


def test_every_action_is_pinned_by_its_digest_and_tells_its_version() -> None:
    lines = [line for file in WORKFLOWS for line in file.read_text().splitlines() if "uses:" in line]
    assert lines, "the workflows use actions"
    loose = [line for line in lines if not PINNED.fullmatch(line.partition("uses:")[2].strip())]
    assert not loose, "write the commit's 40 digits, and its version after a #"


def test_one_action_has_one_version_everywhere() -> None:
    used = {step["uses"] for _, step in steps() if "uses" in step}
    names = [pinned.partition("@")[0] for pinned in used]
    assert len(names) == len(set(names)), sorted(used)


def test_no_workflow_runs_a_strangers_code_with_the_rights_of_this_repository() -> None:
    for file in WORKFLOWS:
        content = read(file)
        assert "pull_request_target" not in content["on"], file.name
        if "workflow_run" in content["on"]:
            used = [step.get("uses", "") for job in content["jobs"].values() for step in job["steps"]]
            assert not [name for name in used if "checkout" in name], f"{file.name} checks nothing out"


def test_every_job_has_the_rights_that_it_names_and_no_others() -> None:
    assert all(read(file)["permissions"] == {} for file in WORKFLOWS), "nothing by default"
    for file, name, job in jobs():
        rights = job["permissions"]
        writing = {what for what, right in rights.items() if right != "read"}
        assert writing == WRITES.get((file, name), set()), f"{file}: {name}"


def test_the_preview_of_a_fork_sees_no_secret_and_no_environment() -> None:
    content = read(ROOT / ".github" / "workflows" / "preview.yml")
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    for name, job in content["jobs"].items():
        if own in job.get("if", "") or job.get("needs") == "stacks":
            continue
        assert name == "offline", f"{name} runs for forks too"
        assert "secrets." not in str(job)
        assert "environment" not in job
    assert own in content["jobs"]["stacks"]["if"], "what needs a secret waits for this job"


def test_every_pull_request_is_checked_on_every_python_without_a_secret() -> None:
    content = read(ROOT / ".github" / "workflows" / "checks.yml")
    assert "pull_request" in content["on"]
    (job,) = content["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert "secrets." not in str(job)
    assert "environment" not in job
    ran = [step["run"] for step in job["steps"] if "run" in step]
    assert ran == ["make venv", "make check", "make quick"], "what a developer types, and nothing else"
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {line.removeprefix("make ") for line in ran} <= set(targets)


def test_no_checkout_leaves_a_token_behind() -> None:
    found = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert found
    assert all(step["with"]["persist-credentials"] == "false" for step in found)


def test_no_text_of_a_pull_request_is_pasted_into_a_script() -> None:
    pasted = [step["run"] for _, step in steps() if "${{" in step.get("run", "")]
    assert not pasted, "hand it over as an environment variable"


def test_every_pull_request_and_every_stack_is_worked_on_once_at_a_time() -> None:
    for file in WORKFLOWS:
        assert "${{" in read(file)["concurrency"]["group"], f"{file.name}: the group names what it works on"


def test_nothing_is_brought_up_without_approval_and_only_what_was_planned() -> None:
    content = read(ROOT / ".github" / "workflows" / "deploy.yml")
    up = content["jobs"]["up"]
    assert up["needs"] == "plan"
    assert "vars.FATE_STACK" in up["environment"], "the stack's environment asks for a reviewer"
    plans = [step["with"].get("plan") for _, step in steps() if step.get("with", {}).get("command") == "up"]
    assert plans == ["plan.json"]


GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text())
KEYWORDS = {"stages", "default", "variables", "workflow", "include"}
GITLAB_JOBS: dict[str, dict[str, Any]] = {k: v for k, v in GITLAB.items() if k not in KEYWORDS}


def test_every_job_for_gitlab_has_a_stage_and_needs_and_extends_what_is_there() -> None:
    shown = {name: job for name, job in GITLAB_JOBS.items() if not name.startswith(".")}
    assert set(shown) == {"preview", "comment", "plan", "up"}
    for name, job in shown.items():
        assert job["stage"] in GITLAB["stages"], name
        assert "script" in job, name
        extended = job.get("extends", [])
        for other in [extended] if isinstance(extended, str) else extended:
            assert other in GITLAB_JOBS, f"{name} extends {other}"
        for needed in job.get("needs", []):
            other = needed["job"] if isinstance(needed, dict) else needed
            assert other in shown, f"{name} needs {other}"
            assert GITLAB["stages"].index(shown[other]["stage"]) <= GITLAB["stages"].index(job["stage"])


def test_gitlab_has_every_script_as_text_that_a_shell_can_read() -> None:
    for name, job in {"default": GITLAB["default"], **GITLAB_JOBS}.items():
        for part in ("before_script", "script"):
            lines = job.get(part, [])
            assert all(isinstance(line, str) for line in lines), f"{name}.{part}: quote what has a colon"
            ended = subprocess.run(["bash", "-n"], input="\n".join(lines), text=True, capture_output=True)
            assert ended.returncode == 0, f"{name}.{part}: {ended.stderr}"


def test_gitlab_shows_the_passphrase_to_no_merge_request() -> None:
    for name in ("preview", "comment"):
        rules = GITLAB_JOBS[name]["rules"]
        assert all("merge_request_event" in rule["if"] for rule in rules), name
        assert "PULUMI" not in str(GITLAB_JOBS[name]), name
    (rule,) = GITLAB_JOBS[".pulumi"]["rules"]
    assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"], "only what was merged"
    assert GITLAB_JOBS["up"]["when"] == "manual", "somebody approves"


PAGES = [
    ROOT / name for name in (".github/workflows/preview.yml", "docs/gitlab-ci.yml", "docs/pull-requests.md")
]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_preview_that_is_asked_for_is_one_that_can_be_asked_for(file: Path) -> None:
    text = re.sub(r"\s*\\?\n {6,}(?=--)", " ", file.read_text())
    asked = re.findall(r"(?:-m ops|fate) preview (--.*?)(?:`|\|\||$)", text, re.MULTILINE)
    assert asked
    for line in asked:
        parser({"preview"}).parse_args(["preview", *shlex.split(line)])
