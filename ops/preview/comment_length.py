"""A comment of many blocks, cut where GitHub's limit wants it."""

from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 65_536
"""The characters that GitHub takes in one comment."""
ROOM = 1_000
"""Characters kept free for the word on what was cut."""


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
