"""Which images a bundle has: references taken apart, and how their registries are asked."""

from pathlib import Path

import pytest

from clients.docker_login import HUB
from config import load
from ops.bundle import wanted
from ops.bundle.faults import BundleFault
from ops.bundle.wanted import Access, WantedImage, access_of, wanted_images
from tests.unit.harbor_examples import HOST, boarded
from tests.unit.stack_values import Values, stack

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("reference", "host", "path", "tag", "name"),
    [
        (f"localhost:5000/fate/nginx@{DIGEST}", "localhost:5000", "fate/nginx", None, "nginx"),
        ("localhost:5000/fate/nginx:1", "localhost:5000", "fate/nginx", "1", "nginx"),
        (f"r.example/a/b/fateflow:1@{DIGEST}", "r.example", "a/b/fateflow", "1", "fateflow"),
        ("r.example/x/federatedai/osx:2", "r.example", "x/federatedai/osx", "2", "federatedai/osx"),
        ("federatedai/osx:2", HUB, "federatedai/osx", "2", "federatedai/osx"),
        ("docker.io/federatedai/osx:2", HUB, "federatedai/osx", "2", "federatedai/osx"),
        ("library/mysql:8.0.28", HUB, "library/mysql", "8.0.28", "library/mysql"),
        ("nginx", HUB, "library/nginx", None, "nginx"),
    ],
)
def test_a_reference_is_taken_apart(reference: str, host: str, path: str, tag: str | None, name: str) -> None:
    image = WantedImage(reference, ("any",))
    assert (image.host, image.path, image.tag, image.name) == (host, path, tag, name)
    assert image.digest == (DIGEST if "@" in reference else None)


def external(**more: object) -> Values:
    return stack(mirror={"kind": "external", "address": "r.example:5000/fate", **more})


@pytest.mark.parametrize(
    ("values", "given", "host", "url"),
    [
        (stack(), Access(), "localhost:5000", "http://localhost:5000"),
        (stack(), Access(), "elsewhere.example", "https://elsewhere.example"),
        (external(), Access(), "r.example:5000", "https://r.example:5000"),
        (external(**{"plain-http": True}), Access(), "r.example:5000", "http://r.example:5000"),
        (external(**{"plain-http": True}), Access(), "elsewhere.example", "https://elsewhere.example"),
        (external(), Access(plain_http=True), "r.example:5000", "http://r.example:5000"),
        (external(), Access(plain_http=True), HUB, f"https://{HUB}"),
        (
            stack(mirror={"kind": "distribution", "bind": "192.0.2.7", "address": "r.example:5000"}),
            Access(),
            "r.example:5000",
            "http://r.example:5000",
        ),
        (
            stack(mirror={"kind": "distribution", "bind": "192.0.2.7", "address": "r.example:443"}),
            Access(),
            "r.example:443",
            "https://r.example:443",
        ),
    ],
)
def test_a_registry_is_asked_without_tls_only_where_it_is_known_to_have_none(
    values: Values, given: Access, host: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    server = access_of(load(values), given).server(host)
    assert server.url == url
    assert server.direct == (host == "localhost:5000"), "what is on this machine is asked past any proxy"


def test_what_is_pushed_to_a_harbor_is_wanted_by_digest_and_what_is_copied_there_by_tag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings, project = load(boarded(replicate={})), f"{HOST}/fate"
    told = {each: f"{project}/{each}@{DIGEST}" for each in ("broker", "database", "fateflow", "gateway")}
    monkeypatch.setattr(wanted, "_output", lambda stack, name: told if name == "images" else None)
    found = {image.reference: image.users for image in wanted_images("bank", settings)}
    assert found == {
        **{reference: (holder,) for holder, reference in told.items()},
        f"{project}/federatedai/fateboard:2.1.1-release": ("fateboard",),
    }
    del told["gateway"]
    with pytest.raises(BundleFault, match="has not built and pushed gateway yet"):
        wanted_images("bank", settings)
