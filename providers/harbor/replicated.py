"""A run of a replication, and the check that every artifact is there that was wanted."""

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import quote

from clients.failures import Refused
from clients.harbor import repository_path, was_skipped
from diff.shape import Shape, records, text
from diff.values import UNKNOWN, Plain, Refusal
from providers.harbor.checking import id_faults
from providers.harbor.kind import Call, Fault, Kind, Made, Seen, gone, listed
from providers.harbor.replication import needs_project

PRECONDITION = 412
RUNNING = ("InProgress", "Pending", "Running")
PAUSE, LONGEST_PAUSE = 0.2, 5.0
LOG_LINES = 3
MISSING = (
    "Harbor counts it a success when the upstream has no such tag: see that upstream has it, and that the "
    "replication's filters and namespace lead it here"
)
MOVED = (
    "The tag leads to another image upstream by now: name the digest that it has now if you trust it, or "
    "have the tag put back there"
)


class Replicated(Kind):
    """Harbor tells of a run that found nothing as a success, so what was wanted is looked for afterwards.

    Where all of it is there by digest already, nothing runs: an upstream may be down for that. Its deletion
    leaves the images where they are.
    """

    token = "fate-harbor:index:Replicated"
    shape: ClassVar[Shape] = {
        "replicationId": text(required=True).updatable(),
        "project": text(required=True),
        "artifacts": records(repository=text(required=True), tag=text(""), digest=text("")).updatable(),
    }
    computed = ("digests",)

    @classmethod
    def faults(cls, inputs: Plain) -> Iterator[Fault]:
        """Yield artifacts that cannot be looked for."""
        yield from id_faults("replicationId", inputs["replicationId"])
        for where, each in listed(inputs, "artifacts"):
            if not each["tag"] and not each["digest"]:
                yield where, f"{where} has neither tag nor digest: there is nothing to look for"
            digest = each["digest"]
            if isinstance(digest, str) and digest and not digest.startswith("sha256:"):
                yield f"{where}.digest", f"{digest!r} is no digest: it begins with sha256:"

    @classmethod
    def normal(cls, inputs: Plain) -> Plain:
        """Return inputs with artifacts in an order of their own: that of a program says nothing."""
        artifacts = inputs.get("artifacts", [])
        return {
            **inputs,
            "artifacts": sorted(artifacts, key=repr) if isinstance(artifacts, list) else artifacts,
        }

    @classmethod
    def foreseen(cls, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Return that only the run tells the digests."""
        return {"digests": UNKNOWN}

    def create(self, call: Call, inputs: Plain) -> tuple[str, Mapping[str, Any]]:
        """Run, wait, look."""
        id, project = inputs["replicationId"], inputs["project"]
        if not self._all_there(inputs):
            self._run(call, id)
        return f"{id}/{project}", {"digests": self._checked(inputs)}

    def read(self, made: Made) -> Seen | None:
        """Look at every artifact: one that is gone, or another by now, is told as a change."""
        if not made.inputs:
            raise Refusal("a run cannot be imported: declare it, and it finds what is there")
        project = made.inputs["project"]
        if self.harbor.project(project) is None:
            return None
        found, artifacts = {}, []
        for each in made.inputs["artifacts"]:
            digest = self._digest(project, each)
            if digest is not None:
                found[_key(project, each)] = digest
                artifacts.append({**each, "digest": digest if each["digest"] else ""})
        return Seen(made.id, {**made.inputs, "artifacts": artifacts}, {"digests": found})

    def update(self, call: Call, made: Made, inputs: Plain) -> Mapping[str, Any]:
        """Run again, for what is wanted now."""
        return self.create(call, inputs)[1]

    def delete(self, call: Call, made: Made) -> None:
        """Leave all images where they are: what was replicated is not undone."""

    def _all_there(self, inputs: Plain) -> bool:
        wanted = inputs["artifacts"]
        pinned = all(each["digest"] for each in wanted)
        return pinned and all(self._digest(inputs["project"], each) == each["digest"] for each in wanted)

    def _run(self, call: Call, id: str) -> None:
        policy = self.harbor.find(f"/replication/policies/{id}")
        if policy is None:
            raise gone(f"the replication with the id {id}")
        needs_project(self.harbor, policy["dest_namespace"])
        end = monotonic() + call.seconds
        while True:
            if policy.get("single_active_replication"):
                self._let_others_end(call, id, end)
            run = self._begun(policy)
            ended = self._ended(call, run, end)
            if not was_skipped(ended):
                break
        if ended["status"] != "Succeed":
            raise self._failed(policy, run, ended)

    def _let_others_end(self, call: Call, id: str, end: float) -> None:
        """Wait for runs that its schedule or an earlier `up` began: beside these Harbor begins none."""
        under_way = {"policy_id": id, "status": "InProgress"}
        for other in list(self.harbor.rows("/replication/executions", under_way)):
            self._ended(call, int(other["id"]), end)

    def _begun(self, policy: Mapping[str, Any]) -> int:
        try:
            return self.harbor.create("/replication/executions", {"policy_id": policy["id"]})
        except Refused as refused:
            if refused.status != PRECONDITION:
                raise
            raise Refusal(
                f"replication {policy['name']} does not run: {refused}; declare it with `enabled` true"
            ) from None

    def _ended(self, call: Call, run: int, end: float) -> Mapping[str, Any]:
        """Wait until a run has ended. Harbor may tell of it half a minute late."""
        pause = PAUSE
        while True:
            seen = self.harbor.get(f"/replication/executions/{run}")
            if seen["status"] not in RUNNING:
                return dict(seen)
            call.progress(f"{seen.get('succeed', 0)} of {seen.get('total', 0)} replicated")
            if monotonic() > end:
                raise Refusal(
                    f"replication run {run} has not ended after {call.seconds:.0f} s, and goes on in Harbor: "
                    "run `pulumi up` again, with a longer `custom_timeouts` where the images are large; stop "
                    "a run that copies nothing any more in Harbor's pages"
                )
            if call.cancelled.wait(pause):
                raise Refusal(f"ended while replication run {run} went on; it goes on in Harbor")
            pause = min(pause * 2, LONGEST_PAUSE)

    def _failed(self, policy: Mapping[str, Any], run: int, ended: Mapping[str, Any]) -> Refusal:
        reasons = [str(ended["status_text"])] if ended.get("status_text") else []
        for task in self.harbor.rows(f"/replication/executions/{run}/tasks"):
            if task["status"] not in ("Succeed", *RUNNING):
                log = self.harbor.text(f"/replication/executions/{run}/tasks/{task['id']}/log")
                lines = "; ".join(log.strip().splitlines()[-LOG_LINES:])
                reasons.append(f"{task.get('src_resource')}: {lines}")
        upstream = (policy.get("src_registry") or {}).get("url", "its upstream")
        return Refusal(
            f"replication {policy['name']} from {upstream} ended as {ended['status']} (run {run}): "
            f"{' | '.join(reasons) or 'Harbor gives no reason'}. {_remedy(' '.join(reasons))}"
        )

    def _checked(self, inputs: Plain) -> dict[str, str]:
        """Return each artifact's digest; refuse where one is missing or another than was wanted."""
        project = inputs["project"]
        found = {_key(project, each): self._digest(project, each) for each in inputs["artifacts"]}
        wrong = [
            f"{_key(project, each)} is {found[_key(project, each)] or 'missing'}"
            + (f", wanted {each['digest']}" if each["digest"] else "")
            for each in inputs["artifacts"]
            if not found[_key(project, each)] or each["digest"] not in ("", found[_key(project, each)])
        ]
        if wrong:
            why = MISSING if None in found.values() else MOVED
            raise Refusal(f"the replication succeeded, and in project {project} {'; '.join(wrong)}. {why}")
        return {key: str(digest) for key, digest in found.items()}

    def _digest(self, project: str, artifact: Mapping[str, str]) -> str | None:
        """Return the digest of an artifact by its tag, else by its digest; None where it is not there."""
        reference = artifact["tag"] or artifact["digest"]
        path = repository_path(project, artifact["repository"])
        found = self.harbor.find(f"{path}/artifacts/{quote(reference, safe='')}")
        return None if found is None else str(found["digest"])


def _key(project: str, artifact: Mapping[str, str]) -> str:
    separator = ":" if artifact["tag"] else "@"
    return f"{project}/{artifact['repository']}{separator}{artifact['tag'] or artifact['digest']}"


def _remedy(reasons: str) -> str:
    low = reasons.lower()
    if "configured upper limit" in low:
        return "The project's quota is full: raise `quota`, or delete images and let the garbage be collected"
    if "_catalog" in low or "catalog" in low:
        return "The upstream shows no catalogue: name the images as `namespace/{a,b}`, which asks for none"
    if "401" in low or "unauthorized" in low:
        return "The upstream refuses the login: correct accessKey and accessSecret of the registry"
    if "429" in low or "toomanyrequests" in low:
        return (
            "The upstream limits pulls: give the registry accessKey and accessSecret, or run it again later"
        )
    return "See that the upstream is up and has every repository that the filters name, and run it again"
