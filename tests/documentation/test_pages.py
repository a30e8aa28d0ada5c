"""Every command that the documentation shows, run as it stands there, with the output that it shows.

A ```sh block must succeed, a ```sh fails block must fail. A ```text block right after one is output: each
of its lines must appear, an ellipsis standing for anything. A ```yaml block with `fate:` keys must be a stack
that is accepted, its keys laid over those of Pulumi.dev.yaml, or of Pulumi.dev-kubernetes.yaml where it names
a cluster and on the pages that use kubectl. These pages run where the test cluster answers; what they bring
up is taken away after them.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from config import load
from tests import pushed
from tests.cluster.kubectl import HOME, KUBECONFIG, cluster_is_missing, used
from tests.project import labels_of

ROOT = Path(__file__).parents[2]
PAGES = [Path("README.md"), *sorted(page.relative_to(ROOT) for page in ROOT.glob("docs/*.md"))]
INDEX = Path("docs/README.md")
# These call this very test, or take half an hour: that their targets exist is shown by a dry run.
DRY_RUN = re.compile(r"^make (?=(up|test|setup|bench|clean|cluster)\b)", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#([^)]*))?\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what else its first line says, its text, and what lies before it."""

    language: str
    note: str
    text: str
    follows: str


def blocks(page: Path) -> list[Block]:
    text = (ROOT / page).read_text()
    found, end = [], 0
    for fence in FENCE.finditer(text):
        found.append(Block(fence[1], fence[2].strip(), fence[3], text[end : fence.start()]))
        end = fence.end()
    return found


def commands(page: Path) -> list[tuple[Block, list[str]]]:
    """Each command block with the lines that its output must have."""
    here = blocks(page)
    return [
        (block, shown(after) if after and after.language == "text" and not after.follows.strip() else [])
        for block, after in zip_longest(here, here[1:])
        if block.language == "sh"
    ]


def shown(output: Block) -> list[str]:
    return [squeezed(line) for line in output.text.splitlines() if line.strip(" …")]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f". setup/activate\n{script}"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=800,
    )


def check(page: Path, block: Block, expected: list[str]) -> None:
    """Run one block and compare how it ends and what it says with what the page shows."""
    done = run(DRY_RUN.sub("make --dry-run ", block.text))
    told = f"{page}:\n{block.text}\nended with {done.returncode} and said:\n{done.stdout}"
    assert (done.returncode != 0) == (block.note == "fails"), told
    said = [squeezed(line) for line in done.stdout.splitlines()]
    for line in expected:
        pattern = re.compile(".*".join(re.escape(part.strip()) for part in line.split("…")))
        assert any(pattern.search(spoken) for spoken in said), f"{line!r} is not in the output of {told}"


def uses_a_stack(page: Path) -> bool:
    return any("--stack" in block.text for block, _ in commands(page))


def uses_a_cluster(page: Path) -> bool:
    return any("kubectl" in block.text for block, _ in commands(page))


def stack_files() -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in ROOT.glob("Pulumi.*.yaml")}


@pytest.fixture(scope="module")
def dev_stack() -> Iterator[None]:
    """Bring the stack dev up, unless it is; take it away again after the last page.

    Its data too, where it had none before: another checkout's stack dev would be refused beside them.
    """
    if shutil.which("docker") is None:
        pytest.skip("no docker command on this machine")
    was_up = run("docker ps --quiet --filter label=fate.stack=dev").stdout.strip()
    had_data = run("docker volume ls --quiet --filter label=fate.stack=dev").stdout.strip()
    has_what_was_pushed("dev")
    done = run("setup/stack.sh dev\npulumi up --yes --stack dev --skip-preview --refresh --color never")
    assert done.returncode == 0, f"the stack dev could not be brought up:\n{done.stdout}"
    yield
    if not was_up:
        run("make down")
    if not had_data:
        run("docker volume rm $(docker volume ls --quiet --filter label=fate.stack=dev)")


def has_what_was_pushed(stack: str) -> None:
    """Give the mirror of a stack that is not up yet what another of this run was pushed."""
    file, key = ROOT / f"Pulumi.{stack}.yaml", ROOT / ".local/secret-keys" / stack
    if file.exists() and run(f"setup/stack.sh {stack}").returncode == 0 and key.exists():
        up = shlex.join(["pulumi", "up", "--yes", "--skip-preview", "--stack", stack, *pushed.MIRROR_ALONE])
        config = yaml.safe_load(file.read_text())["config"]
        pushed.once(config, stack, labels_of(stack, key.read_text()), lambda: run(up))


@pytest.fixture
def kept_stack_files() -> Iterator[dict[Path, bytes]]:
    """Give every stack file back its bytes, and take away those that a page made."""
    before = stack_files()
    yield before
    for file in ROOT.glob("Pulumi.*.yaml"):
        if file not in before:
            file.unlink()
    for file, content in before.items():
        file.write_bytes(content)
        run(f"setup/unsalted.sh {file.name.split('.')[1]}")  # git, too, is to find them as they were


