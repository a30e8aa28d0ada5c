"""What holds for every container of every stack."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.declared.program import SECRET_KEY, Declared, declare, stack_file
from tests.unit.stack_values import spark

PEER = {"parties": {"9999": {"expose": {"host": "peer.example", "gateway-port": 9300, "broker-port": 5672}}}}
MIRROR = {
    "images": {
        s: f"localhost:5000/fate/{s}@sha256:{'a' * 64}" for s in ("fateflow", "database", "broker", "gateway")
    }
}
SPARK = "Spark and HDFS"
REFERENCES: dict[str, dict[str, Any]] = {
    "organization/fate/dev": MIRROR,
    "organization/fate/party-9999": PEER,
}


@pytest.fixture(scope="module", params=["dev", "party-9999", "party-10000", "exchange", SPARK])
def declared(request: pytest.FixtureRequest) -> Declared:
    if request.param == SPARK:
        return declare(spark())
    return declare(stack_file(request.param), stack=request.param, references=REFERENCES)


def containers(declared: Declared) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = declared.of("Container")
    assert found, "a stack without containers checks nothing"
    yield from found.items()


def test_no_container_has_a_capability_or_can_gain_one(declared: Declared) -> None:
    for name, inputs in containers(declared):
        assert inputs["capabilities"] == {"drops": ["ALL"]}, f"{name} keeps capabilities"
        assert inputs["securityOpts"] == ["no-new-privileges"], f"{name} may gain privileges"


def test_every_container_runs_as_a_numeric_user_that_is_not_root(declared: Declared) -> None:
    for name, inputs in containers(declared):
        assert int(inputs["user"]) >= 10001, f"{name} runs as {inputs['user']}"


def test_memory_is_limited_and_swap_is_named_with_it(declared: Declared) -> None:
    for name, inputs in containers(declared):
        assert inputs["memorySwap"] == inputs["memory"] > 0, f"{name}: the second preview would not be empty"


def test_who_waits_has_a_healthcheck(declared: Declared) -> None:
    for name, inputs in containers(declared):
        assert bool(inputs.get("wait")) == bool(inputs.get("healthcheck")), f"{name} would wait for ever"


def test_a_secret_stands_only_among_the_uploads_of_a_filler(declared: Declared) -> None:
    for name, inputs in containers(declared):
        uploads = inputs.get("uploads")
        secret = isinstance(uploads, Mapping)
        assert secret == name.endswith("-secrets"), f"{name}: a secret upload hides the diff of the others"


def test_the_secret_key_itself_reaches_no_resource(declared: Declared) -> None:
    for resource in declared.resources:
        assert SECRET_KEY not in str(resource.inputs), f"{resource.name} holds the stack's secret key"


def test_nothing_listens_beyond_loopback_unless_a_party_exposes_it(declared: Declared) -> None:
    for name, inputs in containers(declared):
        for port in inputs.get("ports", []):
            exposed = name.endswith(("-gateway", "-broker"))
            assert exposed or port["ip"] == "127.0.0.1", f"{name} opens {port}"


def test_data_volumes_carry_the_labels_that_tell_whose_they_are(declared: Declared) -> None:
    for name, inputs in declared.of("Volume").items():
        assert {"fate.stack"} <= {label["label"] for label in inputs["labels"]}, (
            f"{name} cannot be found again"
        )


def test_names_carry_the_stack_so_that_two_stacks_share_a_host(declared: Declared) -> None:
    for kind in ("Container", "Volume", "Network"):
        for name, inputs in declared.of(kind).items():
            assert inputs["name"].startswith("fate-"), f"{name} is called {inputs['name']}"


def test_fateflow_and_database_stand_only_on_their_partys_own_network(declared: Declared) -> None:
    for name, inputs in containers(declared):
        if name.endswith(("-fateflow", "-database")):
            assert len(inputs["networksAdvanced"]) == 1, f"{name} can be reached from another party"


def test_parties_pull_by_digest(declared: Declared) -> None:
    pulled = {n: i for n, i in declared.of("RemoteImage").items() if n.endswith("-image")}
    assert pulled
    for name, inputs in pulled.items():
        assert "@sha256:" in inputs["name"], f"{name} pulls {inputs['name']}, which can move"
