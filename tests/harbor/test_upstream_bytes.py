"""However many parties and stacks pull from a Harbor, its upstream gives each byte once."""

from pathlib import Path

from tests.harbor.state import State
from tests.harbor.upstream_bytes import Counted, check, figures
from tests.unit.strict_registry import Strict, strict_registry


def served_by(registry: Strict, part: str) -> int:
    """Return the bytes of blobs or of manifests that were asked for."""
    asked = [
        path.removeprefix("/v2/").split(part)
        for method, path, _ in registry.asked
        if method == "GET" and part in path
    ]
    if part == "/blobs/":
        return sum(len(registry.blobs[name, digest]) for name, digest in asked)
    return sum(len(registry.manifests[name, reference][1]) for name, reference in asked)


def test_a_second_party_and_a_second_stack_take_nothing_from_upstream(tmp_path: Path, state: State) -> None:
    with strict_registry() as upstream, strict_registry() as behind:
        counted = Counted(upstream.url, lambda part: served_by(upstream, part))
        check(list(figures(tmp_path, state, counted, behind.url)))
