"""`python -m setup.toolchain`: set up Pulumi for this checkout, and say what answers."""

import re
import sys

from setup.toolchain.answering import tell_who_answers
from setup.toolchain.checkout import SOURCES, Checkout, SetupFailure
from setup.toolchain.cli import set_up_cli
from setup.toolchain.plugins import Plugin, set_up_plugins

PLUGINS = ("docker", "kubernetes")


def main(checkout: Checkout) -> int:
    """Set up the CLI, then each plugin. Returns 1 where something could not be set up."""
    try:
        cli = set_up_cli(checkout, pinned("pulumi"))
        plugins = [Plugin(name, pinned(f"pulumi-{name}")) for name in PLUGINS]
        set_up_plugins(checkout, plugins, cli)
        for plugin in plugins:
            tell_who_answers(checkout, plugin)
    except SetupFailure as failure:
        print(f"error: {failure.problem}\n       {failure.remedy}", file=sys.stderr)
        return 1
    return 0


def pinned(package: str) -> str:
    """Return the version of the SDK that the program imports, which its plugin has to have as well."""
    found = re.search(rf"^{package}==([\d.]+)$", (SOURCES / "requirements.in").read_text(), re.MULTILINE)
    if found is None:
        raise SetupFailure(
            f"requirements.in pins no {package}", f"Write {package}==VERSION there, then make lock."
        )
    return found[1]


if __name__ == "__main__":
    sys.exit(main(Checkout.here()))
