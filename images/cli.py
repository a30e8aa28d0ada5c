"""`fate images`: the images' recipes by hand, for machines and people without Pulumi."""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from images import bill_of_materials, debian, engine, lock, recipes, trust

_out = Console()
_progress = Console(stderr=True)


def run(options: argparse.Namespace) -> int:
    """Run one command; a failure is told in a sentence, with exit code 1."""
    try:
        options.step(options)
    except (engine.ImageError, recipes.UnknownRecipeError) as fault:
        _progress.print(f"error: {fault}", style="red", highlight=False, markup=False)
        return 1
    return 0


def arguments(parser: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    """Add what the command takes; return where further commands are added."""
    parser.description = __doc__
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_engine_commands(commands)
    sbom = commands.add_parser("sbom", help="bills of materials (CycloneDX 1.5), read from built images")
    sbom.add_argument("names", nargs="*", metavar="NAME")
    sbom.add_argument("--all", action="store_true", help="every image")
    sbom.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="a file an image; else to standard output"
    )
    sbom.add_argument("--host", help="the Docker engine's address")
    sbom.set_defaults(step=_sbom)
    locking = commands.add_parser(
        "lock",
        help="lock what recipes install anew: requirements.in to requirements.lock, pom.xml to jars.lock",
    )
    locking.add_argument("names", nargs="*", metavar="NAME")
    locking.set_defaults(step=_lock)
    return commands


def _add_engine_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, run, text in (
        ("list", _list, "every recipe, its digest, and whether the engine has it"),
        ("base", _base, "prepare what the base image is built from, if it is missing"),
        ("build", _build, "build images that are missing, all or those named"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--host", help="the Docker engine's address: unix://, ssh:// or tcp://")
        command.set_defaults(step=run)
        if name == "build":
            command.add_argument("names", nargs="*", metavar="NAME")


def _say(line: str) -> None:
    _progress.print(line, style="dim", highlight=False, markup=False, no_wrap=True, overflow="ellipsis")


def _list(options: argparse.Namespace) -> None:
    client = engine.connect(options.host)
    table = Table("image", "digest", "present", "size")
    for name in (recipes.BASE, *recipes.RECIPES):
        size = engine.image_size(client, recipes.image_reference(name))
        shown = "" if size is None else f"{size / 1e6:.0f} MB"
        table.add_row(name, recipes.recipe_digest(name), "no" if size is None else "yes", shown)
    _out.print(table)


def _base(options: argparse.Namespace) -> None:
    trust.hand_over()
    debian.prepare_base(options.host, _say)


def _build(options: argparse.Namespace) -> None:
    for name in options.names:
        recipes.context(name)
    trust.hand_over()
    print(debian.ensure_base(options.host, _say))
    client = engine.connect(options.host)
    for name in recipes.lineage(options.names or recipes.RECIPES)[1:]:
        reference = recipes.image_reference(name)
        if engine.image_size(client, reference) is None:
            engine.build(client, name, _say)
        print(reference)


def _sbom(options: argparse.Namespace) -> None:
    names = recipes.RECIPES if options.all else options.names
    if not names:
        raise engine.ImageError(f"no image named: write --all or one of {', '.join(recipes.RECIPES)}")
    client = engine.connect(options.host)
    for name in names:
        text = json.dumps(bill_of_materials.of_image(client, name), indent=2) + "\n"
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            (options.output / f"{name}.cdx.json").write_text(text)
            _say(f"{options.output / f'{name}.cdx.json'} written")
        else:
            print(text, end="")


def _lock(options: argparse.Namespace) -> None:
    for written in lock.regenerate(options.names or recipes.RECIPES):
        _say(f"{written} written")
