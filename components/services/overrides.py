"""What a stack file says of a service's configuration, laid over what the service has of its own."""

from collections.abc import Mapping


def overlaid(own: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of `own` in their order, then the new ones sorted, each with its last value.

    So the order of a stack file's keys changes no rendered file.
    """
    return {**own, **{key: overrides[key] for key in sorted(overrides)}}
