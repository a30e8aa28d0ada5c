"""What may go wrong in a resource operation, as the engine is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from diff.refusal import Refusal

__all__ = ["Half", "Refusal"]


class Half(Refusal):
    """A resource that was made but does not work: the state keeps it, and the next `up` sees to it."""

    def __init__(
        self, message: str, resource_id: str, computed: Mapping[str, Any], reasons: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.reasons = reasons
        self.resource_id = resource_id
        self.computed = computed
