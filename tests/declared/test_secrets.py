"""The program and secrets: it opens the stack's one and refuses every other before anything is declared."""

from pathlib import Path

import pulumi
import pytest

from tests.declared.program import SECRET_KEY, Declared, declare, stack_file

ENVIRONMENT = {"fateflow": {"environment": {"TOKEN": "opened-text"}}}


def with_a_token() -> dict[str, object]:
    values = stack_file("dev")
    values["parties"] = [{**values["parties"][0], "services": ENVIRONMENT}, values["parties"][1]]
    return values


def passwords(declared: Declared) -> dict[str, object]:
    fillers = declared.of("Container").items()
    return {name: inputs["uploads"] for name, inputs in fillers if name.endswith("-secrets")}


def test_a_secret_beside_the_stack_s_one_is_refused_and_not_repeated() -> None:
    with pytest.raises(pulumi.RunError) as refused:
        declare(with_a_token(), secret_keys=["fate:secret-key", "fate:parties"])
    assert "fate:parties" in str(refused.value)
    assert "opened-text" not in str(refused.value), "what is refused is not told"


def test_a_faulty_value_that_is_secret_is_refused_before_its_fault_can_tell_it() -> None:
    with pytest.raises(pulumi.RunError) as refused:
        declare({**stack_file("dev"), "release": "opened-text"}, secret_keys=["fate:release"])
    assert "opened-text" not in str(refused.value)


def test_a_stack_whose_file_has_no_secret_takes_the_one_that_the_checkout_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATE_SECRET_KEYS", str(tmp_path))
    (tmp_path / "dev").write_text(SECRET_KEY)
    kept, written = declare(stack_file("dev"), secret_key=None), declare(stack_file("dev"))
    assert passwords(kept) == passwords(written) != {}


def test_a_stack_without_a_secret_anywhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FATE_SECRET_KEYS", raising=False)
    with pytest.raises(pulumi.RunError, match=r"fate:secret-key: is missing"):
        declare(stack_file("dev"), secret_key=None)
