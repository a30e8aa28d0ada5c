"""What holds for every file of every service: a changed line shows as that line, where it stood."""

import re
from collections.abc import Mapping

import pytest

from components.services.context import PartyContext, Route
from components.services.party import party_services
from components.services.registry import registry
from components.services.service import Service
from config import HostPeer, PackagesImages, Rotation, load
from tests.declared.program import stack_file

ROUTES = (Route("10000", HostPeer(id="10000", host="fate.partner.example").addresses),)
OVERRIDES = {
    "database": {"configuration": {"my.cnf": {"max_connections": 99}}},
    "broker": {"configuration": {"rabbitmq.conf": {"channel_max": 99, "max_message_size": 1024}}},
    "gateway": {"configuration": {"nginx.conf": {"worker_connections": 99}}},
    "fateflow": {"configuration": {"service_conf.yaml": {"log_level": 10}}},
}


def services(overrides: Mapping[str, object]) -> list[Service]:
    stack = stack_file("dev")
    stack["parties"][0]["services"] = overrides
    party = load(stack).parties[0]
    return [
        *party_services(PartyContext(party, "2.2.0", Rotation(), PackagesImages(), ROUTES)),
        registry(None),
        registry("https://hub.example", True),
    ]


@pytest.mark.parametrize("overrides", [{}, OVERRIDES])
def test_a_file_s_first_line_names_it_or_is_the_only_one_of_its_kind(overrides: Mapping[str, object]) -> None:
    for service in services(overrides):
        unnamed = [file for file in service.files if file.path not in file.text.partition("\n")[0]]
        firsts = [file.text.partition("\n")[0] for file in unnamed]
        assert set(firsts) <= {"#!/bin/sh", "{"}, f"{service.name}: {firsts} would move with their content"
        assert len(firsts) == len(set(firsts)), f"{service.name}: two files of one first line change places"


def test_an_override_leaves_every_first_line() -> None:
    for plain, overridden in zip(services({}), services(OVERRIDES), strict=True):
        before, after = ([file.text.partition("\n")[0] for file in s.files] for s in (plain, overridden))
        assert before == after, plain.name


def test_a_start_s_first_line_is_its_interpreter_and_no_name() -> None:
    for service in services({}):
        for file in service.files:
            first = file.text.partition("\n")[0]
            assert re.fullmatch(r"(#|--|%) /etc/fate/[a-z_.]+|#!/bin/sh|\{", first), f"{file.path}: {first}"
