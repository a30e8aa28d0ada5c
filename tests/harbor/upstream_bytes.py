"""What leaves an upstream while the parties of stacks pull all that they run from one Harbor."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.manifests import MANIFEST, Manifest
from clients.repository import Repository, Server
from tests.harbor.project import Stack
from tests.harbor.state import State
from tests.harbor.test_contents import KEY, PROGRAM, UPSTREAM, values
from tests.harbor.whole import parts_of, whole_harbor

IMAGES = {
    "federatedai/fateflow": "2.0.0-release",
    "federatedai/nginx": "2.0.0-release",
    "federatedai/rabbitmq": "3.8.3-management",
    "library/mysql": "8.0.28",
}
PARTIES = ("9999", "10000", "10001")
LAYER = 500_000
ALL_OF_IT = ("/blobs/", "/manifests/")


@dataclass(frozen=True)
class Counted:
    """A registry that is asked without a login, and how many bytes of a part of images left it."""

    url: str
    served: Callable[[str], int]

    @property
    def server(self) -> Server:
        return Server(self.url, direct=True)


@dataclass(frozen=True)
class Figure:
    """How many bytes had left the upstream once so many parties had pulled everything, and of which set."""

    stacks: int
    parties: int
    layers: int
    manifests: int
    size: int

    @property
    def ratio(self) -> float:
        return (self.layers + self.manifests) / self.size


def figures(folder: Path, state: State, upstream: Counted, behind: str) -> Iterator[Figure]:
    """Let a stack grow to three parties, and a second one come; each party pulls all that it runs."""
    size = fill(upstream.server, state)
    with whole_harbor(state, behind, upstream.url) as url:
        for stacks, name in enumerate(("first", "second"), 1):
            (folder / name).mkdir()
            stack = Stack.of(folder / name, url, PROGRAM)
            grown = range(1, len(PARTIES) + 1) if stacks == 1 else [len(PARTIES)]
            for parties in grown:
                outputs = brought_up(stack, PARTIES[:parties], second=stacks == 2)
                for party in PARTIES[:parties]:
                    pull(outputs["held"].values(), url, outputs["harbor-robots"][party])
                layers, manifests = map(upstream.served, ALL_OF_IT)
                yield Figure(stacks, parties, layers, manifests, size)


def fill(server: Server, state: State) -> int:
    """Push images of one base; return the bytes of the set, each layer counted once."""
    base, sizes = bytes_of("base"), {}
    state.upstreams[UPSTREAM].repositories.clear()
    for name, tag in IMAGES.items():
        repository = Repository(server, name, "pull,push")
        blobs = [json.dumps({"architecture": "amd64", "of": name}).encode(), base, bytes_of(name)]
        told = [{"digest": digest_of(each), "size": len(each)} for each in blobs]
        for content, each in zip(blobs, told, strict=True):
            repository.upload(str(each["digest"]), len(content), parts_of(content))
            sizes[each["digest"]] = len(content)
        tree = {"schemaVersion": 2, "mediaType": MANIFEST, "config": told[0], "layers": told[1:]}
        manifest = Manifest(json.dumps(tree).encode())
        repository.put(manifest, tag)
        sizes[manifest.digest] = len(manifest.content)
        state.upstreams[UPSTREAM].repositories[name] = {tag: manifest.digest}
    return sum(sizes.values())


def brought_up(stack: Stack, parties: Sequence[str], *, second: bool) -> Mapping[str, Any]:
    """Bring a stack up, and return its outputs. The second takes over what has the same names."""
    told = json.loads(values(stack.url, adopt=second, order=tuple(parties)))
    told["images"] = {"from": "hub"}
    status, text = stack.run("up", "--yes", "--skip-preview", KEY=KEY, STACK=json.dumps(told))
    assert status == 0, text
    outputs: Mapping[str, Any] = json.loads(stack.run("stack", "output", "--json", "--show-secrets")[1])
    return outputs


def pull(references: Sequence[str], url: str, robot: Mapping[str, str]) -> None:
    """Pull images by a robot, every byte of them, as an engine does that has none of it yet."""
    host = url.removeprefix("http://")
    assert references, "a party runs something"
    for reference in references:
        named, _, tag = reference.rpartition(":")
        assert named.startswith(f"{host}/"), f"{reference} is pulled from elsewhere"
        server = Server(url, robot["user"], robot["password"], direct=True)
        repository = Repository(server, named.removeprefix(f"{host}/"))
        for blob in repository.manifest(tag).blobs:
            content = b"".join(repository.blob(blob.digest, 0, blob.size))
            assert digest_of(content) == blob.digest, "it comes as it was put there"


def bytes_of(seed: str) -> bytes:
    return random.Random(seed).randbytes(LAYER)


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def shown(every: Sequence[Figure]) -> str:
    """Return figures as they are read."""
    return "\n".join(
        f"{each.stacks} stacks, {each.parties} parties: {each.layers} bytes of layers and {each.manifests} of"
        f" manifests left the upstream, {each.ratio:.4f} times the set"
        for each in every
    )


def check(every: Sequence[Figure]) -> None:
    """Hold that whoever comes takes no layer from the upstream that another has taken."""
    assert [(each.stacks, each.parties) for each in every] == [(1, 1), (1, 2), (1, 3), (2, 3)]
    first, *others = every
    assert first.ratio == 1, shown(every)
    for each in others:
        assert each.layers == first.layers, shown(every)
        assert f"{each.ratio:.2f}" == "1.00", shown(every)
