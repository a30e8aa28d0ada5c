"""How containerd names the images that it is handed."""

import pytest

from offline.cluster.commands import ClusterFault
from offline.cluster.containers import full_name, load
from offline.cluster.layout import home


@pytest.mark.parametrize(
    ("tagged", "full"),
    [
        ("debian:12", "docker.io/library/debian:12"),
        ("fate/registry:1", "docker.io/fate/registry:1"),
        ("localhost/pause:1", "localhost/pause:1"),
        ("localhost:5000/fate/nginx:1", "localhost:5000/fate/nginx:1"),
        ("registry.bank.example/fate/nginx:1", "registry.bank.example/fate/nginx:1"),
    ],
)
def test_a_name_without_a_registry_is_docker_s(tagged: str, full: str) -> None:
    assert full_name(tagged) == full


def test_an_image_that_is_named_by_its_digest_is_not_handed_over() -> None:
    with pytest.raises(ClusterFault, match="which an archive does not carry"):
        load(home(), f"fate/registry@sha256:{'0' * 64}")
