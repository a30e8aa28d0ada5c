"""The comment as a browser shows it: tables, folded diffs, and the topology drawn by Mermaid."""

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from ops.preview.as_markdown import as_markdown
from ops.preview.cli import previewed
from tests.declared.preview_repository import ENGINES, ROOT, History, values

MERMAID = Path(os.environ.get("FATE_MERMAID", ROOT / ".local" / "mermaid" / "package/dist/mermaid.min.js"))
SCREENSHOT = ROOT / "docs" / "pull-request.png"
STYLE = """
body { font: 14px/1.5 sans-serif; max-width: 1000px; margin: 24px auto; color: #1f2328 }
table { border-collapse: collapse } td, th { border: 1px solid #d1d9e0; padding: 4px 10px }
code, pre { font: 12px monospace; background: #f6f8fa } pre { padding: 10px }
h2, h3 { border-bottom: 1px solid #d1d9e0 } details { margin: 6px 0 } pre.mermaid { background: none }
ins, del { text-decoration: none; background: #dafbe1 } del { background: #ffebe9 }
"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium: setup/mermaid.sh installs it on Debian")
    if not MERMAID.exists():
        pytest.skip("no Mermaid in .local/mermaid: setup/mermaid.sh fetches it with npm")
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, browser: str) -> Path:
    """Return the page of a change in which services come, go and change."""
    history = History.at(tmp_path_factory.mktemp("repository"))
    history.stack("dev", values())
    history.commit("Two parties")
    party = {**values()["parties"][0], "api": {"port": 9380, "bind": "0.0.0.0"}}
    party["services"] = {"gateway": {"configuration": {"nginx.conf": {"proxy_read_timeout": "99s"}}}}
    history.stack("dev", values(parties=[party, {"id": "10001", "engines": ENGINES}]))
    history.git("checkout", "--quiet", "-b", "change")
    history.commit("Open the API of 9999, let 10001 take the place of 10000")
    comment = as_markdown(previewed(history.folder, "main", "HEAD", ()), "")
    written = tmp_path_factory.mktemp("page") / "comment.html"
    written.write_text(_page(comment), encoding="utf-8")
    return written


def _page(comment: str) -> str:
    body = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(comment)
    drawn = re.sub(
        r'<pre><code class="language-mermaid">(.*?)</code></pre>',
        lambda found: f'<pre class="mermaid">{html.escape(html.unescape(found[1]))}</pre>',
        body,
        flags=re.DOTALL,
    )
    coloured = re.sub(
        r"^-.*$", r"<del>\g<0></del>", re.sub(r"^\+.*$", r"<ins>\g<0></ins>", drawn, flags=re.M), flags=re.M
    )
    scripts = f"<script>{MERMAID.read_text(encoding='utf-8')}</script>"
    start = "<script>mermaid.initialize({startOnLoad: true})</script>"
    head = f"<meta charset=utf-8><style>{STYLE}</style>"
    return f"<!doctype html>{head}<body>{coloured}{scripts}{start}</body>"


def looked_at(browser: str, page: Path, *flags: str) -> str:
    done = subprocess.run(
        [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=1060,1480",
            "--virtual-time-budget=20000",
            f"--user-data-dir={page.parent / 'profile'}",
            *flags,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_a_browser_shows_the_tables_the_folds_and_the_picture(browser: str, page: Path) -> None:
    shown = looked_at(browser, page, "--dump-dom")
    body = shown[: shown.index("<script>")]
    assert body.count("<table>") == 5, "summary, resources, ports, and folded a party each way"
    title = "party-9999-gateway: uploads[/etc/fate/nginx.conf].content"
    assert f"<details><summary><code>{title}</code></summary>" in body
    assert "<svg" in body, "Mermaid drew the topology"
    assert "Syntax error" not in body
    for colour in ("#dafbe1", "#ffebe9"):
        assert re.search(rf'<g[^>]*class="cluster[^>]*>\s*<rect[^>]*style="[^"]*fill:{colour}', body), colour


def test_a_screenshot_can_be_taken_anew(browser: str, page: Path, request: pytest.FixtureRequest) -> None:
    taken, unfolded = page.parent / "comment.png", page.parent / "unfolded.html"
    first, fold, rest = page.read_text(encoding="utf-8").rpartition("<details>")
    unfolded.write_text(f"{first}{fold.replace('>', ' open>')}{rest}", encoding="utf-8")
    looked_at(browser, unfolded, f"--screenshot={taken}")
    assert taken.read_bytes().startswith(b"\x89PNG")
    if request.config.getoption("--update-golden"):
        shutil.copy(taken, SCREENSHOT)
