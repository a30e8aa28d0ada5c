"""Real FATE jobs between two parties, each with a limit of time. A job that hangs is stopped.

The jobs stay in the parties' history, and the doctor's two tables (namespace `fate-doctor`) in their storage.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Any

import yaml

from ops.doctor.checks import Patient
from ops.doctor.flow import Flow
from ops.doctor.remedies import found, read
from ops.doctor.symptoms import Ailment, Finding, Symptom
from ops.doctor.watching import Progress, watch

DAGS = Path(__file__).with_name("dags")
NAMESPACE = "fate-doctor"
ROWS = 569
SIDES = ("guest", "host")
COMPUTING = ("sparkworker", "nodemanager")
"""What computes for FATE-Flow, where it does not do so itself."""
UNLOGGED = frozenset({Symptom.JOB_QUEUED, Symptom.JOB_HANGS, Symptom.JOB_SLOW, Symptom.JOB_LEFT})
"""What a job's logs tell nothing more of."""
QUOTED_LINES = 6


class JobKind(StrEnum):
    """The jobs that the doctor knows."""

    TOY = "toy"
    SECUREBOOST = "secureboost"
    COORDINATED_LR = "coordinated-lr"

    @property
    def reads_tables(self) -> bool:
        """Tell whether guest and host need the doctor's tables for it."""
        return self is not JobKind.TOY

    @property
    def has_an_arbiter(self) -> bool:
        """Tell whether a third party takes part."""
        return self is JobKind.COORDINATED_LR


@dataclass(frozen=True)
class JobResult:
    """How a job ended. `finding` is None where it succeeded; `log` quotes what it wrote otherwise."""

    job: str
    guest: str
    host: str
    seconds: float
    detail: str
    job_id: str | None = None
    auc: float | None = None
    reused: bool = False
    finding: Finding | None = None
    log: str = ""
    arbiter: str | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the job succeeded."""
        return self.finding is None


@dataclass(frozen=True)
class Pair:
    """The two sides of a job, and the third where one can have an arbiter.

    `host` and `arbiter` are None where they belong to another stack.
    """

    guest: Patient
    host_id: str
    host: Patient | None
    limit: int
    progress: Progress
    arbiter_id: str | None = None
    arbiter: Patient | None = None

    @property
    def sides(self) -> list[Patient]:
        """The sides that the doctor can look into."""
        return [side for side in (self.guest, self.host, self.arbiter) if side is not None]

    @property
    def tables(self) -> list[tuple[Patient, str]]:
        """The table that each of the two needs, of those that the doctor can look into."""
        both = zip((self.guest, self.host), SIDES, strict=True)
        return [(side, table) for side, table in both if side is not None]

    @property
    def flows(self) -> list[Flow]:
        """FATE-Flow of each of these sides, the guest's first."""
        return [
            Flow(side.reach, [name for kind in COMPUTING for name in side.of_kind(kind)], side.id)
            for side in self.sides
        ]

    @property
    def flow(self) -> Flow:
        """FATE-Flow of the guest."""
        return self.flows[0]


def dag(kind: str, guest: str, host: str, arbiter: str = "") -> dict[str, Any]:
    """Return the job as FATE-Flow takes it."""
    text = (DAGS / f"{kind}.yaml").read_text()
    return dict(yaml.safe_load(Template(text).substitute(guest=guest, host=host, arbiter=arbiter)))


def run(kind: JobKind, pair: Pair) -> JobResult:
    """Run one job to its end, or stop it at its limit of time."""
    pair = _of_those_who_take_part(kind, pair)
    started = time.monotonic()
    job_id = None
    try:
        if kind.reads_tables:
            upload(pair.tables, pair.limit, pair.progress)
            started = time.monotonic()
        job_id = pair.flow.submit(dag(kind, pair.guest.id, pair.host_id, pair.arbiter_id or ""))
        watch(pair.flows, job_id, "guest", pair.limit, lambda text: pair.progress(f"{kind} {text}"))
        return _succeeded(kind, pair, job_id, time.monotonic() - started)
    except Ailment as fault:
        return _failed(kind, pair, job_id, time.monotonic() - started, fault)


def passed_since(kind: JobKind, pair: Pair, moment: datetime) -> JobResult | None:
    """Return the guest's newest job of this kind that began after `moment` and succeeded, if there is one.

    None too where the history cannot be read: then only a new job can tell.
    """
    pair = _of_those_who_take_part(kind, pair)
    with contextlib.suppress(Ailment):
        for job in pair.flow.recent():
            if _is_of(job, kind, pair) and job["start_time"] / 1000 > moment.timestamp():
                return _remembered(kind, pair, job)
    return None


def _of_those_who_take_part(kind: JobKind, pair: Pair) -> Pair:
    return pair if kind.has_an_arbiter else replace(pair, arbiter_id=None, arbiter=None)


def _remembered(kind: JobKind, pair: Pair, job: Mapping[str, Any]) -> JobResult:
    minutes = int(time.time() - job["end_time"] / 1000) // 60
    result = _succeeded(kind, pair, str(job["job_id"]), job["elapsed"] / 1000)
    when = f"{minutes} min ago on these same containers; --jobs {kind} runs it again"
    return replace(result, detail=f"{result.detail}, {when}", reused=True)


