"""`fate chart values` and `fate chart secrets`: what a party's chart is told, from a stack's file alone."""

import base64
import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from components.runtimes.chart_values import PartyValues
from components.runtimes.names import PULL_SECRET
from components.services.harbor_secrets import robot_secret
from ops.__main__ import main
from ops.chart.schema import SCHEMA_FILE, render
from ops.chart.stack import StackFile
from ops.doctor.outputs import parse
from tests.charts import CHART, helm, needs_helm, rendered, stack_in, text_of
from tests.declared.kubernetes_stacks import STACKS
from tests.declared.program import SECRET_KEY, declare
from tests.unit.harbor_examples import HOST, on_a_cluster

NODE_PORTS = STACKS["node ports"]
SCHEDULED = STACKS["scheduled"]
OF_ANOTHER = {**NODE_PORTS, "mirror": {"kind": "stack", "stack": "organization/fate/pods"}}
ELSEWHERE: dict[str, Any] = {
    "images": {"from": "registry", "prefix": "registry.bank.example/fate"},
    "secrets": {"db": {"secure": "v1:nonce:text"}},
}
DATABASE = {"host": "db.bank.example", "user": "fate", "password": {"secret": "db"}}


def asked(stack: StackFile, command: str, *words: str, party: str = "9999") -> int:
    key = ["--secret-key-file", str(stack.key_file)] if stack.key_file else []
    return main(["chart", command, str(stack.file), "--party", party, *key, *words])


def in_another_order(value: Any) -> Any:  # noqa: ANN401 - any value of a stack
    match value:
        case Mapping():
            return {key: in_another_order(value[key]) for key in reversed(list(value))}
        case list():
            return [in_another_order(each) for each in value]
    return value


@pytest.mark.parametrize("name", STACKS)
def test_the_same_stack_has_the_same_values_in_any_order_of_its_keys(name: str, tmp_path: Path) -> None:
    for party in STACKS[name].get("parties", ()):
        first = text_of(stack_in(tmp_path, STACKS[name], "dev", SECRET_KEY), party["id"])
        again = text_of(stack_in(tmp_path, STACKS[name], "dev", SECRET_KEY), party["id"])
        turned = in_another_order(STACKS[name])
        other = text_of(stack_in(tmp_path, turned, "dev", SECRET_KEY), party["id"])
        assert first == again == other
        PartyValues.model_validate(yaml.safe_load(first), by_alias=True, by_name=False)


def test_what_an_engineer_looks_for_is_there_in_a_few_words(tmp_path: Path) -> None:
    values = yaml.safe_load(text_of(stack_in(tmp_path, SCHEDULED, "dev", SECRET_KEY), "9999"))
    database, gateway = values["services"]["database"], values["services"]["gateway"]
    assert database["image"].startswith("registry.bank.example/fate/mariadb:")
    assert database["resources"]["limits"]["memory"].endswith("Mi")
    assert database["claims"]["database"]["size"] == "40Gi"
    assert values["storage"] == {"class": "fast"}
    assert gateway["replicas"] == 2
    assert values["pullSecrets"] == ["bank-registry"]
    assert values["scheduling"]["nodeSelector"] == {"pool": "fate"}
    assert gateway["outside"]["ports"]["peers"] == {"port": 9300, "target": 9300, "nodePort": 30300}
    assert database["admits"] == [{"services": ["fateflow"], "ports": [3306]}]


def test_a_file_stands_line_by_line(tmp_path: Path) -> None:
    text = text_of(stack_in(tmp_path, NODE_PORTS, "dev", SECRET_KEY), "9999")
    assert "      service_conf.yaml:\n        path: /etc/fate/service_conf.yaml\n        text: |" in text
    assert "\\n" not in text.replace("'s/@@secret:%s@@/%s/g\\n'", "").partition("start.sh:")[0]


def test_an_image_is_named_by_its_digest_where_the_mirror_s_outputs_are_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holders = {name: f"localhost:5056/fate/{name}@sha256:{'a' * 64}" for name in ("fateflow", "database")}
    holders |= {name: f"localhost:5056/fate/{name}@sha256:{'b' * 64}" for name in ("broker", "gateway")}
    told = {"organization/fate/pods": {"images": holders}}
    stack = stack_in(tmp_path, OF_ANOTHER, "dev", SECRET_KEY, told)
    words = [f"{name}={file}" for name, file in stack.outputs.items()]
    assert asked(stack, "values", "--outputs", *words) == 0
    services = yaml.safe_load(capsys.readouterr().out)["services"]
    assert {name: services[name]["image"] for name in holders} == holders


