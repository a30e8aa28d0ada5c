"""The base's stacks, run one after another in the background while the head is being made ready."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from ops.preview import secrets
from ops.preview.references import Outputs
from ops.preview.side import Side

NO_RESOURCES = b"null\n"


@dataclass(frozen=True)
class Recorded:
    """What one stack of the base declares, or why its program did not run."""

    failure: str = ""
    exports: Outputs = field(default_factory=dict)
    resources: bytes = NO_RESOURCES


class Recording:
    """Starts at once; `of` waits for a stack."""

    def __init__(self, side: Side, wanted: Sequence[str], pool: ThreadPoolExecutor) -> None:
        self.side = side
        self._known: dict[str, Outputs] = {}
        self._stacks: dict[str, Future[Recorded]] = {
            name: pool.submit(self._recorded, name) for name in side.needed(wanted)
        }
        pool.submit(side.child.end)

    def of(self, name: str) -> Recorded:
        """Return what a stack declares: nothing where the base has no such stack."""
        return self._stacks[name].result() if name in self._stacks else Recorded()

    def _recorded(self, name: str) -> Recorded:
        stack = self.side.readable[name]
        order, _ = self.side.order(stack, secrets.made_up(stack, None), self._known)
        heard, resources = self.side.child.record(order)
        failure, exports = heard.get("failure", ""), heard.get("exports", {})
        if not failure:
            self._known[name] = exports
        return Recorded(failure, exports, resources or NO_RESOURCES)
