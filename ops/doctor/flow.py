"""FATE-Flow's API as the doctor uses it, asked from inside the party's own container."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ops.doctor.inside import ask
from ops.doctor.reach import Reach
from ops.doctor.symptoms import Ailment, Symptom

CALL_LIMIT = 90
RECENT = 50
ENDED = frozenset({"success", "failed", "canceled", "timeout"})


class Flow:
    """The FATE-Flow of one party. Every method raises Ailment where FATE-Flow does not do what is asked."""

    def __init__(self, reach: Reach, computing: Sequence[str] = (), party: str = "") -> None:
        """Take the way in, the services that compute for FATE-Flow's tasks, and whose they are."""
        self._reach = reach
        self._party = party
        self._working = ("fateflow", *computing)

    def submit(self, dag: Mapping[str, Any]) -> str:
        """Start a job and return its id."""
        answer = self._call("POST", "/job/submit", dag_schema=dag)
        if answer["code"] != 0:
            raise Ailment(Symptom.JOB_REFUSED, _message(answer))
        return str(answer["job_id"])

    def job(self, job: str, role: str) -> dict[str, Any]:
        """Return a job as this party sees it: `status`, `progress` and more."""
        answer = self._done("GET", "/job/query", job_id=job, role=role)
        return dict(answer["data"][0])

    def stop(self, job: str) -> None:
        """Stop a job on all its sides. Does not wait for the workers to end."""
        self._done("POST", "/job/stop", job_id=job)

    def recent(self) -> list[dict[str, Any]]:
        """Return the newest jobs in this party's history, the newest first."""
        answer = self._done(
            "GET", "/job/list/query", limit=RECENT, page=1, order_by="create_time", order="desc"
        )
        return list(answer["data"]["data"])

    def taken(self) -> dict[str, int]:
        """Return the jobs without a process that this side's FATE-Flow plans, and what processors each keeps.

        An earlier FATE-Flow was taking them when it ended; none of them ever begins.
        """
        return dict(ask(self._reach, "database", "taken")["jobs"])

    def others_at_work(self, job: str) -> list[str]:
        """Name the other jobs that have processors on this side, and those of them without a process."""
        lost: Mapping[str, int] = {}
        with suppress(Ailment):
            lost = self.taken()
        running = [str(each["job_id"]) for each in self.recent() if each["status"] == "running"]
        others = [each for each in dict.fromkeys([*running, *lost]) if each != job]
        return [
            f"{each} of party {self._party}{', without a process' if each in lost else ''}" for each in others
        ]

    def failed_tasks(self, job: str) -> list[str]:
        """Return the names of a job's failed tasks, and whether they failed on another side than this one."""
        answer = self._call("GET", "/job/task/query", job_id=job, status="failed")
        return sorted({_named(task) for task in answer.get("data") or []})

    def auc(self, job: str, party: str) -> float | None:
        """Return the area under the curve that the job's evaluation told to the guest."""
        answer = self._done(
            "GET", "/output/metric/query", job_id=job, role="guest", party_id=party, task_name="evaluation_0"
        )
        values = [
            metric["val"]
            for evaluation in answer["data"]
            for sets in evaluation["data"].values()
            for metrics in sets.values()
            for metric in metrics
            if metric["metric"] == "auc"
        ]
        return float(values[0]) if values else None

    def rows(self, namespace: str, name: str) -> int:
        """Return how many rows a table has, 0 where there is none."""
        answer = self._call("GET", "/table/query", namespace=namespace, name=name)
        return int(answer["data"]["count"]) if answer["code"] == 0 else 0

    def upload(self, side: str, namespace: str) -> str:
        """Store the doctor's table of one side under its side's name and return the id of that job."""
        table = ask(self._reach, "tables", side, limit=CALL_LIMIT)
        answer = self._call("POST", "/data/component/upload", **table, namespace=namespace, name=side)
        if answer["code"] != 0:
            raise Ailment(Symptom.UPLOAD_FAILED, _message(answer))
        return str(answer["job_id"])

    def logs(self, job: str) -> dict[str, str]:
        """Return the ends of a job's error logs on this side, by file."""
        return dict(ask(self._reach, "logs", job))

    def waiting(self, job: str) -> str:
        """Return which messages of a job wait on this side and for whom, as far as its broker tells."""
        return str(ask(self._reach, "pulsar", "waiting", job, limit=CALL_LIMIT)["detail"])

    def busy(self) -> float:
        """Return how many processors this side's workers use at this moment; 0 where they only wait."""
        return sum(float(ask(self._reach, "workers", service=each)["busy"]) for each in self._working)

    def out_of_memory(self) -> list[str]:
        """Name this side's services in which processes were killed for want of memory since they started."""
        lacking = [each for each in self._working if ask(self._reach, "memory", service=each)["killed"]]
        return [f"{each} of party {self._party}" for each in lacking]

    def _call(self, method: str, path: str, **payload: object) -> dict[str, Any]:
        asked = ("flow", method, path, payload)
        return dict(ask(self._reach, *asked, limit=CALL_LIMIT, repeatable=method == "GET"))

    def _done(self, method: str, path: str, **payload: object) -> dict[str, Any]:
        answer = self._call(method, path, **payload)
        if answer["code"] != 0:
            raise Ailment(Symptom.FATEFLOW_FAULT, f"{path}: {_message(answer)}")
        return answer


def _named(task: Mapping[str, Any]) -> str:
    elsewhere = " (on the peer's side)" if task.get("party_status") == "success" else ""
    return f"{task['task_name']}{elsewhere}"


def _message(answer: Mapping[str, Any]) -> str:
    """Return the last line of FATE-Flow's message, which is often a traceback."""
    lines = str(answer.get("message")).strip().splitlines()
    return f"code {answer['code']}: {lines[-1] if lines else 'no message'}"
