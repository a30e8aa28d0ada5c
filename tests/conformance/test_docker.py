"""The Docker plugin that is installed here does what the official one does: row by row of `docker.yaml`."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from tests.conformance.cases import (
    TYPES,
    Change,
    Drift,
    Failure,
    Made,
    Order,
    Refusal,
    Table,
    Told,
    Update,
    filled,
)
from tests.conformance.docker_plugin import DockerPlugin
from tests.conformance.plugin import Refused, Resource, executable, is_stand_in
from tests.conformance.scene import Scene, scene

TABLE = Table.read()
HOST = {"host": "unix:///var/run/docker.sock"}
CONTAINER = TYPES["Container"]
NOTHING_TO_DO = Told(told="none")
Stuck = dict[str, Future[str]]


@pytest.fixture(scope="module")
def plugin_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return executable("docker", "5.1.0", tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="module")
def there(plugin_file: Path) -> Iterator[Scene]:
    try:
        engine = docker.from_env()
    except DockerException as reason:
        pytest.skip(f"no Docker engine: {reason}")
    with DockerPlugin(plugin_file, HOST) as plugin, scene(plugin, engine) as found:
        yield found
    engine.close()


@pytest.fixture(scope="module", autouse=True)
def stuck(there: Scene) -> Iterator[Stuck]:
    """Begin to delete what is in use: the plugin waits half a minute, so the rows run meanwhile."""
    prefix = there.names["prefix"]
    volume = there.plugin.create(TYPES["Volume"], "stuck", {"name": f"{prefix}-stuck"})
    network = there.plugin.create(TYPES["Network"], "stuck", {"name": f"{prefix}-stuck"})
    user = there.engine.containers.run(
        there.names["image"],
        ["sleep", "600"],
        name=f"{prefix}-user",
        network=f"{prefix}-stuck",
        volumes=[f"{prefix}-stuck:/data"],
        detach=True,
    )
    with ThreadPoolExecutor() as deleting:
        yield {made.token: deleting.submit(_deleted, there.plugin, made) for made in (volume, network)}
    user.remove(force=True)


def _deleted(plugin: DockerPlugin, made: Resource) -> str:
    try:
        plugin.delete(made)
    except Refused as refused:
        return str(refused)
    return ""


def named(row: Change | Drift) -> str:
    return f"{row.of}: {row.change if isinstance(row, Change) else row.by_hand}"


@pytest.mark.parametrize("row", TABLE.changes, ids=named)
def test_a_change_is_told(there: Scene, row: Change) -> None:
    made = there.resource(row.of)
    inputs = there.inputs(row.inputs(TABLE.resources[row.of].inputs))
    assert there.told(there.plugin.diff(made, inputs)) == Told(told=row.told, paths=row.paths)


@pytest.mark.parametrize("name", TABLE.resources)
def test_every_property_that_is_declared_has_a_row(name: str) -> None:
    touched = {
        property
        for row in (*TABLE.changes, *TABLE.updates)
        if TABLE.resources[row.of].type == TABLE.resources[name].type
        for property in (*row.set, *row.without)
    }
    assert set(TABLE.resources[name].inputs) <= touched, "say in the table what a change of it does"


@pytest.mark.parametrize("row", TABLE.updates, ids=named)
def test_an_update_is_applied_or_only_told(there: Scene, row: Update) -> None:
    made = there.resource(row.of)
    inputs = there.inputs(row.inputs(TABLE.resources[row.of].inputs))
    assert there.told(there.plugin.diff(made, inputs)) == Told(told=row.told, paths=row.paths)
    updated = there.plugin.update(made, inputs)
    assert {path: there.looked_up(made.id, path) for path in row.applied} == row.applied
    assert there.told(there.plugin.diff(updated, inputs)) == NOTHING_TO_DO, "the state takes note of it"
    seen = there.plugin.read(updated)
    assert seen is not None
    assert there.told(there.plugin.diff(seen, inputs)) == row.afterwards
    there.gone(row.of)


@pytest.mark.parametrize("row", TABLE.drifts, ids=named)
def test_a_drift_is_seen_or_not(there: Scene, row: Drift) -> None:
    made = there.resource(row.of)
    there.act(row.by_hand, made)
    seen = there.plugin.read(made)
    there.made.pop(row.of)
    assert (seen is None) is row.gone
    if seen is not None:
        inputs = there.inputs(TABLE.resources[row.of].inputs)
        assert there.told(there.plugin.diff(seen, inputs)) == Told(told=row.told, paths=row.paths)
    _forget(there, made)


def _forget(there: Scene, made: Resource) -> None:
    """Take away what was changed by hand, and what somebody made in its place."""
    there.plugin.delete(made)
    for network in there.engine.networks.list(names=[str(made.outputs["name"])]):
        network.remove()


@pytest.fixture
def words(plugin_file: Path) -> dict[str, str]:
    """Return the words of the stand-in, for the rows in which they are others."""
    return {row.row: row.says for row in TABLE.differences} if is_stand_in(plugin_file) else {}


@pytest.mark.parametrize("row", TABLE.failures, ids=lambda row: row.what)
def test_a_resource_that_cannot_be_made_says_why(there: Scene, row: Failure, words: dict[str, str]) -> None:
    inputs = there.inputs(row.inputs)
    with pytest.raises(Refused) as refused:
        there.plugin.create(TYPES[row.type], "failing", inputs)
    assert filled(words.get(row.what, row.says), there.names) in str(refused.value)
    half = refused.value.half
    assert (half is not None) is row.half
    if half is None:
        return
    assert there.told(there.plugin.diff(half, inputs)) == row.next
    seen = there.plugin.read(half)
    assert seen is not None
    assert there.told(there.plugin.diff(seen, inputs)) == row.refreshed, "a refresh forgets that it failed"
    there.plugin.delete(half)


def test_what_exists_under_the_name_is_left_alone(there: Scene) -> None:
    container = there.engine.containers.get(there.names["taken"])
    assert container.status == "created", "it was refused, not removed"
    assert there.engine.networks.list(names=[there.names["network"]])


def test_a_volume_that_exists_is_taken_with_its_content(there: Scene) -> None:
    name = f"{there.names['prefix']}-found"
    there.engine.volumes.create(name, labels={"a": "1"})
    inputs = {"name": name, "labels": [{"label": "a", "value": "2"}]}
    made = there.plugin.create(TYPES["Volume"], "found", inputs)
    assert there.plugin.diff(made, inputs).operation == "none", "its own labels are not looked at"
    seen = there.plugin.read(made)
    assert seen is not None
    assert there.plugin.diff(seen, inputs).paths == {"labels[0].value": "update-replace"}, "until a refresh"
    there.plugin.delete(made)


@pytest.mark.parametrize("row", TABLE.made, ids=lambda row: row.what)
def test_what_does_not_work_is_made_all_the_same(there: Scene, row: Made) -> None:
    inputs = there.inputs(row.inputs)
    made = there.plugin.create(CONTAINER, "failing", inputs)
    assert {name: made.outputs.get(name) for name in row.state} == row.state
    assert there.told(there.plugin.diff(made, inputs)) == row.next
    there.plugin.delete(made)


def test_a_stopped_container_without_ports_is_started_again(there: Scene) -> None:
    made = there.resource("silent")
    inputs = there.inputs(TABLE.resources["silent"].inputs)
    there.act("stopped", made)
    seen = there.plugin.read(made)
    assert seen is not None
    updated = there.plugin.update(seen, inputs)
    assert there.looked_up(made.id, "State.Running") is True, "not replaced: the same container"
    assert there.plugin.diff(updated, inputs).operation == "none"
    there.gone("silent")


@pytest.mark.parametrize("row", TABLE.refusals, ids=lambda row: f"{row.type} {row.says}")
def test_inputs_that_cannot_be_are_refused(there: Scene, row: Refusal, words: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        there.plugin.check(TYPES[row.type], "refused", row.inputs)
    assert words.get(row.says, row.says) in str(refused.value)


@pytest.mark.parametrize("row", TABLE.orders, ids=lambda row: row.property)
def test_a_set_comes_back_in_the_order_of_its_content(there: Scene, row: Order) -> None:
    inputs = there.inputs({**TABLE.resources["worker"].inputs, row.property: row.declared})
    made = there.plugin.create(CONTAINER, "worker", inputs)
    assert [_declared_part(part, row) for part in made.outputs[row.property]] == there.inputs(
        {"state": row.state}
    )["state"]
    assert there.plugin.diff(made, inputs).operation == "none", "another order is no difference"
    there.plugin.delete(made)


def _declared_part(part: object, row: Order) -> object:
    """Return what a program has declared of an element that has all its fields in the state."""
    if not isinstance(part, dict):
        return part
    names = {name for element in row.declared for name in element}
    return {name: value for name, value in part.items() if name in names}


@pytest.mark.parametrize("kind", ["Volume", "Network"])
def test_what_is_in_use_is_waited_for_and_then_refused(stuck: Stuck, kind: str) -> None:
    assert "timeout while waiting for state to become 'removed'" in stuck[TYPES[kind]].result()


@pytest.mark.parametrize(
    ("configuration", "says"),
    [({"host": "nonsense"}, "nonsense"), ({"host": "unix:///no/docker.sock"}, "unix:///no/docker.sock")],
)
def test_an_engine_that_cannot_be_reached_is_named(
    plugin_file: Path, configuration: dict[str, str], says: str
) -> None:
    with pytest.raises(Refused, match=says), DockerPlugin(plugin_file, configuration) as plugin:
        plugin.create(TYPES["Volume"], "unreachable", {"name": "unreachable"})


@pytest.mark.parametrize(
    ("new", "paths"),
    [
        ({"host": "unix:///run/docker.sock"}, {"host": "update"}),
        ({**HOST, "sshOpts": ["-p", "22"]}, {"sshOpts": "add"}),
    ],
)
def test_another_engine_changes_the_provider_in_place(
    there: Scene, new: dict[str, object], paths: dict[str, str]
) -> None:
    told = there.plugin.diff_config(HOST, new)
    assert (told.operation, told.paths) == ("update", paths)