def upload(wanted: Sequence[tuple[Patient, str]], limit: int, progress: Progress) -> None:
    """Store the table of a side with a party, for all of `wanted` at the same time. Raises Ailment.

    A table that is there already stays as it is.
    """
    with ThreadPoolExecutor(max(1, len(wanted))) as pool:
        asked = [pool.submit(_upload, patient, side, limit, progress) for patient, side in wanted]
        for future in asked:
            future.result()


def stored(patient: Patient, sides: Sequence[str], limit: int, progress: Progress) -> JobResult:
    """Store the tables of these sides with a party: it then takes that side with a party elsewhere."""
    started = time.monotonic()
    finding, detail = None, f"there as {' and '.join(sides)}"
    try:
        upload([(patient, side) for side in sides], limit, progress)
    except Ailment as fault:
        finding, detail = found(fault, patient.words()), fault.detail
    return JobResult("upload", patient.id, "", time.monotonic() - started, detail, finding=finding)


def _upload(patient: Patient, side: str, limit: int, progress: Progress) -> None:
    flow = Flow(patient.reach)
    if flow.rows(NAMESPACE, side) == ROWS:
        return
    job = flow.upload(side, NAMESPACE)
    try:
        watch([flow], job, "local", limit, lambda text: progress(f"upload to party {patient.id} {text}"))
    except Ailment as fault:
        symptom = Symptom.UPLOAD_FAILED if fault.symptom is Symptom.JOB_FAILED else fault.symptom
        raise Ailment(symptom, f"party {patient.id}, table {side}: {fault.detail}") from None
    if flow.rows(NAMESPACE, side) != ROWS:
        raise Ailment(Symptom.UPLOAD_FAILED, f"party {patient.id}: table {side} has not {ROWS} rows")


def _succeeded(kind: JobKind, pair: Pair, job_id: str, seconds: float) -> JobResult:
    auc = None
    if kind.reads_tables:
        auc = pair.flow.auc(job_id, pair.guest.id)
        if auc is None:
            raise Ailment(Symptom.JOB_WITHOUT_AUC, f"job {job_id} told no AUC")
    detail = "succeeded" if auc is None else f"succeeded, AUC {auc:.3f}"
    return JobResult(kind, pair.guest.id, pair.host_id, seconds, detail, job_id, auc, arbiter=pair.arbiter_id)


def _failed(kind: JobKind, pair: Pair, job_id: str | None, seconds: float, fault: Ailment) -> JobResult:
    tails = _logs(pair, job_id) if job_id else {}
    symptom, detail = fault.symptom, fault.detail
    if symptom is Symptom.JOB_FAILED:
        detail += _failed_tasks(pair, job_id or "")
    symptom, side = _located(pair, symptom, detail, tails)
    peer = pair.host_id if side is pair.guest else pair.guest.id
    finding = found(Ailment(symptom, detail), side.words(peer) | {"job": job_id or ""})
    quoted = _quoted(tails) if symptom not in UNLOGGED else ""
    return JobResult(
        kind,
        pair.guest.id,
        pair.host_id,
        seconds,
        detail,
        job_id,
        finding=finding,
        log=quoted,
        arbiter=pair.arbiter_id,
    )


def _located(pair: Pair, symptom: Symptom, detail: str, tails: Mapping[str, str]) -> tuple[Symptom, Patient]:
    """Return what a job's logs or FATE-Flow's refusal show, and the side on which they show it."""
    if symptom not in (Symptom.JOB_FAILED, Symptom.JOB_REFUSED):
        return symptom, pair.guest
    for file, tail in tails.items():
        shown = read(tail, otherwise=symptom)
        if shown is not symptom:
            return shown, next((side for side in pair.sides if f"/{side.id}/" in file), pair.guest)
    return read(detail, otherwise=symptom), pair.guest


def _failed_tasks(pair: Pair, job_id: str) -> str:
    try:
        tasks = pair.flow.failed_tasks(job_id)
    except Ailment:
        return ""
    return f", task {', '.join(tasks)}" if tasks else ""


def _logs(pair: Pair, job_id: str) -> dict[str, str]:
    tails: dict[str, str] = {}
    for side in pair.sides:
        try:
            tails |= Flow(side.reach).logs(job_id)
        except Ailment as fault:
            tails[f"party {side.id}"] = fault.detail
    return tails


def _quoted(tails: Mapping[str, str]) -> str:
    """Return the last lines of each log, once where several logs end with the same words."""
    by_end: dict[str, str] = {}
    for file, tail in tails.items():
        by_end.setdefault(tail.splitlines()[-1], f"{file}:\n{_last_lines(tail)}")
    return "\n".join(by_end.values())


def _last_lines(tail: str) -> str:
    return "\n".join([line for line in tail.splitlines() if line.strip(" ^~")][-QUOTED_LINES:])


def _is_of(job: Mapping[str, Any], kind: JobKind, pair: Pair) -> bool:
    plan = job["dag"]["dag"]
    marked = ((plan.get("conf") or {}).get("extra") or {}).get(NAMESPACE) == kind
    sides = {party["role"]: party["party_id"] for party in plan["parties"]}
    wanted = {"guest": [pair.guest.id], "host": [pair.host_id]}
    same = sides == wanted | ({"arbiter": [pair.arbiter_id]} if pair.arbiter_id else {})
    return marked and same and job["role"] == "guest" and job["status"] == "success"
