"""Pieces of GitHub's Markdown. Nothing that a pull request brings is taken for markup: it is all escaped."""

import html
import re
from collections.abc import Sequence

MARKS = re.compile(r"([\\`*_\[\]|~$])")


def plain(text: str) -> str:
    """Return text that shows as it is, on one line: no markup, no HTML, nobody mentioned."""
    one_line = " ".join(text.split())
    escaped = MARKS.sub(r"\\\1", one_line)
    quiet = html.escape(escaped, quote=False).replace("://", ":&#47;/")
    return re.sub("[@#]", lambda mark: f"{mark[0]}<!-- -->", quiet)


def code(text: str) -> str:
    """Return text as code, also inside a table and whatever stands in it."""
    escaped = html.escape(" ".join(text.split()), quote=False)
    entities = {"|": "&#124;", "`": "&#96;", "@": "&#64;", "*": "&#42;", "_": "&#95;", "~": "&#126;"}
    entities |= {"[": "&#91;", "]": "&#93;", "\\": "&#92;", "$": "&#36;", "://": ":&#47;/"}
    for mark, entity in entities.items():
        escaped = escaped.replace(mark, entity)
    return f"<code>{escaped}</code>"


def row(*cells: str) -> str:
    """Return one row of a table."""
    return f"| {' | '.join(cells)} |"


def diff(lines: Sequence[str], language: str = "diff") -> str:
    """Return lines in a fence that none of them closes."""
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def folded(title: str, content: str) -> str:
    """Return content that opens when its title, which is HTML, is clicked."""
    return f"<details><summary>{title}</summary>\n\n{content}\n</details>\n"
