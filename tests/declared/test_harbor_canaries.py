"""Secrets of a stack with a Harbor: every one is followed through what Pulumi keeps, shows and hands to Helm.

Those that are derived, those that were given, in any spelling: as they are, in base64, line by line of a key.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from components.services.harbor_secrets import PUSHER, robot_of, robot_secret, values
from config import HarborMirror, load
from ops.chart.secrets import secret_manifests
from ops.chart.stack import charted
from tests.charts import needs_helm, rendered, stack_in, text_of
from tests.declared.program import SECRET_KEY, Declared, declare
from tests.declared.test_charted import CHART, of_charts
from tests.declared.test_harbor_contents import MARK, leaves
from tests.security.manifests import plain
from tests.unit.harbor_chart_examples import charted as harbor_by_a_chart
from tests.unit.harbor_examples import DATABASE, REDIS, TLS, elsewhere, harbor, on_a_cluster
from tests.unit.stack_values import Values

GIVEN = {name: f"CANARY-given-{name}" for name in ("admin", "certificate", "db", "hub", "redis")}
KEY = "the stack's key"
OPEN_THERE = "harborcache"
"""Its own Redis asks nobody for a password where Harbor's chart makes it."""
LINES = ("CANARY-line-one-of-a-key", "CANARY-line-two-of-a-key")
GIVEN["key"] = "\n".join(("-----BEGIN PRIVATE KEY-----", *LINES, "-----END PRIVATE KEY-----", ""))
HUB = {"from": {"url": "https://hub.bank.example", "user": "ann", "password": {"secret": "hub"}}}
STACKS: dict[str, Values] = {
    "its own, with all parts": harbor(replicate=HUB),
    "its own, with parts that others run": harbor(
        replicate=HUB, external={"database": DATABASE, "redis": REDIS}, tls=TLS
    ),
    "its own, on a cluster": harbor_by_a_chart(replicate=HUB),
    "its own, on a cluster, with parts that others run": harbor_by_a_chart(
        replicate=HUB, external={"database": DATABASE, "redis": REDIS}, tls=TLS
    ),
    "of others, on Docker": elsewhere(replicate=HUB),
    "of others, on a cluster": on_a_cluster(replicate=HUB),
    "of others, and a chart": of_charts(on_a_cluster(replicate=HUB)),
}
PUBLIC = ("-----BEGIN", "-----END", "admin", "fate:")
TOLD_IN_SECRET = ("harbor-login", "harbor-robots", "logins")
"""The outputs that are secrets as a whole."""
SHORTEST = 12
"""A line of a key that is shorter stands elsewhere by chance."""


def given(keys: Values) -> dict[str, str]:
    """Return the secrets that a stack is given, as many as its file names."""
    named = json.dumps(keys["mirror"])
    return {name: value for name, value in GIVEN.items() if f'{{"secret": "{name}"}}' in named}


def written(keys: Values) -> Values:
    """Return a stack as its file has it, with what it is given encrypted."""
    return {**keys, "secrets": {name: {"secure": "v1:nonce:text"} for name in given(keys)}}


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest) -> tuple[Values, Declared]:
    keys = STACKS[request.param]
    opened = {**keys, "secrets": given(keys)}
    return keys, declare(opened, "bank", secret_keys=("fate:secret-key", "fate:secrets"))


def canaries(keys: Values, declared: Declared) -> dict[str, str]:
    """Return every secret of the stack by its name, and each line of those that have many."""
    settings = load(written(keys))
    found = {KEY: SECRET_KEY, **{f"given {name}": value for name, value in given(keys).items()}}
    for who in (*(robot_of(party.id) for party in settings.parties), PUSHER):
        found[f"robot {who}"] = robot_secret(SECRET_KEY, "harbor", who)
    if isinstance(settings.mirror, HarborMirror):
        of_harbor = values(SECRET_KEY, "mirror", settings.mirror, given(keys))
        of_a_chart = settings.mirror.chart is not None
        found |= {
            f"{each.holder}/{each.name}": value
            for each, value in of_harbor.items()
            if not (of_a_chart and each.holder == OPEN_THERE and not each.given)
        }
    for resource in declared.resources:
        if resource.typ == "kubernetes:core/v1:Secret":
            for key, value in plain(resource.inputs)["data"].items():
                found[f"{resource.name}/{key}"] = base64.b64decode(value).decode()
    public = told_openly(declared)
    return {name: value for name, value in found.items() if value.strip() and value.strip() not in public}


