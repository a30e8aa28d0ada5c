"""A job is watched to its end: stopped at its limit, with what kept it; named where nobody can stop it."""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ops.doctor.flow import ENDED, Flow
from ops.doctor.symptoms import Ailment, Symptom

POLL = 2.0
ASKING = 0.2
"""Which part of the time a job is asked for its state: each question starts a program beside its workers."""
IDLE = 0.02
PATIENCE = 60.0
"""Seconds that FATE-Flow may be silent while a job runs: it takes fewer to start anew."""

Progress = Callable[[str], None]
Told = TypeVar("Told")


def watch(sides: Sequence[Flow], job: str, role: str, limit: int, progress: Progress) -> None:
    """Wait until a job succeeds. Stops it at the limit, and when the operator presses Ctrl-C."""
    started = time.monotonic()
    flow = sides[0]
    try:
        asked = started
        while (seen := _answered(lambda: flow.job(job, role), job, progress))["status"] not in ENDED:
            now = time.monotonic()
            if now - started > limit:
                stood = f"still {seen['status']} at {seen['progress']} % after {limit} s"
                raise _stopped(sides, job, stood, began=seen["status"] != "waiting")
            progress(f"{job}: {seen['status']} {seen['progress']} %, {now - started:.0f} s")
            time.sleep(max(POLL, (now - asked) / ASKING - (now - asked)))
            asked = time.monotonic()
    except KeyboardInterrupt:
        raise _interrupted(flow, job) from None
    if seen["status"] != "success":
        canceled = seen["status"] == "canceled"
        raise Ailment(Symptom.JOB_CANCELED if canceled else Symptom.JOB_FAILED, f"job {job} {seen['status']}")


def _answered(asked: Callable[[], Told], job: str, progress: Progress) -> Told:
    """Return what FATE-Flow says of a job, which goes on without it: ask again while it may be starting.

    Raises Ailment that names the job where FATE-Flow stays silent, for nobody stops the job then.
    """
    silent_since = time.monotonic()
    while True:
        try:
            return asked()
        except Ailment as fault:
            waited = time.monotonic() - silent_since
            if waited > PATIENCE:
                raise Ailment(Symptom.JOB_LEFT, _left(job, fault)) from None
            progress(f"{job}: FATE-Flow does not answer, {waited:.0f} s")
        time.sleep(POLL)


def _left(job: str, fault: Ailment) -> str:
    return f"job {job} was not stopped and may go on: FATE-Flow cannot be asked: {fault.detail}"


def _interrupted(flow: Flow, job: str) -> KeyboardInterrupt:
    """Stop a job for an operator who does not wait; the text says so where that could not be asked for."""
    try:
        flow.stop(job)
    except Ailment as fault:
        return KeyboardInterrupt(_left(job, fault))
    return KeyboardInterrupt()


def _stopped(sides: Sequence[Flow], job: str, stood: str, began: bool) -> Ailment:
    """Stop a job that went over its limit; tell whether it hung, was at work, or never got to it."""
    try:
        symptom, seen = _reason(sides, job, began)
    except Ailment as fault:
        symptom, seen = Symptom.JOB_SLOW, f"what its workers do was not seen: {fault.detail}"
    _answered(lambda: sides[0].stop(job), job, lambda told: None)
    return Ailment(symptom, f"job {job} was stopped, {stood}; {seen}")


def _reason(sides: Sequence[Flow], job: str, began: bool) -> tuple[Symptom, str]:
    """Return why a job has not ended. Raises Ailment where a side cannot be asked."""
    before = [] if began else [other for flow in sides for other in flow.others_at_work(job)]
    if before:
        return Symptom.JOB_QUEUED, f"before it: job {', job '.join(before)}"
    busy = sum(flow.busy() for flow in sides)
    told = f"its workers used {busy:.2f} processors"
    if busy >= IDLE:
        return Symptom.JOB_SLOW, told
    lacking = _out_of_memory(sides)
    symptom = Symptom.OUT_OF_MEMORY if lacking else Symptom.JOB_HANGS
    return symptom, f"{told}{_waiting(sides, job)}{lacking}"


def _out_of_memory(sides: Sequence[Flow]) -> str:
    """Return in which services memory ran out, on any side: Eggroll waits for ever for what was killed."""
    lacking = [service for flow in sides for service in flow.out_of_memory()]
    return f"; processes were killed for want of memory in {', '.join(lacking)}" if lacking else ""


def _waiting(sides: Sequence[Flow], job: str) -> str:
    """Return what waits on any side, to be read after what else is known."""
    told = []
    for flow in sides:
        with contextlib.suppress(Ailment):
            told.append(flow.waiting(job))
    return "".join(f"; {each}" for each in told if each)
