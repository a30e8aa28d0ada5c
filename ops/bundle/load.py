"""A bundle is loaded: read whole and checked first, then pushed where the registry lacks something.

What the registry has is not sent: loaded twice, nothing moves. A blob that another image there has is taken
over from it within the registry.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from clients.failures import Refused, Unreachable
from clients.manifests import Blob, Manifest
from clients.repository import Repository, Server
from ops.bundle import signature
from ops.bundle.faults import BundleFault
from ops.bundle.fetched import remedy
from ops.bundle.make import Progress
from ops.bundle.opened import Opened, open_bundle
from ops.bundle.record import CHECKSUMS, SIGNATURE, Artifact

FULL = ("quota", "upper limit", "no space left", "insufficient storage")


@dataclass
class Loaded:
    """What became of a bundle's images and charts."""

    bundle: Opened
    signed: bool
    sent: dict[str, int] = field(default_factory=dict)
    """By label, the bytes that were sent for an image or a chart; 0 where the registry had all of it."""


@dataclass(frozen=True)
class Target:
    """Where images are pushed: a registry, and what stands before their names there."""

    server: Server
    prefix: str

    def repository(self, name: str) -> Repository:
        """Return where an image or a chart stands."""
        return Repository(self.server, f"{self.prefix}{name}", "pull,push")

    @property
    def address(self) -> str:
        """Return it as `fate:mirror.address` names it."""
        return f"{self.server.host}/{self.prefix}".rstrip("/")


def verified(file: Path, signed_by: Path | None, progress: Progress) -> Opened:
    """Open a bundle and read all of it. Raises BundleFault, where a key is given also for its signature."""
    bundle = open_bundle(file)
    _check_signature(bundle, signed_by)
    progress.total(sum(member.size for member in bundle.members.values()))
    progress.step("checks")
    bundle.verify(progress.grown)
    return bundle


def load(bundle: Opened, target: Target, progress: Progress) -> Loaded:
    """Push what a verified bundle has for a registry, and ask for each of it afterwards. Raises BundleFault.

    A chart's version that is there with other content is never written over.
    """
    loaded = Loaded(bundle, SIGNATURE in bundle.members)
    pushes = [_Push(bundle, artifact, target, progress.grown) for artifact in bundle.record.artifacts]
    for push in pushes:
        push.check_older()
        if push.artifact in bundle.record.charts:
            push.check_version()
    progress.total(sum(push.size for push in pushes))
    progress.step("pushes")
    for push in pushes:
        loaded.sent[push.artifact.label] = push.push()
    progress.step("asks the registry")
    for push in pushes:
        push.check_there()
    return loaded


def _check_signature(bundle: Opened, signed_by: Path | None) -> None:
    signed = SIGNATURE in bundle.members
    if signed_by and not signed:
        raise BundleFault(
            f"{bundle.file} has no signature, and --signed-by {signed_by} asks for one. Nothing of it was"
            " used. Ask whoever made it to run `fate bundle ... --sign-key KEY`."
        )
    if signed_by:
        signature.verify(bundle.read(CHECKSUMS), bundle.read(SIGNATURE), signed_by)
    elif signed:
        signature.check_unbroken(bundle.read(CHECKSUMS), bundle.read(SIGNATURE))


