"""FATE jobs without a process, which keep the processors of their parties for ever.

Only jobs that a FATE-Flow was taking when it ended (ops/doctor/inside/database.py): of no other is it sure
that nothing works on it. Healthy jobs are not asked for anything, nor is a FATE-Flow that does not run.
"""

import time
from collections.abc import Iterator
from functools import partial

from ops.doctor.flow import Flow
from ops.doctor.outputs import PartyOutputs
from ops.doctor.reach import Reach, reach_of
from ops.doctor.symptoms import Ailment
from ops.repair.found import Found, Kind, Unmended

LIMIT = 60.0
"""Seconds. FATE-Flow 2.2.0 was seen to have the processors back when it answered, in half a second."""
POLL = 1.0


def without_a_process(party: str, outputs: PartyOutputs) -> Iterator[Found]:
    """Yield the jobs to stop that a party's FATE-Flow plans. Raises Ailment where it cannot be asked."""
    reach = reach_of(outputs)
    if not _runs(reach):
        return
    flow = Flow(reach, party=party)
    for job, cores in flow.taken().items():
        yield Found(
            kind=Kind.JOB,
            where=f"party {party}",
            name=job,
            wrong=f"FATE-Flow was taking it when it ended: it has no process and keeps {_cores(cores)}",
            remedy="stop it",
            mend=partial(_stop, flow, job),
        )


def _runs(reach: Reach) -> bool:
    try:
        return reach.state("fateflow").running
    except Ailment:
        return False


def _cores(number: int) -> str:
    return "1 processor" if number == 1 else f"{number} processors"


def _stop(flow: Flow, job: str) -> None:
    """Stop a job on all its sides, and see that the processors came back. Raises Unmended.

    Until `LIMIT` it is tried again: this repair may have started a FATE-Flow anew that it goes through.
    """
    deadline = time.monotonic() + LIMIT
    while fault := _fault(flow, job):
        if time.monotonic() > deadline:
            raise Unmended(f"{fault}; see what `fate doctor` says of its parties")
        time.sleep(POLL)


def _fault(flow: Flow, job: str) -> str | None:
    """Ask for a job to be stopped; return why it still keeps something, None where it does not."""
    try:
        flow.stop(job)
        return "it was stopped, and still keeps its processors" if job in flow.taken() else None
    except Ailment as fault:
        return fault.detail
