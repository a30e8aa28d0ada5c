"""Whose the objects of an engine or a cluster are: what each carries, and which of them a stack may touch.

Nothing here asks an engine or a cluster; `components/preflight/` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

PROJECT, STACK, OWNER = "fate.project", "fate.stack", "fate.owner"
PARTY, SERVICE = "fate.party", "fate.service"
RENAME = "take another stack name: pulumi stack rename NAME"
PUT_BACK = "put that key back, for what a Harbor keeps opens with the key of its first start alone"


@dataclass(frozen=True)
class Stranger:
    """What an object that is not this stack's says of its owner; nothing at all where it is made by hand."""

    project: str | None
    stack: str | None
    key: str | None


@dataclass(frozen=True)
class Ownership:
    """A stack as the owner of what it makes: its project, its name, the fingerprint of its secret key.

    `adopted` are fingerprints of earlier keys. All of it may be read by anybody.
    """

    project: str
    stack: str
    key: str
    adopted: tuple[str, ...] = ()

    def labels(self, party: str | None = None) -> dict[str, str]:
        """Return the labels of every object of the stack, or of one of its parties."""
        own = {PROJECT: self.project, STACK: self.stack, OWNER: self.key}
        return own | ({PARTY: party} if party is not None else {})

    def stranger_in(self, labels: Mapping[str, str]) -> Stranger | None:
        """Return whose an object with these labels is; None if it is this stack's.

        One that names a stack and no key was made before objects named their owner, and its project neither.
        """
        if STACK not in labels:
            return Stranger(None, None, None)
        found = Stranger(labels.get(PROJECT), labels[STACK], labels.get(OWNER))
        same_stack = found.stack == self.stack and found.project in (None, self.project)
        return None if same_stack and found.key in (None, self.key, *self.adopted) else found

    def of_one_key(self) -> "Ownership":
        """Return the same of what opens with the key alone that it was made with: no earlier one counts."""
        return replace(self, adopted=())

    def describe(self, stranger: Stranger) -> str:
        """Return whose an object is, as a message says it."""
        if stranger.stack is None:
            return f"made by hand or by another program: without a label {STACK}"
        where = f"of stack {stranger.stack}" + (f" of project {stranger.project}" if stranger.project else "")
        if not self.differs_in_key(stranger):
            return f"{where}: another stack's"
        return (
            f"{where} made with another secret key ({OWNER} {stranger.key}, this stack's is {self.key}):"
            " another operator's, or this stack's before its key was replaced"
        )

    def differs_in_key(self, stranger: Stranger) -> bool:
        """Tell whether a stranger has this stack's name: it may be this stack before its key was replaced."""
        return (stranger.project or self.project, stranger.stack) == (self.project, self.stack)


def remedy_for(
    stranger: Stranger, ownership: Ownership, elsewhere: str = RENAME, keeps_key: bool = False
) -> str:
    """Return how a stack that another is in the way of comes up: by another name, or as what it was."""
    if stranger.stack is None or not ownership.differs_in_key(stranger):
        return elsewhere
    back = PUT_BACK if keeps_key else f'write fate:adopts: ["{stranger.key}"]'
    return f"{elsewhere}; or, if this stack had that key, {back}"