@dataclass
class _Push:
    bundle: Opened
    artifact: Artifact
    target: Target
    grown: Callable[[str, int], None]

    @cached_property
    def repository(self) -> Repository:
        return self.target.repository(self.artifact.name)

    @cached_property
    def manifests(self) -> list[Manifest]:
        return list(self.bundle.manifests_of(self.artifact))

    @cached_property
    def blobs(self) -> list[Blob]:
        return list({blob.digest: blob for each in self.manifests for blob in each.blobs}.values())

    @property
    def size(self) -> int:
        return sum(blob.size for blob in self.blobs)

    def check_older(self) -> None:
        """Raise BundleFault where the registry lacks what was left out of the bundle."""
        left = self.bundle.record.blobs_left_out
        lacking = [
            blob
            for blob in self.blobs
            if not self.bundle.holds(blob.digest) and not self._is_anywhere(blob, left.get(blob.digest, ()))
        ]
        older = self.bundle.record.since
        if lacking and older:
            raise BundleFault(
                f"{self.target.server.host} lacks {len(lacking)} blobs of {self.artifact.label} that were"
                f" left out, {lacking[0].digest} first: load {older.name} before this one. It is the bundle"
                f" {older.identity}. Nothing was pushed."
            )

    def check_version(self) -> None:
        """Raise BundleFault where the registry has another chart as this version."""
        tag = self.artifact.tag or self.artifact.digest
        try:
            there = self.repository.digest_of(tag)
        except (Refused, Unreachable) as failure:
            raise self._fault(tag, failure, "tell of") from None
        if there not in (None, self.artifact.digest):
            raise BundleFault(
                f"{self.target.server.host} has another chart as {self.repository.name}:{tag} ({there}),"
                " and who installed it would get this one: raise version in the Chart.yaml of"
                f" {self.artifact.source} and make the bundle anew, or write another prefix into --to."
                " Nothing was pushed."
            )

    def push(self) -> int:
        """Send what the registry lacks; return how many bytes of blobs that were."""
        sent = sum(self._give(blob) for blob in self.blobs)
        for manifest in self.manifests:
            self._name(manifest, manifest.digest)
        if self.artifact.tag:
            self._name(self.manifests[-1], self.artifact.tag)
        return sent

    def check_there(self) -> None:
        """Raise BundleFault unless the registry gives it back, by digest and by tag."""
        try:
            found = [self.repository.manifest(manifest.digest).digest for manifest in self.manifests]
            if self.artifact.tag:
                found.append(self.repository.manifest(self.artifact.tag).digest)
            lacking = [blob.digest for blob in self.blobs if not self.repository.has_blob(blob.digest)]
        except (Refused, Unreachable) as failure:
            raise self._fault("any part", failure, "give back") from None
        wanted = {manifest.digest for manifest in self.manifests}
        if lacking or set(found) - wanted:
            raise BundleFault(
                f"{self.target.server.host} took {self.artifact.label} and does not give it back: it lacks"
                f" {', '.join([*lacking, *(wanted - set(found))])}. Its storage is"
                " damaged, or it rewrites what it is given: mend it and load the bundle again."
            )

    def _is_anywhere(self, blob: Blob, images: tuple[str, ...]) -> bool:
        try:
            repositories = [self.repository, *(self.target.repository(name) for name in images)]
            return any(repository.has_blob(blob.digest) for repository in repositories)
        except (Refused, Unreachable) as failure:
            raise self._fault(blob.digest, failure, "tell of") from None

    def _give(self, blob: Blob) -> int:
        try:
            there = self.repository.has_blob(blob.digest) or self._is_taken_over(blob)
            if not there:
                content = self.bundle.blob
                self.repository.upload(
                    blob.digest, blob.size, lambda start, size: content(blob.digest, start, size)
                )
        except (Refused, Unreachable) as failure:
            raise self._fault(blob.digest, failure) from None
        self.grown(blob.digest, blob.size)
        return 0 if there else blob.size

    def _is_taken_over(self, blob: Blob) -> bool:
        names = {*self._owners.get(blob.digest, ()), *self.bundle.record.blobs_left_out.get(blob.digest, ())}
        for name in sorted(names - {self.artifact.name}):
            repository = self.target.repository(name)
            if repository.has_blob(blob.digest) and self.repository.mount(blob.digest, repository.name):
                return True
        return False

    @cached_property
    def _owners(self) -> dict[str, tuple[str, ...]]:
        return self.bundle.images_by_blob()

    def _name(self, manifest: Manifest, reference: str) -> None:
        try:
            if self.repository.digest_of(reference) != manifest.digest:
                self.repository.put(manifest, reference)
        except (Refused, Unreachable) as failure:
            raise self._fault(f"the manifest {reference}", failure) from None

    def _fault(self, what: str, failure: Refused | Unreachable, does: str = "take") -> BundleFault:
        host = self.target.server.host
        if any(word in str(failure).lower() for word in FULL):
            way = f"Make room in the registry, or raise the quota of {self.target.address}."
        elif "MANIFEST_BLOB_UNKNOWN" in str(failure):
            way = (
                "It takes no index of which it lacks a part: `fate bundle list` names what the bundle lacks."
            )
        else:
            way = remedy(host, failure)
        return BundleFault(
            f"{host} does not {does} {what} of {self.artifact.label}: {failure}. {way} What it has got stays"
            " there; the same command sends the rest."
        )
