"""FATEBoard and the notebook on both runtimes: where they can be opened, and who is told their passwords."""

import json
from typing import Any

import pytest

from components.services.passwords import derive
from components.services.service import Secret
from tests.declared.kubernetes_stacks import stack
from tests.declared.program import SECRET_KEY, Declared, declare, stack_file

PASSWORDS = {
    key: derive(SECRET_KEY, "party-9999", Secret(f"{key}-password", service))
    for key, service in (("board", "fateboard"), ("notebook", "notebook"))
}
FROM_HUB = {"from": "packages", "services": {"fateboard": {"from": "hub"}}}


def on_an_engine(**keys: object) -> Declared:
    values = stack_file("dev")
    pages = {"board": {"port": 8080, "user": "operator"}, "notebook": {"port": 8888}}
    values["parties"] = [{**values["parties"][0], **pages}, values["parties"][1]]
    return declare({**values, "images": FROM_HUB, **keys})


def on_a_cluster(**notebook: object) -> Declared:
    party = {"board": {"ingress": {"host": "board.bank.example", "class": "nginx"}}, "notebook": notebook}
    return declare({**stack(party=party), "images": FROM_HUB})


@pytest.fixture(scope="module")
def engine() -> Declared:
    return on_an_engine()


@pytest.fixture(scope="module")
def cluster() -> Declared:
    return on_a_cluster()


def texts(declared: Declared) -> dict[str, str]:
    return {r.name: json.dumps(r.inputs, default=str) for r in declared.resources}


def test_only_the_fillers_hold_the_passwords(engine: Declared) -> None:
    for key, service in (("board", "fateboard"), ("notebook", "notebook")):
        holders = {name for name, text in texts(engine).items() if PASSWORDS[key] in text}
        assert holders == {f"party-9999-{service}-secrets"}, f"{key}: something shows it"


def test_no_object_of_a_cluster_shows_one(cluster: Declared) -> None:
    for password in PASSWORDS.values():
        assert not [name for name, text in texts(cluster).items() if password in text]
    assert set(cluster.of("Secret")) >= {"party-9999-fateboard-secrets", "party-9999-notebook-secrets"}


def test_the_logins_are_told_by_one_output_that_is_secret(engine: Declared) -> None:
    rows = engine.outputs["logins"]
    assert rows == {
        "9999": {
            "board": {"url": "http://127.0.0.1:8080", "user": "operator", "password": PASSWORDS["board"]},
            "notebook": {"url": "http://127.0.0.1:8888", "password": PASSWORDS["notebook"]},
        }
    }
    others = json.dumps({k: v for k, v in engine.outputs.items() if k != "logins"}, default=str)
    assert not [password for password in PASSWORDS.values() if password in others]


def test_what_other_stacks_and_the_doctor_read_says_where_the_pages_are(
    engine: Declared, cluster: Declared
) -> None:
    assert engine.outputs["parties"]["9999"]["pages"] == {
        "board": {"service": "fateboard", "url": "http://127.0.0.1:8080", "user": "operator"},
        "notebook": {"service": "notebook", "url": "http://127.0.0.1:8888"},
    }
    assert cluster.outputs["parties"]["9999"]["pages"] == {
        "board": {"service": "fateboard", "url": "http://board.bank.example", "user": "admin"},
        "notebook": {"service": "notebook", "url": None},
    }


def test_a_stack_without_pages_tells_nothing_of_them() -> None:
    outputs = declare(stack_file("dev")).outputs
    assert "logins" not in outputs
    assert "pages" not in outputs["parties"]["9999"]


def test_a_page_is_opened_on_loopback(engine: Declared) -> None:
    for service, port in (("fateboard", 8080), ("notebook", 8888)):
        (opened,) = engine.of("Container")[f"party-9999-{service}"]["ports"]
        assert (opened["ip"], opened["external"]) == ("127.0.0.1", port)


def test_the_notebook_is_not_root_and_the_official_fateboard_has_no_right_of_root_s(engine: Declared) -> None:
    containers = engine.of("Container")
    assert containers["party-9999-notebook"]["user"] == "10008"
    fateboard = containers["party-9999-fateboard"]
    assert fateboard["user"] == "0", "its image's folders are root's"
    assert fateboard["capabilities"] == {"drops": ["ALL"]}


def test_an_ingress_leads_to_a_page_and_to_nothing_else(cluster: Declared) -> None:
    (ingress,) = cluster.of("Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "board.bank.example"
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": "fateboard", "port": {"number": 8080}}
    assert ingress["spec"]["ingressClassName"] == "nginx"


def test_a_page_without_an_ingress_is_closed_but_for_a_forwarded_port(cluster: Declared) -> None:
    policies = {name: p["spec"] for name, p in cluster.of("NetworkPolicy").items()}
    assert policies["party-9999-notebook-policy"]["ingress"] == []
    assert [rule["ports"] for rule in policies["party-9999-fateboard-policy"]["ingress"]] == [
        [{"port": 8080, "protocol": "TCP"}]
    ]
    services = cluster.of("Service")
    assert not [s for s in services.values() if s["spec"].get("type") and s["metadata"]["name"] == "notebook"]


def test_a_page_dials_fateflow_and_name_servers_alone(cluster: Declared) -> None:
    for service in ("fateboard", "notebook"):
        egress = cluster.of("NetworkPolicy")[f"party-9999-{service}-policy"]["spec"]["egress"]
        dialled = [rule["to"][0]["podSelector"]["matchLabels"] for rule in egress if "to" in rule]
        assert [labels["app.kubernetes.io/name"] for labels in dialled] == ["fateflow"]
    callers = cluster.of("NetworkPolicy")["party-9999-fateflow-policy"]["spec"]["ingress"]
    names = {
        one["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for rule in callers
        for one in rule["from"]
    }
    assert {"fateboard", "notebook"} <= names


def test_notebooks_lie_on_a_volume_that_stays(engine: Declared, cluster: Declared) -> None:
    assert "party-9999-notebook-notebooks" in engine.of("Volume")
    assert "party-9999-notebook-notebooks" in cluster.of("PersistentVolumeClaim")


def test_both_have_a_read_only_root_in_a_cluster(cluster: Declared) -> None:
    pods = {**cluster.of("Deployment"), **cluster.of("StatefulSet")}
    for service in ("fateboard", "notebook"):
        (container,) = pods[f"party-9999-{service}"]["spec"]["template"]["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize(("key", "service"), [("board", "fateboard"), ("notebook", "notebook")])
def test_a_rotation_changes_its_own_password_alone(engine: Declared, key: str, service: str) -> None:
    before, after = texts(engine), texts(on_an_engine(rotation={key: 2}))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {f"party-9999-{service}", f"party-9999-{service}-secrets"}


def test_the_order_in_a_file_changes_nothing(engine: Declared) -> None:
    again: Any = on_an_engine(parties=list(reversed(_parties())))
    assert sorted(texts(again).items()) == sorted(texts(engine).items())


def _parties() -> list[Any]:
    values = stack_file("dev")
    pages = {"notebook": {"port": 8888}, "board": {"user": "operator", "port": 8080}}
    return [{**pages, **values["parties"][0]}, values["parties"][1]]
