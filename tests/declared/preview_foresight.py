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


@dataclass(frozen=True)
class Foresight:
    """One stack of a base, from which any number of heads is foreseen, also at once."""

    recording: Recording
    stack: str
    seal: bytes

    @classmethod
    @contextmanager
    def of(cls, base: Path, stack: str) -> Iterator["Foresight"]:
        """Run the base's program, once."""
        seal = secrets.token_bytes(32)
        with Child(seal) as child, ThreadPoolExecutor(1) as pool:
            yield cls(Recording(Side(base, child), [stack], pool), stack, seal)

    def change(self, head: Path) -> StackChange:
        """Return what the offline preview tells of the way from the base to a head's folder."""
        with Child(self.seal) as child:
            (change,) = compare(self.recording, Side(head, child), [self.stack])
        return change
