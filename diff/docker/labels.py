"""Labels, which are pairs in a program."""

from diff.shape import Property, record_set, text


def label_set() -> Property:
    """Return the property of a resource that has its labels."""
    return record_set(label=text(required=True), value=text(required=True))
