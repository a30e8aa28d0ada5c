"""Images laid out as FATE's official ones are, built here: their names stand for no registry."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

from images import debian, engine, recipes, trust
from tests.project import ROOT

FOLDER = Path(__file__).parent
PREFIX = f"contract-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}.fate.test"
MADE_OF = {
    "fateflow": "fateflow",
    "osx": "fateflow",
    "mysql": "mariadb",
    "nginx": "nginx",
    "rabbitmq": "rabbitmq",
}
"""The recipe that each stands on; Eggroll stands on this FATE-Flow, as the official one does."""
NAMES = {
    "fateflow": ("federatedai/fateflow:2.0.0-release", "federatedai/fateflow:2.2.0-release"),
    "mysql": ("library/mysql:8.0.28",),
    "nginx": ("federatedai/nginx:2.0.0-release",),
    "rabbitmq": ("federatedai/rabbitmq:3.8.3-management",),
    "osx": ("federatedai/osx:2.2.0-release",),
    "eggroll": ("federatedai/eggroll:3.2.0-release",),
}


def build_all() -> None:
    """Build every image, after the recipes that they stand on."""
    trust.hand_over_once()
    debian.ensure_base(None, print)
    client = engine.connect()
    for recipe in sorted(set(MADE_OF.values())):
        if engine.image_size(client, recipes.image_reference(recipe)) is None:
            engine.build(client, recipe, print)
    client.close()
    for name, recipe in MADE_OF.items():
        _build(name, recipe.upper(), recipes.image_reference(recipe))
    _build("eggroll", "FATEFLOW", f"{PREFIX}/{NAMES['fateflow'][0]}")


def remove_all() -> None:
    """Take the names off the engine."""
    names = [f"{PREFIX}/{name}" for tags in NAMES.values() for name in tags]
    subprocess.run(["docker", "rmi", "--force", *names], capture_output=True, check=False)


def images(*services: str) -> dict[str, Any]:
    """Return what a stack says of its images, for each of its services."""
    return {"from": "hub", "services": {name: {"from": "hub", "prefix": PREFIX} for name in services}}


def _build(name: str, argument: str, base: str) -> None:
    tags = [word for tag in NAMES[name] for word in ("--tag", f"{PREFIX}/{tag}")]
    command = ["docker", "build", "--quiet", "--build-arg", f"{argument}={base}", *tags]
    command += ["--file", str(FOLDER / name / "Dockerfile"), str(FOLDER)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
