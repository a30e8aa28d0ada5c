"""Sections and tables in Markdown."""

import re
from collections.abc import Iterable


def section(title: str, text: str, rows: str) -> str:
    """Return a section: a heading, a text if there is one, a table."""
    return "\n\n".join(part for part in (f"## {title}", text, rows) if part)


def table(head: tuple[str, ...], rows: Iterable[str]) -> str:
    """Return a table of rows that are written already."""
    return "\n".join([f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *rows, ""])


def cell(text: str) -> str:
    """Return text that stays within its cell."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def slug(title: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
