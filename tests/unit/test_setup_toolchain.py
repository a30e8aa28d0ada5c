"""Pulumi for a checkout: installed, downloaded from a server in the official form, or made here."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from setup.toolchain import cli as cli_module
from setup.toolchain.answering import tell_who_answers
from setup.toolchain.checkout import Checkout, SetupFailure
from setup.toolchain.cli import set_up_cli
from setup.toolchain.plugins import Plugin, set_up_plugins
from setup.toolchain.publisher import plugin as plugin_archive
from tests.project import ROOT
from tests.unit.release_server import (
    CLI,
    CLI_SUMS,
    DOCKER,
    DOCKER_ARCHIVE,
    DOCKER_SUMS,
    KUBERNETES,
    KUBERNETES_ARCHIVE,
    PROGRAM,
    VERSION,
    Releases,
    archive,
    published,
    script,
    serving,
)

PLUGINS = (Plugin("docker", DOCKER), Plugin("kubernetes", KUBERNETES))
OWN_CLI = ROOT / ".local" / "bin" / "pulumi"


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Releases]:
    with serving(Releases(published())) as served:
        monkeypatch.setenv("FATE_PULUMI_RELEASES", served.url)
        yield served


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Return a checkout on a machine on which nothing of Pulumi's is installed, and no Go."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for name in ("PULUMI_HOME", "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cli_module, "_installed", lambda *_: None)
    return Checkout(tmp_path / "checkout", tmp_path / "cache")


def plugins_of(checkout: Checkout) -> dict[str, Path]:
    return {plugin.name: checkout.home / plugin.folder / plugin.program for plugin in PLUGINS}


def left_behind(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if not file.is_dir() and not file.name.endswith(".lock")]


def test_cli_and_plugins_are_downloaded_checked_and_put_in_place(
    checkout: Checkout, releases: Releases
) -> None:
    cli = set_up_cli(checkout, VERSION)
    set_up_plugins(checkout, PLUGINS, cli)
    assert (checkout.bin / "pulumi").resolve() == cli.resolve()
    assert cli.read_bytes() == script("pulumi")
    assert (cli.parent / "pulumi-language-python").exists(), "its language host stands beside it"
    for name, program in plugins_of(checkout).items():
        assert program.read_bytes() == PROGRAM, name
        assert os.access(program, os.X_OK)
        assert not program.parent.is_symlink(), "Pulumi passes over a folder that is a link"
    assert not left_behind(checkout.cache / "downloads"), "archives are not kept"


def test_what_was_downloaded_is_not_asked_for_again(checkout: Checkout, releases: Releases) -> None:
    for _ in range(2):
        set_up_plugins(checkout, PLUGINS, set_up_cli(checkout, VERSION))
        asked, releases.asked = releases.asked, []
    assert not asked


@pytest.mark.parametrize(
    ("path", "wrong"),
    [(CLI, "pulumi-v3"), (DOCKER_ARCHIVE, "docker-v5"), (KUBERNETES_ARCHIVE, "kubernetes-v4")],
)
def test_an_archive_with_another_checksum_is_refused_by_name_and_nothing_of_it_stays(
    checkout: Checkout, releases: Releases, path: str, wrong: str
) -> None:
    releases.files[path] = archive({"pulumi/pulumi": b"#!/bin/sh\nexit 66\n"})
    with pytest.raises(SetupFailure, match=wrong) as refused:
        set_up_plugins(checkout, PLUGINS, set_up_cli(checkout, VERSION))
    assert "checksum" in refused.value.problem
    assert "66" not in "".join(
        file.read_text("latin1") for file in left_behind(checkout.root.parent) if "pulumi-" in file.name
    )
    assert not list(checkout.cache.rglob("*.part"))


def test_a_release_without_checksums_is_not_used(
    checkout: Checkout, releases: Releases, capsys: pytest.CaptureFixture[str]
) -> None:
    del releases.files[CLI_SUMS]
    with pytest.raises(SetupFailure, match="neither be downloaded nor built"):
        set_up_cli(checkout, VERSION)
    assert "unchecked it is not used" in capsys.readouterr().out


def test_a_cli_that_is_not_there_is_built_instead(checkout: Checkout, releases: Releases) -> None:
    del releases.files[CLI]
    with pytest.raises(SetupFailure, match="can neither be downloaded nor built"):
        set_up_cli(checkout, VERSION)


def test_a_stand_in_takes_the_place_of_a_plugin_that_is_not_there(
    checkout: Checkout, releases: Releases
) -> None:
    del releases.files[DOCKER_ARCHIVE]
    set_up_plugins(checkout, PLUGINS, set_up_cli(checkout, VERSION))
    placed = plugins_of(checkout)
    assert "-m offline.docker" in placed["docker"].read_text()
    assert placed["kubernetes"].read_bytes() == PROGRAM, "the other is the official one"


def test_a_download_that_breaks_off_goes_on_where_it_broke(checkout: Checkout, releases: Releases) -> None:
    releases.breaks = 2
    set_up_plugins(checkout, PLUGINS[:1], checkout.root)
    assert plugins_of(checkout)["docker"].read_bytes() == PROGRAM
    whole = len(releases.files[DOCKER_ARCHIVE])
    first = whole // 2
    second = first + (whole - first) // 2
    assert releases.gets(DOCKER_ARCHIVE) == ["", f"bytes={first}-", f"bytes={second}-"]


def test_a_download_from_a_server_that_does_not_resume_begins_anew(
    checkout: Checkout, releases: Releases
) -> None:
    releases.breaks, releases.resumes = 2, False
    set_up_plugins(checkout, PLUGINS[:1], checkout.root)
    assert plugins_of(checkout)["docker"].read_bytes() == PROGRAM


def test_the_next_run_goes_on_with_a_download_that_ended_too_soon(
    checkout: Checkout, releases: Releases
) -> None:
    releases.breaks = 99
    set_up_plugins(checkout, PLUGINS[:1], checkout.root)
    program = plugins_of(checkout)["docker"]
    assert "-m offline.docker" in program.read_text(), "meanwhile the stand-in serves"
    program.unlink()
    releases.breaks, releases.asked = 0, []
    set_up_plugins(checkout, PLUGINS[:1], checkout.root)
    assert program.read_bytes() == PROGRAM
    assert releases.gets(DOCKER_ARCHIVE)[0].startswith("bytes="), "what was there is not fetched again"


def test_plugins_come_from_where_pulumi_s_own_overrides_say(
    checkout: Checkout, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATE_PULUMI_RELEASES", f"{releases.url}/nowhere")
    override = rf"^github://api.github.com/pulumi/(?P<name>[^/]+)={releases.url}/mirror/${{name}}"
    monkeypatch.setenv("PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES", override)
    for path in (DOCKER_ARCHIVE, DOCKER_SUMS):
        releases.files[path.replace("/plugins", "/mirror/pulumi-docker")] = releases.files[path]
    set_up_plugins(checkout, PLUGINS[:1], checkout.root)
    assert plugins_of(checkout)["docker"].read_bytes() == PROGRAM
    assert plugin_archive("docker", DOCKER).addresses == (f"{releases.url}/mirror/pulumi-docker",)


def test_an_override_that_is_no_expression_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES", "(=http://x")
    with pytest.raises(SetupFailure, match="no regular expression"):
        plugin_archive("docker", DOCKER)


def install(home: Path, plugin: Plugin, content: bytes = PROGRAM) -> Path:
    program = home / plugin.folder / plugin.program
    program.parent.mkdir(parents=True)
    program.write_bytes(content)
    program.chmod(0o755)
    return program


def test_an_installed_plugin_is_linked_within_a_real_folder(checkout: Checkout, releases: Releases) -> None:
    official = install(Path.home() / ".pulumi", PLUGINS[0])
    set_up_plugins(checkout, PLUGINS, set_up_cli(checkout, VERSION))
    placed = plugins_of(checkout)["docker"]
    assert placed.resolve() == official
    assert placed.parent.is_dir()
    assert not placed.parent.is_symlink(), "Pulumi passes over a folder that is a link"
    assert not releases.gets(DOCKER_ARCHIVE), "nothing is downloaded that is installed"


def test_a_folder_that_an_earlier_setup_linked_becomes_a_real_one(
    checkout: Checkout, releases: Releases
) -> None:
    official = install(Path.home() / ".pulumi", PLUGINS[0])
    folder = checkout.home / PLUGINS[0].folder
    folder.parent.mkdir(parents=True)
    folder.symlink_to(official.parent)
    set_up_plugins(checkout, PLUGINS, set_up_cli(checkout, VERSION))
    assert not folder.is_symlink()
    assert official.exists(), "what the user has installed stays"


def test_links_to_a_plugin_that_was_uninstalled_give_way(checkout: Checkout, releases: Releases) -> None:
    official = install(Path.home() / ".pulumi", PLUGINS[0])
    cli = set_up_cli(checkout, VERSION)
    set_up_plugins(checkout, PLUGINS, cli)
    official.unlink()
    set_up_plugins(checkout, PLUGINS, cli)
    placed = plugins_of(checkout)["docker"]
    assert not placed.is_symlink()
    assert placed.read_bytes() == PROGRAM


def test_where_everything_is_installed_the_checkout_has_nothing_of_its_own(checkout: Checkout) -> None:
    for plugin in PLUGINS:
        install(Path.home() / ".pulumi", plugin)
    set_up_plugins(checkout, PLUGINS, Path("/usr/bin/pulumi"))
    assert not checkout.home.exists()
    assert not checkout.bin.exists()


def carry(checkout: Checkout, *names: str) -> Path:
    """Put programs where those of a bundle are unpacked."""
    folder = checkout.carried / "bin"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(script(name))
        (folder / name).chmod(0o755)
    return folder


def test_official_programs_that_a_bundle_carried_are_used_and_nothing_is_downloaded(
    checkout: Checkout, releases: Releases
) -> None:
    folder = carry(checkout, "pulumi", "pulumi-language-python")
    official = [install(checkout.carried, plugin) for plugin in PLUGINS]
    set_up_plugins(checkout, PLUGINS, set_up_cli(checkout, VERSION))
    assert (checkout.bin / "pulumi").resolve() == folder / "pulumi", "its language host stands beside it"
    assert [program.resolve() for program in plugins_of(checkout).values()] == official
    assert releases.asked == []


def test_plugins_that_a_bundle_carried_are_put_before_an_installed_cli(checkout: Checkout) -> None:
    official = [install(checkout.carried, plugin) for plugin in PLUGINS]
    set_up_plugins(checkout, PLUGINS, Path("/usr/bin/pulumi"))
    assert [program.resolve() for program in plugins_of(checkout).values()] == official


def test_a_cli_that_was_built_elsewhere_is_kept_as_one_that_was_built_here(
    checkout: Checkout, releases: Releases
) -> None:
    carry(checkout, "pulumi")
    cli = set_up_cli(checkout, VERSION)
    assert cli.is_relative_to(checkout.cache)
    assert (checkout.bin / "pulumi").read_bytes() == script("pulumi")
    assert "-m offline.language_host" in (checkout.bin / "pulumi-language-python").read_text()
    assert releases.asked == []


@pytest.mark.parametrize("names", [("pulumi",), ("pulumi", "pulumi-language-python")])
def test_a_carried_cli_that_is_too_old_is_not_used(
    checkout: Checkout, releases: Releases, names: tuple[str, ...]
) -> None:
    carry(checkout, *names)
    with pytest.raises(SetupFailure, match=r"pulumi 3\.300\.0 is not installed"):
        set_up_cli(checkout, "3.300.0")


SPEAKING = f"""#!{ROOT}/.venv/bin/python
import sys
sys.path.insert(0, {str(ROOT)!r})
from protocol.server import serve
from protocol.wire import Empty, plugin_pb2, provider_pb2, provider_pb2_grpc

