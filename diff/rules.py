"""What a resource type of a bridged plugin answers about a change, without asking an engine."""

from typing import ClassVar

from diff.comparison import Comparison, compared
from diff.shape import Shape
from diff.state import completed, stated
from diff.values import Plain


class ResourceRules:
    """The rules of one resource type.

    A `state` is what its inputs lead to, with all defaults, and what the engine told of it.
    """

    token: ClassVar[str]
    shape: ClassVar[Shape]
    named: ClassVar[bool] = False
    """Whether a `name` that is not given is made up, from the resource's own; one that is given is free only
    once the old resource is gone."""
    deletes_first: ClassVar[bool] = False
    """Whether the old one goes before the new one comes, whatever its name."""
    computed: ClassVar[tuple[str, ...]] = ()
    """The outputs that only `up` knows."""

    def compared(self, state: Plain, inputs: Plain) -> Comparison:
        """Return what other inputs change in a state."""
        return compared(self.shape, state, stated(self.shape, inputs, state), inputs)

    def settled(self, inputs: Plain) -> Plain:
        """Return the state of a resource whose engine took its inputs, without asking the engine."""
        return stated(self.shape, completed(self.shape, inputs))

    def makes_way(self, inputs: Plain) -> bool:
        """Return whether the old resource has to go before one with these inputs can be made."""
        return self.deletes_first or (self.named and "name" in inputs)
