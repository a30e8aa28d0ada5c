"""What Pulumi says and keeps of all that is in a Harbor: no form of it has a secret in plain."""

from pathlib import Path

from tests.harbor.project import Stack
from tests.harbor.state import State
from tests.harbor.test_stack import PROGRAM, SECRETS

SAID: dict[str, tuple[str, ...]] = {
    "the first up": ("up", "--yes", "--diff"),
    "a preview of a change": ("preview", "--diff", "--show-sames"),
    "the same for machines": ("preview", "--json"),
    "a refresh after a drift": ("refresh", "--yes", "--diff"),
    "the outputs": ("stack", "output", "--json"),
    "the state that is handed on": ("stack", "export"),
}


def test_no_secret_of_a_harbor_is_said_or_kept(tmp_path: Path, url: str, state: State) -> None:
    stack = Stack.of(tmp_path, url, PROGRAM)
    for what, command in SAID.items():
        if what == "a refresh after a drift":
            for robot in state.robots.values():
                robot["disable"] = True
        status, text = stack.run(*command, QUOTA="-1" if what == "the first up" else "5000")
        assert status == 0, text
        assert not [secret for secret in SECRETS if secret in text], f"{what} shows a secret"
    assert not [secret for secret in SECRETS if secret in stack.kept]
