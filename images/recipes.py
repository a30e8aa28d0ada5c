"""The recipes of the images that are built here, and the names that follow from their content.

Pure functions of the files beside this module: nothing is built, no engine is asked, nothing about the
machine is read. A recipe is a folder with a Dockerfile. What it stands on or takes files from are its
parents: before its first FROM it says `ARG BASE` for the recipe `base`, `ARG FATEFLOW` for `fateflow`. Its
digest changes when, and only when, a file of it or of its lineage changes, so a tag made from it always
means the same recipe.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

BASE = "base"
"""The recipe that all others stand on."""

_ROOT = Path(__file__).parent
RECIPES: tuple[str, ...] = tuple(
    sorted(file.parent.name for file in _ROOT.glob("*/Dockerfile") if file.parent.name != BASE)
)
"""Every image that a stack with `from: packages` runs: a folder each."""

_PARENT = re.compile(r"^ARG ([A-Z][A-Z0-9_]*)$", re.MULTILINE)
_SECRET = re.compile(r"--mount=type=secret,id=([a-z.]+)")
_DIGITS = 16
_NOT_OF_THE_RECIPE = frozenset({"made", "__pycache__"})
_LONGEST_OWNER = 100

SECRETS = _ROOT / "secrets"
"""Where what this machine hands to builds lies (images/trust.py)."""


class UnknownRecipeError(ValueError):
    """An image was asked for that is not built here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"image '{name}' is not built here; write one of: {', '.join(RECIPES)}")


def context(name: str) -> Path:
    """Return the folder that `docker build` gets for the recipe `name` (`base` included).

    Raises:
        UnknownRecipeError: No such recipe; the message lists those that exist.

    """
    if name not in (*RECIPES, BASE):
        raise UnknownRecipeError(name)
    return _ROOT / name


def recipe_files(name: str) -> list[Path]:
    """Return the files that make up a recipe, sorted; neither what this machine made of it nor caches."""
    folder = context(name)
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not _NOT_OF_THE_RECIPE.intersection(path.relative_to(folder).parts)
    )


def parents(name: str) -> tuple[str, ...]:
    """Return the recipes that a recipe stands on or takes files from, in the order of its Dockerfile."""
    before_stages = re.split(r"(?m)^FROM ", _dockerfile(name), maxsplit=1)[0]
    return tuple(argument.lower().replace("_", "-") for argument in _PARENT.findall(before_stages))


def lineage(names: Iterable[str]) -> tuple[str, ...]:
    """Return recipes with all that they stand on, the base included, each once and after its parents."""
    return tuple(dict.fromkeys(each for name in names for each in (*lineage(parents(name)), name)))


def recipe_digest(name: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 over the files of a recipe and its lineage.

    Names and contents count, modes and times do not.
    """
    digest = hashlib.sha256()
    for recipe in lineage((name,)):
        for path in recipe_files(recipe):
            content = path.read_bytes()
            digest.update(
                f"{recipe}/{path.relative_to(context(recipe)).as_posix()}\0{len(content)}\0".encode()
            )
            digest.update(content)
    return digest.hexdigest()[:_DIGITS]


def base_reference() -> str:
    """Return the local tag of the base image, the same whether it came from a hub or from debootstrap."""
    return f"fate-base:{recipe_digest(BASE)}"


def image_reference(name: str) -> str:
    """Return the local tag of a built image."""
    return base_reference() if name == BASE else f"fate/{name}:{recipe_digest(name)}"


def project_path(path: Path) -> str:
    """Return a path of this folder as resources name it: from the project's, the same on every machine."""
    return f"./images/{path.relative_to(_ROOT).as_posix()}"


def tag_of(name: str, owner: str) -> str:
    """Return the tag of an image that a stack builds: the recipe's digest and whose it is.

    Two owners on one engine never share a tag: what one builds anew leaves the other's state true.
    """
    if len(owner) > _LONGEST_OWNER:
        owner = f"{owner[:_LONGEST_OWNER]}-{hashlib.sha256(owner.encode()).hexdigest()[:8]}"
    return f"{recipe_digest(name)}-{owner}"


def argument_of(parent: str) -> str:
    """Return the build argument by which a Dockerfile names one of its parents."""
    return parent.upper().replace("-", "_")


def build_arguments(name: str) -> dict[str, str]:
    """Return the build arguments of a recipe; nothing about this machine is among them."""
    return {argument_of(parent): image_reference(parent) for parent in parents(name)}


def build_secrets(name: str) -> dict[str, Path]:
    """Return the files of this machine that a step of a recipe reads, by their ids."""
    return {id: SECRETS / id for id in sorted(set(_SECRET.findall(_dockerfile(name))))}


def _dockerfile(name: str) -> str:
    return (context(name) / "Dockerfile").read_text()