@pytest.mark.parametrize(
    "page", [page for page in PAGES if not uses_a_stack(page) and not uses_a_cluster(page)], ids=str
)
def test_a_page_s_commands_do_what_it_shows(page: Path) -> None:
    for block, expected in commands(page):
        check(page, block, expected)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if uses_a_stack(page) and not uses_a_cluster(page)], ids=str
)
def test_a_page_s_commands_on_the_dev_stack_do_what_it_shows(
    page: Path, dev_stack: None, kept_stack_files: dict[Path, bytes]
) -> None:
    nothing_is_lost(page, "docker volume ls --quiet --filter label=fate.stack={}")
    for block, expected in commands(page):
        check(page, block, expected)
    dev = ROOT / "Pulumi.dev.yaml"
    assert dev.read_bytes() == kept_stack_files[dev], f"{page} leaves {dev.name} changed"
    check(page, Block("sh", "", "pulumi preview --stack dev --expect-no-changes", ""), [])


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give a page's commands kubectl and the test cluster, as the page tells its reader to."""
    missing = cluster_is_missing()
    if missing:
        pytest.skip(missing)
    if shutil.which("docker") is None:
        pytest.skip("no docker command on this machine")
    monkeypatch.setenv("KUBECONFIG", str(KUBECONFIG))
    monkeypatch.setenv("PATH", f"{HOME / 'bin'}:{os.environ['PATH']}")
    with used():
        yield


@pytest.mark.parametrize("page", [page for page in PAGES if uses_a_cluster(page)], ids=str)
def test_a_page_s_commands_on_the_cluster_do_what_it_shows(
    page: Path, cluster: None, dev_stack: None, kept_stack_files: dict[Path, bytes]
) -> None:
    nothing_is_lost(page, "kubectl get namespace --output name --selector fate.stack={}")
    nothing_is_lost(page, "docker volume ls --quiet --filter label=fate.stack={}")
    for stack in brought_up(page):
        has_what_was_pushed(stack)
    try:
        for block, expected in commands(page):
            check(page, block, expected)
    finally:
        left = [told for stack in reversed(brought_up(page)) if (told := removed(stack))]
    assert not left, f"{page} leaves behind what cannot be removed:\n{''.join(left)}"


def brought_up(page: Path) -> list[str]:
    """Return the stacks that a page brings up, in its order."""
    text = "".join(block.text for block, _ in commands(page))
    return re.findall(r"^setup/stack\.sh (\S+)$", text, re.MULTILINE)


def removed(stack: str) -> str:
    """Take a stack away with its data and its state, if it is there; return what went wrong."""
    done = run(
        f"""
        if pulumi stack select {stack} 2>/dev/null; then
            pulumi destroy --stack {stack} --yes --skip-preview
            pulumi stack rm --stack {stack} --yes --preserve-config
        fi
        kubectl delete namespace --selector fate.stack={stack}
        docker volume ls --quiet --filter label=fate.stack={stack} | xargs --no-run-if-empty docker volume rm
        """
    )
    return done.stdout if done.returncode else ""


def nothing_is_lost(page: Path, listing: str) -> None:
    """Skip a page that deletes the data of a stack which has some here."""
    for stack in taken_away(page):
        if run(listing.format(stack)).stdout.strip():
            pytest.skip(f"the stack {stack} has data here, and {page} takes it away with them")


def taken_away(page: Path) -> set[str]:
    """Return the stacks whose data a page deletes, or that are taken away after it."""
    text = "".join(block.text for block, _ in commands(page))
    named = re.findall(r"volume rm .*fate\.stack=(\S+)\)", text)
    return {*named, *brought_up(page)} if uses_a_cluster(page) else set(named)


def example_stacks() -> Iterator[Any]:
    for page in PAGES:
        for number, block in enumerate(blocks(page)):
            if block.language == "yaml" and "fate:" in block.text:
                on_a_cluster = uses_a_cluster(page) or "kind: kubernetes" in block.text
                base = "dev-kubernetes" if on_a_cluster else "dev"
                yield pytest.param(base, block.text, id=f"{page}-{number}")


@pytest.mark.parametrize(("base", "text"), list(example_stacks()))
def test_an_example_stack_is_accepted(base: str, text: str) -> None:
    given = yaml.safe_load((ROOT / f"Pulumi.{base}.yaml").read_text())["config"]
    shown_keys = yaml.safe_load(text)
    together = {**given, **shown_keys.get("config", shown_keys)}
    keys = {key.removeprefix("fate:"): value for key, value in together.items()}
    keys.pop("secret-key", None)
    load(keys)


def test_the_index_names_every_page_once_and_the_readme_names_the_index() -> None:
    named = [INDEX.parent / target for target, _ in LINK.findall((ROOT / INDEX).read_text())]
    pages = [page for page in PAGES if page.parent == INDEX.parent and page != INDEX]
    assert sorted(named) == pages, "a reader of the index finds each page in one of its three parts"
    assert f"]({INDEX})" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", [*PAGES, Path("CONTRIBUTING.md"), Path("CHANGELOG.md")], ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall((ROOT / page).read_text()):
        linked = (ROOT / page).parent / target
        assert linked.exists(), f"{page} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(linked), f"{page} links to {target}#{anchor}, which has no such heading"


def test_every_place_that_a_newcomer_is_sent_to_is_there() -> None:
    named = re.findall(r"`([\w.<>-]+/[\w./<>-]*)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 15
    missing = [path for path in named if not any(ROOT.glob(re.sub(r"<\w+>", "*", path)))]
    assert not missing, f"CONTRIBUTING.md names {missing}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["federation", "hybrid"])
def test_the_picture_shows_every_part_of_its_federation(name: str) -> None:
    picture = ElementTree.parse(ROOT / f"docs/{name}.svg").getroot()
    words = {
        " ".join("".join(text.itertext()).split()) for text in picture.iter() if text.tag.endswith("}text")
    }
    parts = {"party 9999", "party 10000", "fateflow", "database", "broker", "gateway", "mirror"}
    assert parts <= words, f"the picture lacks {parts - words}"
