"""Differences, as the engine wants to hear them."""

from collections.abc import Callable, Mapping

from diff.differences import Change, Changes
from diff.state import FAILED
from offline.protocol.wire import provider_pb2

KINDS = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def planned(
    changed: Mapping[str, Changes],
    replaces: Callable[[str], bool] = lambda path: False,
    delete_first: bool = False,
    failed: bool = False,
    against_inputs: bool = True,
) -> provider_pb2.DiffResponse:
    """Return what a diff leads to, from the changes inside every property that differs, by path.

    A resource that was made but does not work is replaced. The engine shows changes beside the old inputs, or
    beside the old state where they are not `against_inputs`.
    """
    replacing = [name for name, changes in changed.items() if any(map(replaces, changes))]
    detailed = {
        path: provider_pb2.PropertyDiff(kind=KINDS[change, replaces(path)], inputDiff=against_inputs)
        for changes in changed.values()
        for path, change in changes.items()
    }
    if failed:
        replacing.append(FAILED)
        detailed[FAILED] = provider_pb2.PropertyDiff(kind=KINDS[Change.DELETE, True])
    some = bool(changed) or failed
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=[*changed, *([FAILED] if failed else [])],
        replaces=replacing,
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_first and bool(replacing),
    )
