"""What a machine hands to the build, so that pip trusts and finds what the machine does."""

from pathlib import Path

import pytest

from images import trust


def certificate(body: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----"


@pytest.fixture
def debian(tmp_path: Path) -> Path:
    known = tmp_path / "ca-certificates"
    (known / "mozilla").mkdir(parents=True)
    (known / "mozilla" / "one.crt").write_text(certificate("AAAA\nBBBB") + "\n")
    return known


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of a user who has told Maven and Cargo nothing."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("CARGO_HOME", raising=False)
    return folder


def test_only_certificates_that_debian_lacks_are_handed_over(debian: Path) -> None:
    bundle = f"{certificate('AAAABBBB')}\n# the company's\n{certificate('CCCC')}\n"
    assert trust.extra_certificates(bundle, debian) == [certificate("CCCC")], (
        "a line's length is no difference"
    )


def test_where_debian_s_list_is_absent_the_whole_bundle_is_handed_over(tmp_path: Path) -> None:
    bundle = certificate("AAAA") + certificate("CCCC")
    assert len(trust.extra_certificates(bundle, tmp_path / "nowhere")) == 2


def test_pip_s_index_and_proxy_reach_the_build_and_its_local_paths_do_not() -> None:
    listed = "\n".join(
        (
            "global.cert='/etc/ssl/company.pem'",
            "global.index-url='https://mirror.example/simple'",
            ":env:.find-links='/wheels'",
            "install.proxy='http://proxy.example:3128'",
        )
    )
    assert trust.pip_configuration(listed) == (
        "[global]\nindex-url = https://mirror.example/simple\nproxy = http://proxy.example:3128\n"
    )


def test_a_setting_of_the_environment_goes_before_that_of_a_file() -> None:
    listed = ":env:.index-url='https://env.example'\nglobal.index-url='https://file.example'"
    assert "env.example" in trust.pip_configuration(listed)


def test_the_files_are_empty_where_nothing_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_machine_bundle", str)
    monkeypatch.setattr(trust, "_pip_config_list", str)
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://gone.example\n")
    trust.hand_over(tmp_path)
    for name in trust.HANDED_OVER:
        assert (tmp_path / name).read_text() == "", (
            "a build names it; and what no longer applies must not stay"
        )


def test_what_maven_and_cargo_are_told_of_registries_is_handed_over(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "_pip_config_list", str)
    for file, text in (
        (home / ".m2/settings.xml", "<settings/>"),
        (home / "of-cargo/config.toml", "[source]"),
    ):
        file.parent.mkdir()
        file.write_text(text)
    monkeypatch.setenv("CARGO_HOME", str(home / "of-cargo"))
    trust.hand_over(tmp_path)
    assert (tmp_path / "settings.xml").read_text() == "<settings/>"
    assert (tmp_path / "cargo.toml").read_text() == "[source]"


def test_a_certificate_that_lies_beside_is_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_machine_bundle", lambda: certificate("DDDD"))
    monkeypatch.setattr(trust, "_pip_config_list", str)
    (tmp_path / "company.crt").write_text(certificate("EEEE"))
    trust.hand_over(tmp_path)
    trust.hand_over(tmp_path)
    assert (tmp_path / "machine.crt").read_text() == f"{certificate('DDDD')}\n{certificate('EEEE')}"


def test_what_was_handed_over_is_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in trust.HANDED_OVER:
        (tmp_path / name).write_text("")
    monkeypatch.setattr(trust, "hand_over", lambda _: pytest.fail("asked again"))
    trust.hand_over_once(tmp_path)


def test_what_an_earlier_release_did_not_hand_over_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("machine.crt", "pip.conf"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(trust, "_pip_config_list", str)
    trust.hand_over_once(tmp_path)
    assert (tmp_path / "settings.xml").is_file()


def test_what_is_handed_over_can_be_read_by_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "_machine_bundle", lambda: certificate("DDDD"))
    monkeypatch.setattr(
        trust, "_pip_config_list", lambda: "global.index-url='https://user:word@mirror.example'"
    )
    trust.hand_over(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == set(trust.HANDED_OVER)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}, (
        "an index's address may hold a password"
    )
