"""What a registry's access log says of the bytes that left it."""

from bench.upstream import image_bytes

DIGEST = "sha256:" + "a" * 64


def line(request: str, status: int, size: int) -> str:
    return (
        f'172.18.0.3 - - [24/Nov/2026:06:43:32 +0000] "{request} HTTP/1.1" {status} {size} "" "docker/20.10"'
    )


def test_manifests_and_layers_are_counted() -> None:
    log = [
        line("GET /v2/fate/bench/manifests/1", 200, 500),
        line(f"GET /v2/fate/bench/blobs/{DIGEST}", 200, 8_388_608),
        line(f"GET /v2/fate/bench/blobs/{DIGEST}", 206, 100),
    ]
    assert image_bytes(log) == 8_389_208, "a part of a layer counts too"


def test_probes_questions_refusals_and_pushes_are_not_counted() -> None:
    log = [
        line("GET /v2/", 200, 2),
        line("HEAD /v2/fate/bench/manifests/1", 200, 500),
        line("GET /v2/fate/bench/manifests/2", 404, 96),
        line("PUT /v2/fate/bench/manifests/1", 201, 3),
        'time="2026-11-24T06:52:53Z" level=info msg="response completed" http.request.uri="/v2/x/blobs/y"',
    ]
    assert image_bytes(log) == 0
