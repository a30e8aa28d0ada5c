"""The parts' configuration files, and what of the machine they depend on."""

import base64
import io
import json
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml

from offline.cluster import access, parts, programs, settings
from offline.cluster.commands import ClusterFault
from offline.cluster.containers import pause_archive
from offline.cluster.down import mounted_below
from offline.cluster.layout import CONTEXT, PAUSE_IMAGE, READER_CONTEXT, Home
from offline.cluster.machine import Machine, has_capability

HOME = Home(Path("/c"))
TOKENS = access.Tokens("secret-a", "secret-r")


def test_the_administrators_context_is_current_and_the_reader_has_one_of_its_own() -> None:
    config = yaml.safe_load(access.kubeconfig("CA", TOKENS))
    users = {found["name"]: found["user"]["token"] for found in config["users"]}
    assert config["current-context"] == CONTEXT
    assert users == {CONTEXT: "secret-a", READER_CONTEXT: "secret-r"}
    assert base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]) == b"CA"


def test_only_the_administrator_is_in_a_group() -> None:
    assert access.tokens_file(TOKENS) == "secret-a,admin,admin,system:masters\nsecret-r,reader,reader\n"


@pytest.mark.parametrize("lower", [True, False])
def test_containers_ask_for_a_better_score_only_where_that_is_allowed(lower: bool) -> None:
    config = tomllib.loads(settings.containerd(HOME, lower_scores=lower))
    assert config["plugins"]["io.containerd.grpc.v1.cri"]["restrict_oom_score_adj"] is not lower


def test_everything_that_containerd_keeps_lies_in_the_clusters_folder() -> None:
    text = settings.containerd(HOME, lower_scores=True)
    paths = [line for line in text.splitlines() if '= "/' in line and "bin_dir" not in line]
    assert len(paths) == 7
    assert all('= "/c/' in line for line in paths), "down deletes one folder"


def test_the_kubelets_certificate_and_folders_are_the_clusters_own() -> None:
    config = json.loads(settings.kubelet(HOME, lower_scores=True))
    assert config["authentication"]["anonymous"] == {"enabled": False}
    assert config["podLogsDir"].startswith("/c/")
    assert config["volumePluginDir"].startswith("/c/")


def test_other_names_are_asked_of_the_machines_resolver_only_if_it_has_one() -> None:
    assert settings.has_upstream("search x\nnameserver 192.0.2.1\n")
    assert not settings.has_upstream("# nameserver 192.0.2.1\n")
    assert "forward" not in settings.coredns(HOME, upstream=False)


def test_a_capability_is_read_from_its_bit() -> None:
    assert has_capability("CapEff:\t000001ffffffffff\n", 24)
    assert not has_capability("CapEff:\t000001fffeffffff\n", 24), "the 24th bit is not set"


def test_a_part_has_other_settings_when_a_file_of_it_changes() -> None:
    one = parts.Part("x", ("x",), {"f": "1"})
    assert one.settings == parts.Part("x", ("x",), {"f": "1"}).settings
    assert one.settings != parts.Part("x", ("x",), {"f": "2"}).settings


def test_every_part_has_its_program_and_files_of_the_cluster() -> None:
    names = {name.rpartition("/")[2] for module in programs.CLUSTER for name in module.packages}
    built = {name: Path("/bin") / name for name in {*names, "etcd", "coredns"}}
    machine = Machine(lowers_scores=True, has_upstream=False, node_ports=["127.0.0.0/8"])
    found = [parts.api_server(HOME, built), *parts.rest(HOME, built, machine)]
    assert len({part.name for part in found}) == len(found)


def test_the_pause_image_is_the_same_for_the_same_program(tmp_path: Path) -> None:
    (tmp_path / "pause").write_bytes(b"program")
    archive = pause_archive(tmp_path / "pause", "amd64")
    assert archive == pause_archive(tmp_path / "pause", "amd64")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        names = tar.getnames()
        manifest = json.loads((tar.extractfile("manifest.json") or io.BytesIO()).read())
    assert manifest[0]["RepoTags"] == [PAUSE_IMAGE]
    assert {manifest[0]["Config"], *manifest[0]["Layers"]} < set(names), "the archive has what it names"


def test_each_module_names_the_version_that_it_builds() -> None:
    versions = {module.name: module.version for module in (programs.KUBERNETES, programs.ETCD, programs.HELM)}
    assert versions == {"kubernetes": "v1.34.4", "etcd": "v3.6.16", "helm": "v3.22.0"}


def test_a_changed_sum_means_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    (tmp_path / "go.mod").write_text("module x")
    module = programs.Module("x", tmp_path, ("x",), "a second")
    before = programs.folder_of(module)
    (tmp_path / "go.sum").write_text("x v1 h1:...")
    assert before.parent == Path("/cache/fate-federation")
    assert programs.folder_of(module) != before


def test_without_go_the_remedy_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterFault) as refused:
        programs.ensure(programs.PAUSES)
    assert "Go 1.26" in refused.value.remedy


def test_mounts_below_a_folder_are_detached_from_the_inside() -> None:
    table = "\n".join(
        f"1 1 0:1 / {point} rw - x x rw" for point in ("/a", r"/a/b\040c", r"/a/b\040c/d", "/ab", "/")
    )
    assert mounted_below(Path("/a"), table) == ["/a/b c/d", "/a/b c", "/a"], "/ab is not below /a"
