"""Names that no two stacks and no two parties share on one host."""


def named(stack: str, *parts: str) -> str:
    """Return `fate-<stack>-<part>-<part>`, the name of a container, volume or network."""
    return "-".join(("fate", stack, *parts))