class Official(provider_pb2_grpc.ResourceProviderServicer):
    def GetSchema(self, request, context):
        return provider_pb2.GetSchemaResponse(schema='{{"name": "docker", "version": "{DOCKER}"}}')
    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="{DOCKER}")
    def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse()

serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(Official(), server))
"""


@pytest.fixture
def own_cli(checkout: Checkout) -> Checkout:
    """Give the checkout the CLI of this one."""
    if not OWN_CLI.exists():
        pytest.skip("there is no .local/bin/pulumi; setup/pulumi.sh")
    checkout.bin.mkdir(parents=True)
    (checkout.bin / "pulumi").symlink_to(OWN_CLI)
    return checkout


def test_pulumi_is_asked_and_tells_a_stand_in_from_the_official_plugin(
    own_cli: Checkout, releases: Releases, capsys: pytest.CaptureFixture[str]
) -> None:
    releases.files.clear()
    set_up_plugins(own_cli, PLUGINS[:1], OWN_CLI)
    tell_who_answers(own_cli, PLUGINS[0])
    assert "offline/docker stands in for it, and answers" in capsys.readouterr().out
    install(Path.home() / ".pulumi", PLUGINS[0], SPEAKING.encode())
    set_up_plugins(own_cli, PLUGINS[:1], OWN_CLI)
    tell_who_answers(own_cli, PLUGINS[0])
    assert "docker plugin 5.1.0: the official one answers" in capsys.readouterr().out


def test_pulumi_is_not_asked_again_before_a_program_changes(
    own_cli: Checkout, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases.files.clear()
    set_up_plugins(own_cli, PLUGINS[:1], OWN_CLI)
    tell_who_answers(own_cli, PLUGINS[0])
    monkeypatch.setattr("setup.toolchain.answering._official", lambda *_: pytest.fail("asked again"))
    set_up_plugins(own_cli, PLUGINS[:1], OWN_CLI)
    tell_who_answers(own_cli, PLUGINS[0])


def test_a_plugin_that_does_not_start_is_told(own_cli: Checkout) -> None:
    install(own_cli.home, PLUGINS[0], b"#!/bin/sh\nexit 3\n")
    with pytest.raises(SetupFailure, match="Pulumi starts no pulumi-resource-docker"):
        tell_who_answers(own_cli, PLUGINS[0])