def test_secrets_are_printed_apart_and_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack = stack_in(tmp_path, STACKS["its own mirror"], "dev", SECRET_KEY)
    assert asked(stack, "secrets") == 0
    manifests = list(yaml.safe_load_all(capsys.readouterr().out))
    assert {each["kind"] for each in manifests} == {"Secret"}
    assert {each["metadata"]["namespace"] for each in manifests} == {"fate-dev-9999"}
    values = yaml.safe_load(text_of(stack, "9999"))
    wanted = {
        service["secret"]["name"]: service["secret"]["keys"]
        for service in values["services"].values()
        if "secret" in service
    }
    assert {each["metadata"]["name"]: sorted(each["data"]) for each in manifests} == {
        **wanted,
        PULL_SECRET: [".dockerconfigjson"],
    }, "what values refer to is what is printed, and the mirror's login"
    assert values["pullSecrets"] == [PULL_SECRET]


def test_of_a_harbor_the_login_is_that_of_the_party_s_robot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = stack_in(tmp_path, on_a_cluster(replicate={}), "dev", SECRET_KEY)
    assert asked(stack, "secrets") == 0
    manifests = {each["metadata"]["name"]: each for each in yaml.safe_load_all(capsys.readouterr().out)}
    config = json.loads(base64.b64decode(manifests[PULL_SECRET]["data"][".dockerconfigjson"]))
    user, password = base64.b64decode(config["auths"][HOST]["auth"]).decode().split(":")
    assert user == "robot$fate+party-9999"
    assert password == robot_secret(SECRET_KEY, "harbor", "party-9999"), "as the program declares it"


def test_a_secret_that_others_gave_is_opened_by_pulumi(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = copy.deepcopy(NODE_PORTS) | ELSEWHERE
    keys["parties"][0]["external"] = {"database": DATABASE}
    del keys["mirror"]
    stack = stack_in(tmp_path, keys, "dev", SECRET_KEY)
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '%s' '{json.dumps({'db': 'given-by-the-bank'})}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    assert asked(stack, "secrets") == 0
    assert "Z2l2ZW4tYnktdGhlLWJhbms=" in capsys.readouterr().out
    first = text_of(stack, "9999")
    assert "given-by-the-bank" not in first
    program.write_text(program.read_text().replace("by-the-bank", "anew-by-it"))
    again = text_of(StackFile(stack.file, {}, stack.key_file), "9999")
    assert first != again, "who changes it has the pods that read it start anew"


def test_without_pulumi_an_encrypted_key_is_told_the_other_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = stack_in(tmp_path, {**NODE_PORTS, "secret-key": {"secure": "v1:a:b"}}, "dev", SECRET_KEY)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["chart", "values", str(stack.file), "--party", "9999"]) == 1
    assert "--secret-key-file FILE" in capsys.readouterr().err


def test_the_key_that_the_checkout_keeps_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = stack_in(tmp_path, NODE_PORTS, "key", SECRET_KEY)
    monkeypatch.setenv("FATE_SECRET_KEYS", str(tmp_path))  # where the file `key` is that of a stack `key`
    assert main(["chart", "values", str(stack.file), "--party", "9999"]) == 0
    assert capsys.readouterr().out == text_of(stack, "9999")


REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "a party that is not there": (NODE_PORTS, ("--party", "1"), "has no such party, but 9999"),
    "a party on Docker": (
        {**NODE_PORTS, "runtime": {"kind": "docker"}},
        (),
        "runtime: {kind: kubernetes, context: ...}",
    ),
    "a mirror of another stack": (
        OF_ANOTHER,
        (),
        "pulumi stack output --json --stack organization/fate/pods",
    ),
    "outputs that are not there": (
        OF_ANOTHER,
        ("--outputs", "organization/fate/pods=none.json"),
        "cannot be read as JSON",
    ),
    "a mirror that holds nothing": (
        OF_ANOTHER,
        ("--outputs", "organization/fate/pods={folder}/empty.json"),
        "run pulumi up on that stack first",
    ),
    "a file that is refused": ({**NODE_PORTS, "relase": "2.2.0"}, (), "fate:relase"),
    "a key that is too short": (NODE_PORTS, ("--secret-key-file", "{folder}/empty.json"), "needs 32"),
    "a key that is not there": (NODE_PORTS, ("--secret-key-file", "none"), "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_values_is_told_in_words(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, words, told = REFUSED[name]
    stack = stack_in(tmp_path, keys, "dev", SECRET_KEY)
    (tmp_path / "empty.json").write_text("{}")
    assert asked(stack, "values", *(word.format(folder=tmp_path) for word in words)) == 1
    said = capsys.readouterr()
    assert told in said.err
    assert said.err.startswith("chart: ")
    assert not said.out, "half of the values would be taken for all"


@pytest.mark.parametrize(
    ("name", "told"), [("dev.yaml", "is not called Pulumi.STACK.yaml"), ("Pulumi.dev.yaml", "project's name")]
)
def test_a_file_away_from_its_project_is_refused(
    name: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = stack_in(tmp_path, NODE_PORTS, "dev", SECRET_KEY)
    (tmp_path / "away").mkdir()
    away = StackFile(stack.file.rename(tmp_path / "away" / name), {}, stack.key_file)
    assert asked(away, "values") == 1
    assert told in capsys.readouterr().err


def test_the_outputs_are_those_that_pulumi_would_tell_the_doctor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = STACKS["Spark and HDFS"]
    stack = stack_in(tmp_path, keys, "dev", SECRET_KEY)
    assert main(["chart", "outputs", str(stack.file)]) == 0
    text = capsys.readouterr().out
    native = declare(keys, stack="dev").outputs
    names = {"containers": {name: name for name in native["parties"]["9999"]["containers"]}}
    assert json.loads(text)["parties"]["9999"] == {**native["parties"]["9999"], **names}
    assert json.loads(text)["services"] == native["services"]
    assert parse(text, "it").parties["9999"].containers["datanode-2"] == "datanode-2"


def test_a_stack_without_a_party_on_a_cluster_has_no_outputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = stack_in(tmp_path, {**NODE_PORTS, "runtime": {"kind": "docker"}}, "dev", SECRET_KEY)
    assert main(["chart", "outputs", str(stack.file)]) == 1
    assert "has no party on a cluster" in capsys.readouterr().err


def test_the_schema_is_fresh() -> None:
    assert SCHEMA_FILE.read_text() == render(), "run: python -m ops.chart.schema"


def test_the_schema_is_closed_and_tells_what_each_key_is() -> None:
    schema = json.loads(render())
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False, f"{part['title']} takes any key"
        assert part["description"], f"{part['title']} tells nothing of itself"


@needs_helm
def test_helm_lints_the_chart_as_it_is_and_with_a_party(tmp_path: Path) -> None:
    file = tmp_path / "9999.yaml"
    file.write_text(text_of(stack_in(tmp_path, NODE_PORTS, "dev", SECRET_KEY), "9999"))
    for words in ((), ("--values", str(file), "--namespace", "fate-dev-9999")):
        told = helm("lint", "--strict", str(CHART), *words).stdout
        assert "[ERROR]" not in told
        assert "[WARNING]" not in told
        assert "0 chart(s) failed" in told


BAD: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a key that is not known": ({"servces": {}}, ("servces", "not allowed")),
    "a key of a service": ({"services": {"gateway": {"replica": 2}}}, ("gateway", "replica", "not allowed")),
    "a number that is text": ({"services": {"gateway": {"replicas": "two"}}}, ("gateway", "replicas")),
    "no pod": ({"services": {"gateway": {"replicas": 0}}}, ("gateway", "replicas")),
    "a size without a number": (
        {"services": {"database": {"claims": {"database": {"size": "large"}}}}},
        ("database", "claims", "size"),
    ),
    "root": ({"services": {"gateway": {"user": 0}}}, ("gateway", "user")),
    "a service of no values": ({"services": {"gatway": {"replicas": 2}}}, ("gatway", "image")),
    "two pods on one claim": (
        {"services": {"database": {"replicas": 2}}},
        ("services.database.replicas: pods of it would write to one claim",),
    ),
    "another namespace": ({"namespace": "team-b"}, ("write --namespace team-b",)),
}
"""Values that are refused, and what is said of them by any Helm of version 3."""


@needs_helm
@pytest.mark.parametrize("name", BAD)
def test_values_that_cannot_work_are_refused_with_their_place(name: str, tmp_path: Path) -> None:
    values, told = BAD[name]
    file, own = tmp_path / "9999.yaml", tmp_path / "own.yaml"
    file.write_text(text_of(stack_in(tmp_path, NODE_PORTS, "dev", SECRET_KEY), "9999"))
    own.write_text(yaml.safe_dump(values))
    words = ("--namespace", "fate-dev-9999", "--values", str(file), "--values", str(own))
    ended = helm("template", "fate", str(CHART), *words, check=False)
    assert ended.returncode != 0
    assert all(word in ended.stderr for word in told), ended.stderr
    assert "nil" not in ended.stderr, "a template met what it cannot work with"


@needs_helm
def test_a_release_without_a_party_says_where_its_values_come_from() -> None:
    ended = helm("template", "fate", str(CHART), check=False)
    assert "fate chart values Pulumi.STACK.yaml --party ID" in ended.stderr


@needs_helm
def test_an_overlay_changes_one_line_and_one_pod_starts_anew(tmp_path: Path) -> None:
    file, own = tmp_path / "9999.yaml", tmp_path / "own.yaml"
    file.write_text(text_of(stack_in(tmp_path, NODE_PORTS, "dev", SECRET_KEY), "9999"))
    conf = yaml.safe_load(file.read_text())["services"]["broker"]["files"]["rabbitmq.conf"]["text"]
    changed = {"broker": {"files": {"rabbitmq.conf": {"text": f"{conf}heartbeat = 61\n"}}}}
    own.write_text(yaml.safe_dump({"services": changed}))
    before, after = (rendered(files, "fate-dev-9999") for files in ([file], [file, own]))
    assert [each["metadata"]["name"] for each, other in zip(before, after, strict=True) if each != other] == [
        "broker",
        "broker",
    ], "its ConfigMap and its pods, and nothing else"


def test_models_refuse_what_the_schema_refuses() -> None:
    with pytest.raises(ValidationError, match="servces"):
        PartyValues.model_validate({"servces": {}}, by_alias=True, by_name=False)
