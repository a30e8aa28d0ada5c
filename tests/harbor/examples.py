"""One resource of each kind: what is declared, a change of it, and what somebody may do to it by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.conformance.plugin import Values
from tests.harbor.conftest import DIGESTS
from tests.harbor.state import State

PULL = [{"resource": "repository", "action": "pull"}]
PUSH = [*PULL, {"resource": "repository", "action": "push"}]
ARTIFACTS = [{"repository": name, "tag": "1.0", "digest": digest} for name, digest in DIGESTS.items()]
POLICY = {
    "id": 1,
    "name": "for-the-run",
    "src_registry": {"id": 1},
    "dest_namespace": "fate",
    "dest_namespace_replace_count": -1,
    "filters": [{"type": "name", "value": "federatedai/{a,b}"}, {"type": "tag", "value": "1.0"}],
    "enabled": True,
}


@dataclass(frozen=True)
class Example:
    """A kind of resource, and the paths that its changes are told by.

    `kept` is where the stand-in keeps it, by which it is taken away behind Pulumi's back.
    """

    kind: str
    inputs: Values
    changed: Values
    told: dict[str, str]
    drift: Callable[[State], None]
    drifted: set[str]
    kept: str = ""

    @property
    def token(self) -> str:
        return f"fate-harbor:index:{self.kind}"


def only(rows: dict[int, Any]) -> Any:  # noqa: ANN401 -- a row of the stand-in
    return rows[max(rows)]


def with_policy(state: State) -> None:
    """Have a replication there, for a run."""
    state.policies[1] = dict(POLICY)


EXAMPLES = [
    Example(
        "Project",
        {"name": "mirror"},
        {"name": "mirror", "public": True, "quota": 5000},
        {"public": "update", "quota": "update"},
        lambda state: only(state.projects)["metadata"].update(public="true"),
        {"public"},
        "projects",
    ),
    Example(
        "Project",
        {"name": "9999", "registryId": "1", "maxUpstreamConnections": 4},
        {"name": "9999", "registryId": "1", "proxySpeedKb": 100},
        {"proxySpeedKb": "update", "maxUpstreamConnections": "update"},
        lambda state: state.quotas.update({max(state.quotas): 77}),
        {"quota"},
        "projects",
    ),
    Example(
        "Registry",
        {"name": "up", "url": "https://closed.example/", "accessKey": "ann", "accessSecret": "Secret1x"},
        {"name": "closed", "url": "http://upstream.example", "description": "the hub"},
        {
            "name": "update",
            "url": "update",
            "description": "update",
            "accessKey": "update",
            "accessSecret": "update",
        },
        lambda state: only(state.registries).update(insecure=True),
        {"insecure"},
        "registries",
    ),
    Example(
        "Replication",
        {"name": "take", "registryId": "1", "namespace": "fate"},
        {
            "name": "take",
            "registryId": "1",
            "namespace": "fate",
            "cron": "0 0 3 * * *",
            "filters": [{"type": "name", "value": "federatedai/{a,b}"}],
        },
        {"cron": "update", "filters[0]": "add"},
        lambda state: only(state.policies).update(enabled=False, speed=10, single_active_replication=False),
        {"enabled", "speed", "singleActive"},
        "policies",
    ),
    Example(
        "Replicated",
        {"replicationId": "1", "project": "fate", "artifacts": ARTIFACTS},
        {"replicationId": "1", "project": "fate", "artifacts": ARTIFACTS[:1]},
        {"artifacts[1]": "delete"},
        lambda state: state.images.update({"fate/a": {"1.0": "sha256:other"}}),
        {"artifacts[0].digest"},
    ),
    Example(
        "Robot",
        {
            "name": "puller",
            "project": "fate",
            "permissions": [{"namespace": "fate", "access": PULL}],
            "secret": "First1234",
        },
        {
            "name": "puller",
            "project": "fate",
            "permissions": [{"namespace": "fate", "access": PUSH}],
            "secret": "Second1234",
        },
        {"permissions[0].access[1]": "add", "secret": "update"},
        lambda state: only(state.robots).update(disable=True),
        {"disabled"},
        "robots",
    ),
    Example(
        "Retention",
        {"project": "fate", "rules": [{"template": "latestPushedK", "count": 10}]},
        {"project": "fate", "rules": [{"template": "always"}], "cron": "0 0 4 * * *"},
        {"cron": "update", "rules[0].template": "update", "rules[0].count": "update"},
        lambda state: only(state.retentions)["rules"][0]["params"].update(latestPushedK=3),
        {"rules[0].count"},
        "retentions",
    ),
    Example(
        "GarbageCollection",
        {"cron": "0 0 5 * * 0", "deleteUntagged": True},
        {"cron": "0 0 6 * * 0", "workers": 2},
        {"cron": "update", "deleteUntagged": "update", "workers": "update"},
        lambda state: state.schedule.update(job_parameters='{"delete_untagged":true,"workers":5}'),
        {"workers"},
        "schedule",
    ),
    Example(
        "Settings",
        {"values": {"session_timeout": 30}},
        {"values": {"session_timeout": 45, "read_only": True}},
        {"values.session_timeout": "update", "values.read_only": "add"},
        lambda state: state.settings.update(session_timeout=1),
        {"values.session_timeout"},
    ),
]
