"""What the offline preview foresees of many changes to one base, which runs only once."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.preview.child import Child
from ops.preview.side import Recording, Side
from ops.preview.stack_changes import StackChange, compare


class Lasting(Child):
    """A process that goes on with the folder it is told first: for heads with one and the same program."""

    def __init__(self, seal: bytes) -> None:
        super().__init__(seal)
        self._folder: Path | None = None

    def enter(self, folder: Path) -> None:
        """Tell the folder, the first time; it may be no other one later."""
        if self._folder is None:
            super().enter(folder)
            self._folder = folder
        assert folder == self._folder, f"the process has loaded the program of {self._folder}"


@dataclass(frozen=True)
class Foresight:
    """One stack of a base, from which any number of heads is foreseen, also at once."""

    recording: Recording
    stack: str
    seal: bytes
    lasting: Lasting

    @classmethod
    @contextmanager
    def of(cls, base: Path, stack: str) -> Iterator["Foresight"]:
        """Run the base's program, once."""
        seal = secrets.token_bytes(32)
        with Child(seal) as child, Lasting(seal) as lasting, ThreadPoolExecutor(1) as pool:
            yield cls(Recording(Side(base, child), [stack], pool), stack, seal, lasting)

    def change(self, head: Path) -> StackChange:
        """Return what the offline preview tells of the way from the base to a head's folder."""
        with Child(self.seal) as child:
            return self._change(head, child)

    def change_of_keys(self, head: Path) -> StackChange:
        """Return the same of a head in always this folder, of which the stack's file alone changes."""
        return self._change(head, self.lasting)

    def _change(self, head: Path, child: Child) -> StackChange:
        (change,) = compare(self.recording, Side(head, child), [self.stack])
        return change
