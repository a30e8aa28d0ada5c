"""Names within a pod: no file and no folder of a service loses its own to another."""

import re

from hypothesis import given
from hypothesis import strategies as st

from components.runtimes.kubernetes_keys import keys_of_files, names_of_folders

PATHS = st.lists(
    st.from_regex(r"(/[A-Za-z0-9_.-]{1,12}){1,4}", fullmatch=True), min_size=1, max_size=6, unique=True
)


def test_a_file_s_key_is_its_name() -> None:
    assert keys_of_files(["/etc/fate/nginx.conf"]) == {"/etc/fate/nginx.conf": "nginx.conf"}


def test_two_files_of_one_name_have_a_key_each() -> None:
    keys = keys_of_files(["/etc/hadoop/site.xml", "/etc/hive/site.xml", "/etc/fate/start.sh"])
    assert len(set(keys.values())) == 3
    assert all(key.startswith("site.xml.") for path, key in keys.items() if path.endswith(".xml"))
    assert keys["/etc/fate/start.sh"] == "start.sh", "what nobody shares keeps its name"


@given(PATHS)
def test_every_file_has_a_key_that_a_configmap_takes(paths: list[str]) -> None:
    keys = keys_of_files(paths)
    assert len(set(keys.values())) == len(paths)
    assert all(re.fullmatch(r"[-._a-zA-Z0-9]+", key) for key in keys.values())


def test_a_folder_s_name_has_no_dots() -> None:
    names = names_of_folders(["/data/fate_flow/conf.d", "/tmp"])
    assert names == {"/data/fate_flow/conf.d": "fate-flow-conf-d", "/tmp": "tmp"}


def test_a_folder_does_not_take_the_name_of_the_files() -> None:
    assert names_of_folders(["/files"], taken=("files", "secrets"))["/files"] not in ("files", "secrets")


@given(PATHS)
def test_every_folder_has_a_name_that_a_pod_takes(paths: list[str]) -> None:
    names = names_of_folders(paths, taken=("files", "secrets"))
    assert len({*names.values(), "files", "secrets"}) == len(paths) + 2
    for name in names.values():
        assert len(name) <= 63
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name), name
