"""The catalogue of configuration keys, against what the services of this program write."""

from collections.abc import Iterator, Mapping

from components.services.broker import CONF
from components.services.database import MYSQLD
from components.services.fateflow import service_conf
from components.services.gateway import DEFAULTS
from config.catalogue import ConfigurationFile, Tree, catalogue

ENGINES = {"computing": "standalone", "storage": "standalone", "federation": "rabbitmq"}
FORMS = set(catalogue().forms)


def known(service: str, file: str) -> ConfigurationFile:
    found: ConfigurationFile = catalogue().services[service].files[file]
    return found


def leaves(tree: Tree, above: str = "") -> Iterator[tuple[str, str]]:
    for key, form in tree.root.items():
        if isinstance(form, Tree):
            yield from leaves(form, f"{above}{key}.")
        else:
            yield f"{above}{key}", form


def written(tree: Mapping[str, object], above: str = "") -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from written(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"


def test_every_key_that_this_program_writes_for_fate_is_known() -> None:
    keys = dict(leaves(known("fateflow", "service_conf.yaml").keys))
    for with_database in (True, False):
        conf = service_conf("9999", ENGINES, "replication", with_database)
        assert set(written(conf)) <= set(keys), "FATE-Flow would read a key that FATE does not know"


def test_every_key_that_this_program_writes_for_a_server_is_known() -> None:
    for service, file, keys in (
        ("broker", "rabbitmq.conf", CONF),
        ("database", "my.cnf", MYSQLD),
        ("gateway", "nginx.conf", DEFAULTS),
    ):
        assert set(keys) <= set(known(service, file).keys.root), f"{service} has a key that {file} has not"


def test_every_form_is_described_and_used() -> None:
    used = {
        form
        for facts in catalogue().services.values()
        for file in facts.files.values()
        for _, form in leaves(file.keys)
    }
    assert used == FORMS


def test_every_key_that_is_ours_is_in_its_file() -> None:
    for name, facts in catalogue().services.items():
        for file in facts.files.values():
            all_leaves = [f"{leaf}." for leaf, _ in leaves(file.keys)]
            for key in file.ours:
                assert any(leaf.startswith(f"{key}.") for leaf in all_leaves), (
                    f"{key} is in no file of {name}"
                )


def test_the_default_of_every_free_key_has_the_form_that_the_catalogue_says() -> None:
    forms = catalogue().forms
    for service, file, keys in (("broker", "rabbitmq.conf", CONF), ("gateway", "nginx.conf", DEFAULTS)):
        found = known(service, file)
        for key, value in keys.items():
            form = found.keys.root[key]
            assert isinstance(form, str)
            assert key in found.ours or forms[form].fits(value, found.typed), f"{key}: {value} is no {form}"
