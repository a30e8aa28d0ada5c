"""What is declared of a container: in the official plugin's own spelling, order and completeness."""

import itertools
import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.runtimes.docker_inputs import (
    Mount,
    container_labels,
    environment,
    healthcheck,
    networks,
    ports,
    uploads,
    volumes,
)
from components.runtimes.probes import go_duration
from components.services.service import Command, File, Probe, Publication

UNITS = {"h": 3600, "m": 60, "s": 1}


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [
        (0, "0s"),
        (5, "5s"),
        (59, "59s"),
        (60, "1m0s"),
        (90, "1m30s"),
        (3600, "1h0m0s"),
        (3661, "1h1m1s"),
        (90000, "25h0m0s"),
    ],
)
def test_a_duration_is_spelled_as_go_does(seconds: int, spelled: str) -> None:
    assert go_duration(seconds) == spelled, "another spelling is a change in every preview"


@given(st.integers(0, 10**6))
def test_a_duration_says_what_it_was(seconds: int) -> None:
    parts = re.findall(r"(\d+)([hms])", go_duration(seconds))
    assert sum(int(number) * UNITS[unit] for number, unit in parts) == seconds


def test_a_duration_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="write 0 or more"):
        go_duration(-1)


def test_a_health_check_is_declared_in_go_s_durations() -> None:
    declared = healthcheck(Probe(Command(("true",)), interval=5, timeout=5, retries=3, start_period=90), ())
    assert (declared.interval, declared.start_period) == ("5s", "1m30s")


FILES = [
    File("/etc/fate/start.sh", "#!/bin/sh\n"),
    File.named("/etc/fate/service_conf.yaml", "party_id: '9999'\n"),
    File.named("/etc/fate/rabbitmq_route_table.yaml", "'9999': {}\n"),
    File("/etc/fate/definitions.json", "{}\n"),
]
DECLARATIONS: list[tuple[Callable[..., Sequence[object]], Sequence[object]]] = [
    (lambda *files: uploads({file.path: file.text for file in files}), FILES),
    (lambda *pairs: environment(dict(pairs)), [("A", "1"), ("A1", "2"), ("A_B", "3"), ("B", "=")]),
    (
        lambda *pairs: container_labels(dict(pairs)),
        [("fate.stack", "dev"), ("fate.party", "9")],
    ),
    (lambda *mounts: volumes(mounts), [Mount("/data", "d"), Mount("/run/secrets", "s", True)]),
    (lambda *pairs: networks(dict(pairs)), [("broker", "own"), ("broker-9999", "shared")]),
    (
        lambda *opened: ports(opened),
        [Publication("b", 5672, 1, "127.0.0.1", "x"), Publication("b", 15672, 2, "127.0.0.1", "x")],
    ),
]


@pytest.mark.parametrize(("declare", "parts"), DECLARATIONS)
def test_the_order_of_what_is_declared_changes_nothing(
    declare: Callable[..., Sequence[object]], parts: Sequence[object]
) -> None:
    orders = itertools.permutations(parts)
    assert len({str([_plain(part) for part in declare(*order)]) for order in orders}) == 1


def _plain(declared: object) -> object:
    return vars(declared) if hasattr(declared, "__dict__") else declared


def test_files_are_declared_in_the_order_of_their_first_lines() -> None:
    declared = uploads({file.path: file.text for file in FILES})
    assert [str(upload.file).rpartition("/")[2] for upload in declared] == [
        "rabbitmq_route_table.yaml",
        "service_conf.yaml",
        "start.sh",
        "definitions.json",
    ], "`# /etc…` before `#!/bin/sh` before `{`, as the official plugin orders them"


@given(st.lists(st.text('ab.0\n"\\ ', max_size=6), min_size=2, max_size=4, unique=True))
def test_files_are_ordered_as_go_quotes_their_texts(texts: list[str]) -> None:
    def quoted(text: str) -> bytes:
        return ('"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"').encode()

    declared = uploads({str(index): text for index, text in enumerate(texts)})
    assert [upload.content for upload in declared] == sorted(texts, key=quoted)


def test_an_upload_is_declared_whole() -> None:
    (declared,) = uploads({"/etc/fate/a": "a\n"})
    assert None not in vars(declared).values(), (
        "the official plugin tells a changed file alone only where every field of it was declared"
    )
