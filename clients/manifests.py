"""What a registry tells of an image: manifests, and what they consist of.

Source: the OCI image specification 1.1, and Docker's schema 2 of the same shape. Schema 1, which has no
digest of its bytes, is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class NoManifest(Exception):
    """Bytes that are no manifest; the text says why."""


@dataclass(frozen=True)
class Blob:
    """A layer or a configuration: what its bytes hash to, and how many they are."""

    digest: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """A manifest or an index of manifests, byte by byte as its registry gave it."""

    content: bytes
    given_kind: str = ""
    """The type that the registry told, for a manifest that does not say it itself."""

    @cached_property
    def digest(self) -> str:
        """Return what it is named by."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    @property
    def kind(self) -> str:
        """Return its media type."""
        told = self._tree.get("mediaType") or self.given_kind.partition(";")[0]
        return str(told or (INDEX if "manifests" in self._tree else MANIFEST))

    @property
    def children(self) -> tuple[str, ...]:
        """Return the digests of the manifests that an index lists, one a platform."""
        return tuple(str(child["digest"]) for child in self._tree.get("manifests", ()))

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """Return the configuration and the layers; none of an index."""
        parts = [self._tree["config"], *self._tree["layers"]] if "layers" in self._tree else []
        return tuple(Blob(str(part["digest"]), int(part["size"])) for part in parts)

    def check(self) -> None:
        """Raise NoManifest where it is none, or names something by another hash than SHA-256."""
        try:
            named = [*self.children, *(blob.digest for blob in self.blobs)]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NoManifest("it is no manifest") from None
        if not self.children and not self.blobs:
            raise NoManifest(f"it is of the type {self.kind}, which names no layers by digest")
        if foreign := [each for each in named if not each.startswith("sha256:")]:
            raise NoManifest(f"it names {foreign[0]}: only sha256 is known here")

    @cached_property
    def _tree(self) -> Mapping[str, Any]:
        tree: Mapping[str, Any] = json.loads(self.content)
        return tree
