"""The doctor reads a stack's outputs, and says what to do where they cannot be had."""

import json
from pathlib import Path

import pytest

from ops.doctor.examination import Choice, ImpossibleChoice, Wishes, choose
from ops.doctor.jobs import JobKind
from ops.doctor.outputs import (
    DockerParty,
    KubernetesParty,
    StackOutputs,
    UnreadableOutputs,
    parse,
    read_file,
    read_stack,
)


def party(*peers: str) -> dict[str, object]:
    return {
        "runtime": "docker",
        "host": "unix:///var/run/docker.sock",
        "ssh-options": ["-i", "key"],
        "containers": {"gateway": "g", "fateflow": "f"},
        "database": "sqlite",
        "peers": list(peers),
        "api": None,
        "expose": None,
    }


def stack(**parties: dict[str, object]) -> StackOutputs:
    named = {name.removeprefix("p"): content for name, content in parties.items()}
    return parse(json.dumps({"release": "2.2.0", "parties": named, "ports": []}), "stack t")


def test_services_come_in_the_order_of_the_report_and_only_those_that_exist() -> None:
    outputs = stack(p9999=party())
    assert outputs.services_of("9999") == ("fateflow", "gateway"), "sqlite has no database container"
    told = outputs.parties["9999"]
    assert isinstance(told, DockerParty)
    assert told.ssh_options == ("-i", "key")


def test_services_come_in_the_order_in_which_the_stack_lists_them() -> None:
    names = ("gateway", "novel", "fateflow")
    listed: list[dict[str, object]] = [{"name": name, "ports": {"http": 1}} for name in names]
    told = {"release": "2.2.0", "parties": {"9999": party()}, "services": listed}
    assert parse(json.dumps(told), "stack t").services_of("9999") == ("gateway", "fateflow")


def test_parties_of_both_runtimes_stand_in_one_stack() -> None:
    on_kubernetes: dict[str, object] = {
        "runtime": "kubernetes",
        "host": "prod",
        "namespace": "fate-dev-1",
        "kubeconfig": None,
        "containers": {"fateflow": "fateflow"},
        "database": "sqlite",
    }
    told = stack(p1=on_kubernetes, p2=party()).parties["1"]
    assert isinstance(told, KubernetesParty)
    assert (told.context, told.namespace, told.kubeconfig) == ("prod", "fate-dev-1", None)


def test_parties_stand_in_the_order_of_their_numbers_though_pulumi_sorts_them_as_text() -> None:
    assert list(stack(p10000=party(), p9999=party()).parties) == ["9999", "10000"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no json", "pulumi stack output --json"),
        ("{}", "nothing is up. Type: pulumi up"),
        (
            '{"release": "2.2.0", "parties": {"1": {"runtime": "docker"}}}',
            "parties.1.docker.host: Field required",
        ),
        (
            '{"release": "2.2.0", "parties": {"1": {"runtime": "podman"}}}',
            "does not match any of the expected tags: 'docker', 'kubernetes'",
        ),
    ],
)
def test_outputs_that_cannot_be_used_are_refused_with_the_remedy(text: str, told: str) -> None:
    with pytest.raises(UnreadableOutputs, match="stack t") as refused:
        parse(text, "stack t")
    assert told in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableOutputs, match="No such file"):
        read_file(tmp_path / "absent.json")


def test_without_pulumi_on_the_path_the_activation_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnreadableOutputs, match=r"\. setup/activate"):
        read_stack("dev")


def test_what_pulumi_says_of_an_unknown_stack_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho \"error: no stack named 'nope' found\" >&2; exit 255\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UnreadableOutputs, match="no stack named 'nope' found") as refused:
        read_stack("nope")
    assert "pulumi stack ls" in str(refused.value), "the way out"


def test_guest_is_the_first_party_and_host_a_peer_of_the_same_stack() -> None:
    outputs = stack(p1=party("9", "2"), p2=party("1"))
    assert choose(outputs, Wishes()) == Choice("1", "2"), "9 is in another stack"
    assert choose(outputs, Wishes(host="9")) == Choice("1", "9"), "but may be asked for"
    assert choose(outputs, Wishes(guest="2")) == Choice("2", "1")
    assert choose(stack(p1=party()), Wishes()) == Choice("1", None), "a party without a peer has no host"


def test_the_arbiter_is_a_third_party_that_is_the_peer_of_both() -> None:
    three = stack(p1=party("2", "3", "4"), p2=party("1", "4"), p3=party("1"), p4=party("1", "2"))
    assert choose(three, Wishes()).arbiter == "4", "3 does not know 2"
    assert choose(three, Wishes(arbiter="3")).arbiter == "3", "but may be asked for"
    with pytest.raises(ImpossibleChoice, match="no third party of this stack is a peer of both 1 and 2"):
        choose(stack(p1=party("2"), p2=party("1")), Wishes(jobs=(JobKind.COORDINATED_LR,)))


@pytest.mark.parametrize("wishes", [Wishes(guest="7"), Wishes(host="7"), Wishes(arbiter="7")])
def test_a_party_that_is_not_there_is_refused_with_those_that_are(wishes: Wishes) -> None:
    with pytest.raises(ImpossibleChoice, match=r"7 is no .*: (1|2|none)"):
        choose(stack(p1=party("2"), p2=party("1")), wishes)


def exchange(**parties: dict[str, int]) -> dict[str, object]:
    named = {name.removeprefix("p"): ports for name, ports in parties.items()}
    place = {"runtime": "docker", "host": "unix:///var/run/docker.sock", "containers": {"relay": "r"}}
    return {**place, "parties": named, "expose": None}


def test_a_stack_may_have_an_exchange_and_no_party() -> None:
    told = {"release": "2.2.0", "parties": {}, "exchange": exchange(p9999={"broker-at": 5701})}
    outputs = parse(json.dumps(told), "stack t")
    assert outputs.exchange
    assert outputs.exchange.parties == {"9999": {"broker-at": 5701}}
    assert outputs.exchange.containers == {"relay": "r"}


def test_a_party_tells_which_of_its_peers_it_meets_through_an_exchange() -> None:
    told = stack(p9999={**party("10000", "1"), "exchange": {"at": "here", "leads-to": ["10000"]}})
    through = told.parties["9999"].meets_through_an_exchange
    assert (through("10000"), through("1")) == (True, False)
