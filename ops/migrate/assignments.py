"""Bash assignments as text: `parties.conf` and `.env` are read, never run, and nothing is expanded."""

import re
from collections.abc import Iterator

from ops.migrate.source import Key, SourceFault, UnreadableSource

NAME = re.compile(r"(?:(?:export|readonly)[ \t]+)?([A-Za-z_]\w*)=", re.ASCII)
MAY_BE_SHOWN = re.compile(
    r"(for|while|until|if|case|select|function|do|done|fi|then|else|source|declare|local|echo|set|unset)\b"
    r"|[A-Za-z_]\w*(\+=|\[\w*\]\+?=)",
    re.ASCII,
)
"""How an unreadable line may begin in a message: any other word may be a password after a stray blank."""
EXPANSION = re.compile(r"\$[A-Za-z_0-9{(@*#?$!'\"-]|`")
ENDS_A_WORD = " \t\r\n;"
CONTROL = "&|<>()"
ESCAPED_IN_QUOTES = '"\\$`'


class _Unreadable(Exception):
    def __init__(self, line: int, problem: str, remedy: str) -> None:
        self.line, self.problem, self.remedy = line, problem, remedy
        super().__init__(problem)


def assignments_in(text: str, file: str) -> tuple[Key, ...]:
    """Return every assignment, in order: text, or a tuple of texts for an array.

    Raises UnreadableSource for whatever is no plain assignment: commands, loops, expansions.
    """
    reader = _Reader(text)
    keys: list[Key] = []
    faults: list[SourceFault] = []
    while reader.to_next_statement():
        try:
            line = reader.line
            keys.append(Key(reader.name(), reader.value(), line, file))
        except _Unreadable as found:
            faults.append(SourceFault(file, found.line, found.problem, found.remedy))
            reader.to_end_of_line()
    if faults:
        raise UnreadableSource(faults)
    return tuple(keys)


class _Reader:
    """Walks through a text, a statement at a time."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    @property
    def line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    @property
    def _here(self) -> str:
        return self._text[self._at : self._at + 1]

    def to_next_statement(self) -> bool:
        """Pass over blanks and comments. Return whether anything is left."""
        while self._here:
            if self._here == "#":
                self.to_end_of_line()
            elif self._here in ENDS_A_WORD:
                self._at += 1
            else:
                return True
        return False

    def to_end_of_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def name(self) -> str:
        found = NAME.match(self._text, self._at)
        if found is None:
            raise self._no_assignment()
        self._at = found.end()
        return found[1]

    def value(self) -> str | tuple[str, ...]:
        if self._here != "(":
            return self._word()
        return tuple(self._elements())

    def _no_assignment(self) -> _Unreadable:
        found = MAY_BE_SHOWN.match(self._text, self._at)
        what = f'"{found[0]}"' if found else "this"
        return _Unreadable(
            self.line,
            f"{what} begins no plain assignment, and nothing here is run",
            "write NAME=value or NAME=(one two), without a space around =, or leave the line out",
        )

    def _elements(self) -> Iterator[str]:
        started = self.line
        self._at += 1
        while self.to_next_statement():
            if self._here == ")":
                self._at += 1
                return
            yield self._word(closing=")")
        raise _Unreadable(started, "the array is not closed", "write ) after its last element")

    def _word(self, closing: str = "") -> str:
        parts: list[str] = []
        while self._here and self._here not in ENDS_A_WORD + closing:
            parts.append(self._part())
        return "".join(parts)

    def _part(self) -> str:
        match self._here:
            case "'":
                return self._quoted()
            case '"':
                return self._double_quoted()
            case "\\":
                return self._escaped()
        self._refuse_expansion()
        if self._here in CONTROL:
            raise _Unreadable(
                self.line,
                f"an unquoted {self._here} would make Bash run something, and nothing here is run",
                "put the value in single quotes",
            )
        return self._taken()

    def _quoted(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise _Unreadable(self.line, "a single quote is not closed", "write ' after the value")
        inside, self._at = self._text[self._at + 1 : end], end + 1
        return inside

    def _double_quoted(self) -> str:
        started = self.line
        self._at += 1
        parts: list[str] = []
        while self._here and self._here != '"':
            self._refuse_expansion()
            parts.append(self._escaped(ESCAPED_IN_QUOTES) if self._here == "\\" else self._taken())
        if not self._here:
            raise _Unreadable(started, "a double quote is not closed", 'write " after the value')
        self._at += 1
        return "".join(parts)

    def _escaped(self, only: str = "") -> str:
        self._at += 1
        following = self._taken()
        if following == "\n":
            return ""
        return "\\" + following if only and following not in only else following

    def _refuse_expansion(self) -> None:
        if found := EXPANSION.match(self._text, self._at):
            raise _Unreadable(
                self.line,
                f"{found[0]} begins an expansion, and nothing here is expanded",
                "write the value itself; in single quotes where it holds a $",
            )

    def _taken(self) -> str:
        character, self._at = self._here, self._at + 1
        return character
