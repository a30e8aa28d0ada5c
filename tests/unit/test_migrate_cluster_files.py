"""How a `cluster.yaml` is read: every key once, with its line."""

import pytest

from ops.migrate.cluster_file import keys_in
from ops.migrate.recognition import Kind, kind_of
from ops.migrate.source import SourceFault, UnreadableSource


def read(text: str) -> dict[str, object]:
    return {key.name: key.value for key in keys_in(text, "cluster.yaml")}


def fault(text: str) -> SourceFault:
    with pytest.raises(UnreadableSource) as raised:
        keys_in(text, "cluster.yaml")
    return raised.value.faults[0]


def test_keys_have_dotted_names_and_their_lines() -> None:
    keys = keys_in("partyId: 9999\nnginx:\n  route_table:\n    10000:\n      proxy:\n      - host: a\n", "c")
    assert [(key.name, key.value, key.line) for key in keys] == [
        ("partyId", 9999, 1),
        ("nginx.route_table.10000.proxy[0].host", "a", 6),
    ]


def test_what_kubernetes_reads_is_kept_whole() -> None:
    found = read("python:\n  tolerations:\n  - key: a\n    operator: Exists\nimagePullSecrets:\n- name: b\n")
    assert found == {
        "python.tolerations": [{"key": "a", "operator": "Exists"}],
        "imagePullSecrets": [{"name": "b"}],
    }


def test_empty_keys_and_plain_lists_are_keys() -> None:
    assert read("registry: ''\npolling:\nmodules: [a, b]\nosx: {}\n") == {
        "registry": "",
        "polling": None,
        "modules": ["a", "b"],
        "osx": {},
    }


def test_a_key_that_is_written_twice_is_refused_with_its_line() -> None:
    found = fault("osx:\n  type: a\n  nodePort: 1\n  type: b\n")
    assert (found.line, found.problem[:8]) == (4, "osx.type"), "YAML would drop the first without a word"


def test_anchors_and_merges_are_followed() -> None:
    found = read("osx: &a {type: NodePort, nodePort: 1}\nnginx:\n  <<: *a\n  nodePort: 2\n")
    assert found["nginx.type"] == "NodePort"
    assert found["nginx.nodePort"] == 2, "what is written beside a merge counts"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "just words",
        "a: [1, 2",
        "a: b: c",
        "a: 1\n---\nb: 2\n",
        "a: &x\n  b: *x\n",
        "a: !!python/object:os.system {}\n",
        "a: \x00\n",
        "a: " + "[" * 3000,
        "a: !!timestamp 2020-99-99\n",
    ],
)
def test_what_is_no_mapping_is_refused_in_words(text: str) -> None:
    found = fault(text)
    assert found.problem
    assert found.remedy


def test_anchors_that_multiply_are_refused() -> None:
    levels = "".join(
        f"l{i}: &l{i} {{{', '.join(f'k{j}: *l{i - 1}' for j in range(9))}}}\n" for i in range(1, 9)
    )
    assert "more than" in fault("l0: &l0 {x: 1}\n" + levels).problem


def test_a_fault_of_yaml_does_not_repeat_the_file() -> None:
    found = fault("mysql:\n  password: hunter2\n  user: [fate\n")
    assert "hunter2" not in f"{found.problem} {found.remedy}"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#!/bin/bash\nuser=fate\n", Kind.PARTIES),
        ("# name: x\nparty_list=(1)\n", Kind.PARTIES),
        ("name: fate-9999\n", Kind.CLUSTER),
        ("name: fate-9999\nenv: |\n  A=b\n", Kind.CLUSTER),
        ("name_node=hdfs://namenode:9000\nuser=a\n", Kind.PARTIES),
    ],
)
def test_a_file_is_known_by_what_is_in_it(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind
