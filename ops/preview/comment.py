"""Pieces of a comment on GitHub: markup, and blocks that are cut where its limit wants it.

Nothing that a pull request brings is taken for markup: it is all escaped.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

MARKS = re.compile(r"([\\`*_\[\]|~$])")
LIMIT = 65_536
"""The characters that GitHub takes in one comment."""
ROOM = 1_000
"""Characters kept free for the word on what was cut."""


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


@dataclass(frozen=True)
class Block:
    """A part of the comment that is there as a whole or not at all; those of a low rank are kept first."""

    text: str
    rank: int


def fitted(blocks: Sequence[Block], pointer: str, limit: int = LIMIT) -> str:
    """Return the blocks in their order; where they do not fit, those of the highest rank are left out."""
    if _length(blocks) <= limit:
        return "\n".join(block.text for block in blocks)
    left = limit - ROOM
    kept: set[int] = set()
    for index in sorted(range(len(blocks)), key=lambda index: (blocks[index].rank, index)):
        size = _size(blocks[index])
        if size <= left:
            kept.add(index)
            left -= size
    texts = [block.text for index, block in enumerate(blocks) if index in kept]
    cut = len(blocks) - len(kept)
    texts.append(f"> {cut} parts did not fit into this comment. The whole preview is in {pointer}.\n")
    return "\n".join(texts)


def _length(blocks: Sequence[Block]) -> int:
    return sum(map(_size, blocks))


def _size(block: Block) -> int:
    """Return the characters of a block as GitHub counts the wide ones, and of the line end after it."""
    return len(block.text.encode("utf-16-le")) // 2 + 1
