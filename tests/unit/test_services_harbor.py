"""Harbor's services: their files, their environment, their secrets, and what of them others run."""

import re
import subprocess
from pathlib import Path

import bcrypt
import pytest
import yaml

from components.preflight.docker import wanted_ports
from components.preflight.docker_wanted import Kind, wanted_objects
from components.runtimes.names import Names
from components.services import (
    harbor,
    harborcache,
    harborcore,
    harborjobservice,
    harborportal,
    harborproxy,
    harborregistry,
    harborregistryctl,
)
from components.services.harbor_secrets import admin_password, authority_of, values
from components.services.service import Secret, Service
from components.services.topology import ports, topology
from config import HarborMirror, StackSettings, catalogue, load
from tests.conftest import Golden
from tests.unit.harbor_examples import ACCEPTED_HARBORS, DATABASE, REDIS, SECRETS, TLS, alone, outside
from tests.unit.harbor_examples import harbor as stack_with

KEY, OWNER = "k" * 40, "mirror"
HOST = "unix:///var/run/docker.sock"
GIVEN = {"db": "it's/$(id)&\"x", "redis": "p@ss/w:rd%#", "certificate": "cert", "key": "key"}
ELSEWHERE = "a Harbor with a database and a Redis elsewhere"


def settings_of(stack: dict[str, object]) -> StackSettings:
    return load(stack)


def mirror(stack: dict[str, object] | None = None) -> HarborMirror:
    found = settings_of(stack or stack_with()).mirror
    assert isinstance(found, HarborMirror)
    return found


def services(stack: dict[str, object] | None = None) -> dict[str, Service]:
    return {service.name: service for service in harbor.harbor_services(mirror(stack))}


def by_name(found: dict[Secret, str]) -> dict[str, str]:
    return {secret.name: value for secret, value in found.items()}


def test_the_configuration_files(golden: Golden) -> None:
    golden("harbor/app.conf", harborcore.app_conf())
    golden("harbor/jobservice.yml", harborjobservice.config_yml())
    golden("harbor/registry.yml", harborregistry.config_yml(mirror()))
    golden("harbor/registryctl.yml", harborregistryctl.control_yml())
    golden("harbor/portal.conf", harborportal.nginx_conf())
    golden("harbor/proxy.conf", harborproxy.nginx_conf(mirror()))
    golden("harbor/valkey.conf", harborcache.valkey_conf())


@pytest.mark.parametrize(
    ("name", "stack"), [("own", stack_with()), ("elsewhere", ACCEPTED_HARBORS[ELSEWHERE])]
)
def test_the_environments(name: str, stack: dict[str, object], golden: Golden) -> None:
    told = {
        each.name: {
            "environment": dict(each.environment),
            "exports": [file.text for file in each.files if file.path == harbor.EXPORTS],
        }
        for each in services(stack).values()
    }
    golden(f"harbor/environments-{name}.yaml", yaml.safe_dump(told, width=1000, sort_keys=True))


def test_the_commands(golden: Golden) -> None:
    told = {each.name: list(each.command) for each in services().values()}
    golden("harbor/commands.yaml", yaml.safe_dump(told, width=1000))


def test_those_stand_first_that_others_need() -> None:
    order = list(services())
    for service in services().values():
        for needed in service.needs:
            assert order.index(needed) < order.index(service.name), f"{service.name} cannot wait for {needed}"
    assert set(order) == set(catalogue().of("harbor")), "Harbor has all that the catalogue lists"


@pytest.mark.parametrize("stack", ACCEPTED_HARBORS.values(), ids=ACCEPTED_HARBORS)
def test_every_secret_of_every_service_has_a_value_and_none_is_for_nobody(stack: dict[str, object]) -> None:
    wanted = {secret for service in services(stack).values() for secret in service.secrets}
    assert set(values(KEY, OWNER, mirror(stack), GIVEN)) == wanted


def test_no_secret_stands_in_what_a_container_shows() -> None:
    told = values(KEY, OWNER, mirror(), {})
    for service in services().values():
        shown = f"{service.environment} {service.command} {[file.text for file in service.files]}"
        for secret, value in told.items():
            assert value.strip() not in shown, f"{service.name} shows {secret.name}"


def test_every_secret_that_a_file_names_is_one_of_its_service_s() -> None:
    for stack in (stack_with(), ACCEPTED_HARBORS[ELSEWHERE], stack_with(tls=TLS) | {"secrets": SECRETS}):
        for service in services(stack).values():
            text = " ".join([*(file.text for file in service.files), *service.environment.values()])
            named = set(re.findall(r"/run/secrets/([a-z][a-z.-]*[a-z])", text)) - {"name"}
            if service.name == "harborregistryctl":
                named.remove("htpasswd")  # it reads of the registry's file where the layers are
            assert named == {secret.name for secret in service.secrets}, service.name


def test_secrets_have_the_length_and_the_signs_that_harbor_wants() -> None:
    told = by_name(values(KEY, OWNER, mirror(), {}))
    lengths = {"secretkey": 16, "core-secret": 16, "jobservice-secret": 16, "csrf-key": 32}
    assert {name: len(told[name]) for name in lengths} == lengths, "a cipher key of another length breaks it"
    assert len(set(told.values())) == len(told) - 1, "the cache's password alone stands there twice"
    for sign in ("[a-z]", "[A-Z]", "[0-9]", "^.{8,128}$"):
        assert re.search(sign, told["admin-password"])
    assert told["admin-password"] == admin_password(KEY, OWNER)


def test_two_runs_have_the_same_secrets_and_another_stack_key_has_none_of_them() -> None:
    first, second = (by_name(values(KEY, OWNER, mirror(), {})) for _ in range(2))
    other = by_name(values("l" * 40, OWNER, mirror(), {}))
    assert first == second, "or the second preview would not be empty"
    assert not set(first.values()) & set(other.values())


def test_the_registry_takes_the_account_that_core_has() -> None:
    told = by_name(values(KEY, OWNER, mirror(), {}))
    user, _, hashed = told["htpasswd"].strip().partition(":")
    assert user == services()["harborcore"].environment["REGISTRY_CREDENTIAL_USERNAME"]
    assert bcrypt.checkpw(told["registry-password"].encode(), hashed.encode())


def test_what_others_run_is_dialled_and_has_no_service() -> None:
    made = services(ACCEPTED_HARBORS[ELSEWHERE])
    assert not {"harbordatabase", "harborcache"} & set(made)
    core = made["harborcore"]
    assert core.environment["POSTGRESQL_HOST"] == "db.bank.example"
    assert core.environment["POSTGRESQL_SSLMODE"] == "require"
    assert core.needs == ("harborregistry",)
    assert set(core.fetches_from) == {("db.bank.example", 5432), ("redis.bank.example", 6379)}
    assert yaml.safe_load(harborregistry.config_yml(mirror(ACCEPTED_HARBORS[ELSEWHERE])))["redis"][
        "addr"
    ] == ("redis.bank.example:6379")


def test_a_redis_that_asks_for_nothing_is_given_nothing() -> None:
    made = services(outside(redis={"host": "redis.bank.example"}))
    exports = made["harborcore"].files[0].text
    assert '"redis://redis.bank.example:6379/0?idle_timeout_seconds=30"' in exports
    assert [secret.name for secret in made["harborregistry"].secrets] == ["htpasswd", "http-secret"]


def test_a_shell_reads_the_signs_of_a_given_password_as_they_are(tmp_path: Path) -> None:
    stack = outside(database=DATABASE, redis=REDIS)
    for secret, value in values(KEY, OWNER, mirror(stack), GIVEN).items():
        (tmp_path / secret.name).write_text(value)
    exports = harbor.exported(harborcore.exports(mirror(stack))).replace("/run/secrets", str(tmp_path))
    script = f'{exports}printf "%s\\n" "$POSTGRESQL_PASSWORD" "$_REDIS_URL_CORE"'
    told = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True).stdout
    password, url = told.splitlines()
    assert password == GIVEN["db"]
    assert url == "redis://:p%40ss%2Fw%3Ard%25%23@redis.bank.example:6379/0?idle_timeout_seconds=30"


def test_a_given_certificate_is_shown_and_no_authority_is_told() -> None:
    stack = stack_with(tls=TLS) | {"secrets": SECRETS}
    told = by_name(values(KEY, OWNER, mirror(stack), GIVEN))
    assert (told["server.crt"], told["server.key"]) == ("cert\n", "key\n")
    assert authority_of(KEY, OWNER, mirror(stack)) is None
    assert "BEGIN CERTIFICATE" in (authority_of(KEY, OWNER, mirror()) or "")


def test_an_engine_is_asked_for_the_port_and_for_every_object() -> None:
    settings, names = settings_of(alone(port=8443)), Names("fate", "bank")
    (port,) = wanted_ports(settings, names)[HOST]
    assert (port.path, port.container) == ("fate:mirror.port", "fate-bank-harborproxy")
    assert (port.publication.number, port.publication.external) == (8443, 8443)
    objects = {(each.kind, each.name) for each in wanted_objects(settings, names)[HOST]}
    assert (Kind.NETWORK, "fate-bank-mirror") in objects
    assert (Kind.VOLUME, "fate-bank-harborregistry") in objects
    assert (Kind.CONTAINER, "fate-bank-harborcore-secrets") in objects


def test_the_picture_and_the_sheet_of_ports_have_it() -> None:
    settings = settings_of(stack_with())
    (row,) = [row for row in ports(settings) if not row["party"]]
    assert (row["service"], row["bind"], row["port"]) == ("harborproxy", "127.0.0.1", 443)
    assert 'mirror[("mirror<br/>harbor")]' in topology(settings)


def test_a_folder_that_an_image_lacks_is_one_of_a_service_with_secrets() -> None:
    lacking = [s for s in services().values() if any(volume.lacking for volume in s.volumes)]
    assert {service.name for service in lacking} == {"harborregistry", "harborjobservice"}
    assert all(service.secrets for service in lacking), "what fills in secrets opens such a folder"
