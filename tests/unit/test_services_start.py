"""The start script, run for real by this machine's sh."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from components.services.start import START, started

NAME_SERVERS = ("10.1.2.3", "10.9.9.9")


def run(
    tmp_path: Path,
    source: str,
    secrets: dict[str, str],
    name_servers: tuple[str, ...] = NAME_SERVERS,
    addresses: str = "10.5.0.2",
    called: str = "target",
) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, value in secrets.items():
        (folder / name).write_text(value)
    (tmp_path / "source").write_text(source)
    lines = (f"nameserver {address}\n" for address in name_servers)
    (tmp_path / "resolv.conf").write_text("".join(("search example\n", *lines)))
    (tmp_path / "hostname").write_text(f"#!/bin/sh\necho '{addresses}'\n")
    (tmp_path / "hostname").chmod(0o755)
    script = START.text.replace("/run/secrets", str(folder)).replace(
        "/etc/resolv.conf", str(tmp_path / "resolv.conf")
    )
    (tmp_path / "start.sh").write_text(script.replace("/tmp/own-address", str(tmp_path / "own-address")))
    target = tmp_path / called
    command = ["sh", str(tmp_path / "start.sh"), f"{tmp_path}/source={target}", "--", "echo", "started"]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    return subprocess.run(command, env=path, capture_output=True, text=True, check=False), target


def test_secrets_and_resolver_are_filled_in_and_the_command_runs(tmp_path: Path) -> None:
    source = "password: @@secret:database-password@@\nresolver @@resolver@@;\n"
    ended, target = run(tmp_path, source, {"database-password": "abc123", "broker-password": "def"})
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "started\n", "the command takes the script's place"
    assert target.read_text() == "password: abc123\nresolver 10.1.2.3;\n", "the first name server is the one"


def test_only_the_service_itself_can_read_a_file_with_secrets(tmp_path: Path) -> None:
    _, target = run(tmp_path, "@@secret:a@@\n", {"a": "1"})
    assert target.stat().st_mode & 0o077 == 0, "a filled file holds passwords"


def test_a_missing_secret_stops_the_start_and_is_named(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, "x: @@secret:broker-password@@\n", {})
    assert ended.returncode == 78, "the service must not start with a placeholder for a password"
    assert "@@secret:broker-password@@" in ended.stderr, "the log says which one is missing"


SIGNS = r"""a'b"c\d/e&f\1$g`h#i%j:k{l}m"""


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("service_conf.yaml", "k: '@@secret:given@@'\n", lambda text: yaml.safe_load(text)["k"]),
        ("definitions.json", '{"k": "@@secret:given@@"}', lambda text: json.loads(text)["k"]),
        ("broker.properties", "@@secret:given@@", lambda text: text.replace(r"\\", "\\")),
        ("another", "@@secret:given@@", lambda text: text),
    ],
)
def test_every_sign_of_a_given_secret_arrives(
    tmp_path: Path, name: str, written: str, read: Callable[[str], str]
) -> None:
    ended, target = run(tmp_path, written, {"given": SIGNS, "other": "x"}, called=name)
    assert ended.returncode == 0, ended.stderr
    assert read(target.read_text()) == SIGNS


def test_a_secret_of_several_lines_is_left_to_who_reads_its_file(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIE/&\\\n-----END PRIVATE KEY-----\n"
    ended, target = run(tmp_path, "password: @@secret:a@@\n", {"a": "1", "tls-key": key})
    assert ended.returncode == 0, ended.stderr
    assert target.read_text() == "password: 1\n"


def test_the_values_never_reach_a_command_line() -> None:
    values = [line for line in START.text.splitlines() if '"$secret")' in line]
    assert values
    for line in values:
        assert line.lstrip().startswith(("printf", "[ -f")), "the shell's own: no process list shows it"


@pytest.mark.parametrize(
    ("addresses", "own"),
    [
        ("10.5.0.2", "10.5.0.2"),
        ("10.5.0.2 fd00:5::2", "10.5.0.2"),
        ("fd00:5::2 10.5.0.2", "10.5.0.2"),
        ("fe80::1%eth0 fd00:5::2", "fd00:5::2"),
        ("10.5.0.2 10.6.0.2", "10.5.0.2"),
        ("127.0.1.1 10.5.0.2", "10.5.0.2"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_one_of_the_services_own_addresses_is_filled_in(tmp_path: Path, addresses: str, own: str) -> None:
    ended, target = run(tmp_path, "host: @@address@@\n", {}, addresses=addresses)
    assert ended.returncode == 0, ended.stderr
    assert target.read_text() == f"host: {own}\n", "a service binds to the address that its peers dial"
    assert (tmp_path / "own-address").read_text() == f"{own}\n", "a probe asks where the service listens"


@pytest.mark.parametrize(
    ("name_servers", "resolver"),
    [
        (("10.1.2.3",), "10.1.2.3"),
        (("fd00::a", "10.1.2.3"), "[fd00::a]"),
        (("fe80::1%eth0", "10.1.2.3"), "10.1.2.3"),
    ],
)
def test_nginx_takes_the_name_server_as_it_is_filled_in(
    tmp_path: Path, name_servers: tuple[str, ...], resolver: str
) -> None:
    _, target = run(tmp_path, "resolver @@resolver@@;\n", {}, name_servers)
    assert target.read_text() == f"resolver {resolver};\n", "brackets around IPv6, and no zone"


def test_a_folder_is_copied_as_it_is(tmp_path: Path) -> None:
    source, target = tmp_path / "image", tmp_path / "conf"
    (source / "casbin").mkdir(parents=True)
    (source / "casbin" / "model.conf").write_text("@@secret:none@@\n")
    target.mkdir()
    (tmp_path / "start.sh").write_text(START.text.replace("/tmp/own-address", str(tmp_path / "own-address")))
    command = ["sh", str(tmp_path / "start.sh"), f"{source}={target}", "--", "true"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert (target / "casbin" / "model.conf").read_text() == "@@secret:none@@\n", "nothing is filled in"


def test_it_waits_for_what_a_service_needs(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    busybox = tmp_path / "busybox"
    busybox.write_text(f'#!/bin/sh\necho "$@" >>{asked}\n[ $(wc -l <{asked}) -gt 1 ]\n')
    busybox.chmod(0o755)
    (tmp_path / "start.sh").write_text(START.text.replace("/tmp/own-address", str(tmp_path / "own-address")))
    ended = subprocess.run(
        ["sh", str(tmp_path / "start.sh"), "database:3306", "--", "echo", "started"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.read_text().splitlines() == ["nc -w 2 database 3306 -e true"] * 2, "until it answers"
    assert "waiting for database:3306" in ended.stderr, "the log says what it waits for"
    assert ended.stdout == "started\n"


@pytest.mark.parametrize("filled", [{}, {"/a": "/b"}])
def test_the_command_line_names_files_not_values(filled: dict[str, str]) -> None:
    assert started(filled, ("nginx",))[-2:] == ("--", "nginx"), "what follows -- becomes the process"
