"""Secrets that others gave: they reach the service that needs them, and nothing else that is declared."""

import json
from typing import Any

import pulumi
import pytest

from tests.declared.kubernetes_stacks import stack
from tests.declared.program import Declared, declare, stack_file

GIVEN = {"models": "hunter2'/&\\", "zk": "hunter3", "unused": "hunter4"}
KEYS = ("fate:secret-key", "fate:secrets")
PARTY = {
    "model-store": {
        "kind": "mysql",
        "host": "203.0.113.9",
        "port": 3307,
        "database": "models",
        "user": "fate",
        "password": {"secret": "models"},
    },
    "zookeeper": {
        "servers": [{"host": "zk.bank.example"}],
        "user": "fate",
        "password": {"secret": "zk"},
    },
}


def on_an_engine(secrets: object = GIVEN, keys: tuple[str, ...] = KEYS) -> Declared:
    values = stack_file("dev")
    values["parties"] = [{**values["parties"][0], **PARTY}, values["parties"][1]]
    return declare({**values, "secrets": secrets}, secret_keys=keys)


def on_a_cluster(secrets: object = GIVEN) -> Declared:
    return declare({**stack(party=PARTY), "secrets": secrets}, secret_keys=KEYS)


def opened(value: Any) -> Any:  # noqa: ANN401 - whatever was declared
    """Return a value that was declared as a secret."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def holders(declared: Declared, text: str) -> set[str]:
    """Return the resources that a text stands in."""
    escaped = json.dumps(text)[1:-1]
    return {r.name for r in declared.resources if escaped in json.dumps(r.inputs, default=str)}


def test_only_the_filler_of_its_service_holds_one_on_an_engine() -> None:
    declared = on_an_engine()
    assert holders(declared, GIVEN["models"]) == {"party-9999-fateflow-secrets"}
    assert holders(declared, GIVEN["zk"]) == {"party-9999-fateflow-secrets"}
    uploads = opened(declared.of("Container")["party-9999-fateflow-secrets"]["uploads"])
    files = {upload["file"].rpartition("/")[2]: opened(upload["content"]) for upload in uploads}
    assert files["model-store-password"] == GIVEN["models"], "as it was given, every sign"


def test_only_the_secret_of_its_service_holds_one_on_a_cluster() -> None:
    declared = on_a_cluster()
    kept = declared.of("Secret")["party-9999-fateflow-secrets"]
    assert set(opened(kept["data"])) == {
        "broker-password",
        "database-password",
        "model-store-password",
        "zookeeper-password",
    }
    assert holders(declared, GIVEN["models"]) == set(), "a Secret holds it in base64"


def test_what_nothing_calls_reaches_nothing() -> None:
    assert holders(on_an_engine(), GIVEN["unused"]) == set()


def test_no_output_tells_one() -> None:
    assert "hunter" not in json.dumps(on_an_engine().outputs, default=str)


@pytest.mark.parametrize("declared", [on_an_engine, on_a_cluster])
def test_another_value_starts_its_service_anew_and_no_other(declared: Any) -> None:  # noqa: ANN401 - either
    def told(which: Declared) -> dict[str, str]:
        return {r.name: json.dumps(r.inputs, default=str, sort_keys=True) for r in which.resources}

    before, after = told(declared()), told(declared({**GIVEN, "models": "hunter5"}))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"party-9999-fateflow", "party-9999-fateflow-secrets"}


def test_a_service_may_dial_what_was_named_elsewhere() -> None:
    policy = on_a_cluster().of("NetworkPolicy")["party-9999-fateflow-policy"]["spec"]
    egress = {
        (block["ipBlock"]["cidr"] if (block := rule.get("to", [None])[0]) else "anywhere", port["port"])
        for rule in policy["egress"]
        for port in rule["ports"]
        if not (rule.get("to") and "podSelector" in rule["to"][0])
    }
    assert {("203.0.113.9/32", 3307), ("anywhere", 2181)} <= egress


@pytest.mark.parametrize("secrets", ["hunter2", {"models": "hunter 2", "zk": "x"}])
def test_what_cannot_be_one_is_refused_and_not_repeated(secrets: object) -> None:
    with pytest.raises(pulumi.RunError, match="fate:secrets") as refused:
        on_an_engine(secrets)
    assert "hunter" not in str(refused.value)


def test_one_that_pulumi_was_not_told_to_encrypt_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"fate:secrets: stands in plain text"):
        on_an_engine(keys=("fate:secret-key",))
