"""The images and charts of a bundle, from the registries that the stack pulls from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from clients.failures import NoTls, Refused, Unreachable, Untrusted
from clients.manifests import Blob, Manifest
from clients.repository import Repository, Server
from ops.bundle.archive import Entry, memory
from ops.bundle.faults import BundleFault
from ops.bundle.opened import checked
from ops.bundle.record import Absent, Artifact, blob_path
from ops.bundle.wanted import Access, WantedImage


@dataclass
class Fetched:
    """What is known of images and charts before a layer is moved."""

    artifacts: list[Artifact] = field(default_factory=list)
    roots: list[Manifest] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    absent: list[Absent] = field(default_factory=list)
    contents: dict[str, Callable[[int], Iterator[bytes]]] = field(default_factory=dict)
    """By digest, how a blob is read from its registry, also one that need not come."""
    sizes: dict[str, int] = field(default_factory=dict)
    """By digest, the compressed layers and configurations of each."""

    def add(self, other: "Fetched") -> None:
        """Take over what is known of others."""
        self.artifacts += other.artifacts
        self.roots += other.roots
        self.entries |= other.entries
        self.left_out |= other.left_out
        self.absent += other.absent
        self.contents |= other.contents
        self.sizes |= other.sizes


def fetch(wanted: Iterable[WantedImage], access: Access, older: Mapping[str, tuple[str, ...]]) -> Fetched:
    """Ask for the manifests of images; their layers are read when the bundle is written.

    An index comes with every manifest that its registry has. `older` are the blobs that need not come, with
    the images that have them. Raises BundleFault.
    """
    fetched = Fetched()
    servers: dict[str, Server] = {}
    for image in wanted:
        if image.host not in servers:
            servers[image.host] = access.server(image.host)
        _Image(image, Repository(servers[image.host], image.path), fetched, older).fetch()
    return fetched


@dataclass
class _Image:
    wanted: WantedImage
    repository: Repository
    fetched: Fetched
    older: Mapping[str, tuple[str, ...]]

    def fetch(self) -> None:
        root = self._manifest(self.wanted.digest or self.wanted.tag or "latest")
        held = Artifact(
            name=self.wanted.name,
            tag=self._tag(root),
            digest=root.digest,
            source=self.wanted.reference,
            users=self.wanted.users,
            runs_as=self.wanted.runs_as,
        )
        if any(each.label == held.label and each.digest == held.digest for each in self.fetched.artifacts):
            return
        self.fetched.artifacts.append(held)
        self.fetched.roots.append(root)
        blobs = {blob.digest: blob for blob in self._below(root, held)}
        self.fetched.sizes[root.digest] = sum(blob.size for blob in blobs.values())

    def _below(self, manifest: Manifest, held: Artifact) -> Iterator[Blob]:
        self.fetched.entries[blob_path(manifest.digest)] = memory(manifest.content)
        for child in manifest.children:
            found = self._child(child, held)
            if found:
                yield from self._below(found, held)
        for blob in manifest.blobs:
            self._take(blob)
            yield blob

    def _child(self, digest: str, held: Artifact) -> Manifest | None:
        try:
            return self._checked(digest, self.repository.manifest(digest))
        except Refused as refused:
            if refused.status != 404:
                raise self._fault(digest, refused) from None
            why = f"{self.repository.server.host} lists it and does not have it"
            self.fetched.absent.append(Absent(part="images", what=f"{held.label}: {digest}", why=why))
            return None
        except Unreachable as failure:
            raise self._fault(digest, failure) from None

    def _take(self, blob: Blob) -> None:
        self.fetched.contents[blob.digest] = lambda start: self._content(blob, start)
        if blob.digest in self.older:
            self.fetched.left_out[blob.digest] = self.older[blob.digest]
            return
        known = blob.digest.removeprefix("sha256:")
        entry = Entry(blob.size, known, self.fetched.contents[blob.digest])
        self.fetched.entries.setdefault(blob_path(blob.digest), entry)

    def _content(self, blob: Blob, start: int) -> Iterator[bytes]:
        try:
            yield from self.repository.blob(blob.digest, start, blob.size)
        except (Refused, Unreachable) as failure:
            raise self._fault(blob.digest, failure) from None

    def _tag(self, root: Manifest) -> str | None:
        """Return the tag that a mirror holds it by; where only a digest is named, it is asked for."""
        tag = self.wanted.candidate_tag
        if tag is None or self.wanted.tag:
            return tag
        try:
            return tag if self.repository.digest_of(tag) == root.digest else None
        except (Refused, Unreachable):
            return None

    def _manifest(self, reference: str) -> Manifest:
        try:
            return self._checked(reference, self.repository.manifest(reference))
        except (Refused, Unreachable) as failure:
            raise self._fault(reference, failure) from None

    def _checked(self, reference: str, manifest: Manifest) -> Manifest:
        given = f"sha256:{sha256(manifest.content).hexdigest()}"
        if reference.startswith("sha256:") and given != reference:
            raise BundleFault(
                f"{self.repository.server.host} gives for {self.wanted.path}@{reference} a manifest that"
                f" hashes to {given}: the registry, or what stands before it, changes what it"
                " holds. Mend it first."
            )
        return checked(manifest, self.wanted.reference)

    def _fault(self, what: str, failure: Refused | Unreachable) -> BundleFault:
        host = self.repository.server.host
        return BundleFault(
            f"{host} does not give {what} of {self.wanted.path}: {failure}. {remedy(host, failure)} What is"
            " fetched already stays; the same command goes on from there."
        )


def remedy(host: str, failure: Refused | Unreachable) -> str:
    """Return what to do about a registry that does not do what it is asked."""
    match failure:
        case Refused(status=401 | 403):
            return f"Log in with an account that may: docker login {host}."
        case Refused(status=404):
            return "Push it there, or name a registry that has it."
        case Refused():
            return f"The log of {host} tells more."
        case Untrusted():
            return "Name the authority that signed its certificate: --ca-file FILE."
        case NoTls():
            return "If it has no TLS, write --plain-http."
        case _:
            return "Bring it up, or write the address of one that this machine reaches."
