"""What is accepted and what is refused: path, reason and remedy of each."""

import re

import pytest

from config import ConfigurationFault, Fault, check_secret_key, load
from tests.unit.stack_examples import ACCEPTED, REFUSED
from tests.unit.stack_values import RABBITMQ, Values, one, stack, two

SEVERAL_MISTAKES = {
    "two parties exposed by default": 2,
    "a broker behind an exchange of OSX": 3,
    "OSX behind an exchange of gateways": 3,
}


def faults(values: Values) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationFault) as raised:
        load(values)
    return raised.value.faults


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_stack_that_can_work_is_accepted(name: str) -> None:
    load(ACCEPTED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_a_stack_that_cannot_work_is_refused_with_path_reason_and_remedy(name: str) -> None:
    values, path, problem, remedy = REFUSED[name]
    found = faults(values)
    here = [fault for fault in found if fault.path == path]
    assert here, f"no fault at {path}, but at {[fault.path for fault in found]}"
    assert any(problem in fault.problem for fault in here), f"{here} do not say: {problem}"
    assert any(remedy in fault.remedy for fault in here), f"{here} do not advise: {remedy}"


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_in_words_of_the_yaml(name: str) -> None:
    jargon = re.compile(r"Input should|validation error|pydantic|NoneType|\bstr\b|\bdict\b|<\w+>|\[key\]")
    for fault in faults(REFUSED[name][0]):
        assert not jargon.search(f"{fault.path} {fault.problem}"), f"{fault} speaks of the program's inside"
        assert fault.remedy, f"{fault} leaves the reader without a way out"


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_not_drowned_in_faults_that_follow_from_it(name: str) -> None:
    found = faults(REFUSED[name][0])
    assert len(found) == SEVERAL_MISTAKES.get(name, 1), f"{[str(fault) for fault in found]}"


def test_all_faults_are_told_at_once_and_in_the_order_of_the_file() -> None:
    values = two(
        {"id": 9999, "api": {"port": 0}}, {"api": {"port": 5000}, "mode": "clint"}, release="9.9.9", zzz=1
    )
    values["parties"].append({"id": "3", "engines": RABBITMQ, "api": {"port": 5000}})
    assert [fault.path for fault in faults(values)] == [
        "fate:release",
        "fate:parties[0].id",
        "fate:parties[0].api.port",
        "fate:parties[1].mode",
        "fate:parties[2].api.port",
        "fate:zzz",
    ], "a fault in one party must not hide those of the others, nor those between them"


def test_the_message_numbers_every_fault_with_its_remedy() -> None:
    with pytest.raises(ConfigurationFault) as raised:
        load(stack(release=2.2, protect="yes"))
    assert str(raised.value) == (
        "2 faults in the stack's configuration:\n"
        "  1. fate:release: 2.2 is a number here, and must be text\n"
        '     write such as release: "2.2.0", in quotes\n'
        '  2. fate:protect: is "yes", text, and must be true or false\n'
        "     write true or false, without quotes"
    )


def test_a_long_value_is_cut_short() -> None:
    (fault,) = faults(one(id="x" * 500))
    assert len(fault.problem) < 250, "a message is read on a terminal"


@pytest.mark.parametrize("value", [None, "", "x" * 31])
def test_a_secret_key_that_is_missing_or_short_is_refused_without_repeating_it(value: str | None) -> None:
    with pytest.raises(ConfigurationFault) as raised:
        check_secret_key(value)
    (fault,) = raised.value.faults
    assert fault.path == "fate:secret-key"
    assert 'pulumi config set --secret fate:secret-key "$(openssl rand -hex 32)"' in fault.remedy
    assert not value or value not in str(raised.value), "a secret never stands in a message"


def test_a_secret_key_of_32_characters_is_accepted() -> None:
    check_secret_key("0123456789abcdef" * 2)