def told_openly(declared: Declared) -> str:
    """Return the certificates that a stack tells, which are among what its services are handed."""
    return str(declared.outputs["harbor"]["authority"])


def spellings(value: str) -> Iterator[str]:
    lines = [line for line in value.splitlines() if len(line) >= SHORTEST and not line.startswith(PUBLIC)]
    for text in {value.strip(), *lines}:
        yield text
        yield base64.b64encode(text.encode()).decode().rstrip("=")[:-1]


def shown(canary: Mapping[str, str], text: str) -> list[str]:
    return [name for name, value in canary.items() if any(each in text for each in spellings(value))]


def test_a_stack_has_as_many_secrets_as_it_should(stack: tuple[Values, Declared]) -> None:
    keys, declared = stack
    found = canaries(keys, declared)
    own = isinstance(load(written(keys)).mirror, HarborMirror)
    assert len(found) >= (20 if own else 6), f"what is not known of cannot be followed: {sorted(found)}"
    assert "given hub" in found, "the password of the upstream's endpoint"


def test_no_resource_keeps_a_secret_in_plain(stack: tuple[Values, Declared]) -> None:
    keys, declared = stack
    found = canaries(keys, declared)
    for resource in declared.resources:
        for place, value in leaves(resource.inputs):
            if MARK not in place:
                assert not shown(found, value), f"{resource.name} shows it at {'.'.join(place)}"


def test_every_secret_that_is_handed_on_stands_there_marked(stack: tuple[Values, Declared]) -> None:
    """Or the search above finds nothing because it looks for the wrong thing."""
    keys, declared = stack
    marked = "\n".join(
        value for each in declared.resources for place, value in leaves(each.inputs) if MARK in place
    )
    found = canaries(keys, declared)
    assert set(shown(found, marked)) == set(found) - {KEY}, "the stack's key itself is handed to nobody"


def test_no_output_that_is_none_tells_a_secret(stack: tuple[Values, Declared]) -> None:
    keys, declared = stack
    told = {name: value for name, value in declared.outputs.items() if name not in TOLD_IN_SECRET}
    assert not shown(canaries(keys, declared), json.dumps(told)), "pulumi stack output shows it to everybody"


@needs_helm
def test_neither_a_chart_s_values_nor_its_release_hold_a_secret(tmp_path: Path) -> None:
    keys = STACKS["of others, on a cluster"]
    opened = {**keys, "secrets": given(keys)}
    declared = declare(of_charts(opened), "bank", secret_keys=("fate:secret-key", "fate:secrets"))
    found = canaries(keys, declared)
    file = stack_in(tmp_path, written(keys), "bank", SECRET_KEY)
    text = text_of(file, "9999")
    values_file = tmp_path / "9999.yaml"
    values_file.write_text(text)
    release = json.dumps(rendered([values_file], "fate-bank-9999"))
    [chart] = declared.of(CHART).values()
    for where, each in {"values": text, "release": release, "state": json.dumps(plain(chart))}.items():
        assert not shown(found, each), f"the {where} of the chart"
    printed = json.dumps(list(secret_manifests(charted(file, "9999"))))
    assert "robot party-9999" in {name for name in found if decoded_has(printed, found[name])}, (
        "where it has to be it is"
    )


def decoded_has(printed: str, secret: str) -> bool:
    """Tell whether a Secret that is printed holds it, in the login of its registry or by itself."""
    texts = [
        base64.b64decode(value).decode() for each in json.loads(printed) for value in each["data"].values()
    ]
    texts += [
        base64.b64decode(login["auth"]).decode()
        for text in texts
        if text.startswith("{")
        for login in json.loads(text)["auths"].values()
    ]
    return any(secret in text for text in texts)
