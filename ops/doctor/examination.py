"""The whole examination of a stack, in its order: reach, checks, tables, jobs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ops.doctor import checks, jobs
from ops.doctor.checks import Check, CheckResult, Patient
from ops.doctor.exported import Exported
from ops.doctor.harbor import secrets_of
from ops.doctor.inside import ask
from ops.doctor.jobs import JobKind, JobResult, Pair
from ops.doctor.outputs import PartyOutputs, StackOutputs
from ops.doctor.reach import Reach, reach_of
from ops.doctor.remedies import found
from ops.doctor.star import planned_of_exchange
from ops.doctor.symptoms import Ailment
from ops.doctor.words import words

UNNAMED = "NAME"
"""The stack in remedies where only its saved outputs are known, in which secrets are hidden."""
JOB_LIMIT = 480
"""Seconds. SecureBoost takes about 60 on an idle machine, and has come near 240 on a loaded one."""
LIMITS = {"spark": 1200}
"""By what computes: Spark starts a driver and executors for each task, and SecureBoost has taken 555 s."""


class ImpossibleChoice(Exception):
    """The parties or jobs that were asked for are not in the stack; the text says which are."""


@dataclass(frozen=True)
class Wishes:
    """What to examine. `jobs` None means: all that this stack can run by itself."""

    guest: str | None = None
    host: str | None = None
    arbiter: str | None = None
    jobs: tuple[JobKind, ...] | None = None
    job_limit: int | None = None
    if_changed: bool = False
    upload: bool = False


class Report(Protocol):
    """What is told while the examination goes on."""

    def planned(self, names: Sequence[tuple[str, str]]) -> None:
        """Tell which checks of which parties will be made."""
        ...

    def checked(self, result: CheckResult) -> None:
        """Tell what a check found."""
        ...

    def all_checked(self) -> None:
        """Tell that no check is left."""
        ...

    def progress(self, text: str) -> None:
        """Tell how far a job is."""
        ...

    def job_ended(self, result: JobResult) -> None:
        """Tell how a job ended."""
        ...

    def remark(self, text: str) -> None:
        """Tell what was left out, and why."""
        ...


@dataclass(frozen=True)
class Choice:
    """Guest and host of the jobs, and the arbiter of those that have one; None where no party can be it."""

    guest: str
    host: str | None
    arbiter: str | None = None


def choose(outputs: StackOutputs, wishes: Wishes) -> Choice:
    """Return the parties of the jobs: those wished for, else the first party and a peer of the same stack.

    A peer of another stack is the host where there is no nearer one. Raises ImpossibleChoice.
    """
    guest = wishes.guest or next(iter(outputs.parties))
    if guest not in outputs.parties:
        raise ImpossibleChoice(f"--guest {guest} is no party of this stack: {', '.join(outputs.parties)}")
    peers = outputs.parties[guest].peers
    if wishes.host is not None and wishes.host not in peers:
        raise ImpossibleChoice(
            f"--host {wishes.host} is no peer of party {guest}: {', '.join(peers) or 'none'}"
        )
    near = [peer for peer in peers if peer in outputs.parties]
    host = wishes.host or next(iter([*near, *peers]), None)
    return Choice(guest, host, _arbiter(outputs, wishes, guest, host))


def _arbiter(outputs: StackOutputs, wishes: Wishes, guest: str, host: str | None) -> str | None:
    """Return the party wished for, else the first of the stack that both others are peers of."""
    others = [peer for peer in outputs.parties[guest].peers if peer != host]
    if wishes.arbiter is not None and wishes.arbiter not in others:
        raise ImpossibleChoice(
            f"--arbiter {wishes.arbiter} is no further peer of party {guest}: {', '.join(others) or 'none'}"
        )
    near = [id for id in others if id in outputs.parties and {guest, host} <= {*outputs.parties[id].peers}]
    found = wishes.arbiter or next(iter(near), None)
    if found is None and any(kind.has_an_arbiter for kind in wishes.jobs or ()):
        raise ImpossibleChoice(
            f"--jobs {JobKind.COORDINATED_LR} has an arbiter, and no third party of this stack is a peer of"
            f" both {guest} and {host or 'a host'}; --arbiter ID names one of another stack"
        )
    return found


def examine(
    outputs: StackOutputs,
    wishes: Wishes,
    report: Report,
    stack: str = UNNAMED,
    state: Callable[[], Exported] | None = None,
) -> bool:
    """Examine a stack and tell whether all is well; `state` tells what was declared, where it can be had."""
    choice = choose(outputs, wishes) if outputs.parties else None
    reaches, unreached = _reaches(outputs)
    patients = _patients(outputs, reaches, stack)
    planned = [
        check for patient in patients for check in checks.planned(patient, outputs.told_version, state)
    ]
    star = _exchange(outputs, reaches, stack)
    if outputs.harbor and stack != UNNAMED:
        planned += [checks.of_harbor(patient, outputs.harbor, secrets_of(stack)) for patient in patients]
    if star and outputs.exchange:
        planned += planned_of_exchange(star, outputs.exchange.parties, state)
    if not _checked(planned, unreached, report):
        report.remark("No job was run: first repair what is named above.")
        return False
    if wishes.upload:
        return _uploaded(patients, wishes, report)
    if choice is None:
        report.remark("No job was run: this stack has no party. Run the doctor on the stacks of its parties.")
        return True
    everyone = [*patients, *([star] if star else [])]
    return _worked({patient.id: patient for patient in everyone}, choice, wishes, report)


def _patients(outputs: StackOutputs, reaches: Mapping[str, Reach], stack: str) -> list[Patient]:
    """Return the parties that are reached as those under examination."""
    return [
        Patient(
            name,
            outputs.parties[name],
            reach,
            outputs.services_of(name),
            tuple(outputs.parties),
            stack,
            outputs.ports,
        )
        for name, reach in reaches.items()
        if name in outputs.parties
    ]


def _exchange(outputs: StackOutputs, reaches: Mapping[str, Reach], stack: str) -> Patient | None:
    """Return the stack's exchange as one under examination, where it has one that is reached."""
    exchange, reach = outputs.exchange, reaches.get(checks.EXCHANGE)
    if exchange is None or reach is None:
        return None
    return Patient(checks.EXCHANGE, exchange, reach, tuple(exchange.containers), (), stack)


def _reaches(outputs: StackOutputs) -> tuple[dict[str, Reach], list[CheckResult]]:
    reaches: dict[str, Reach] = {}
    unreached = []
    every = outputs.parties | ({checks.EXCHANGE: outputs.exchange} if outputs.exchange else {})
    for name, party in every.items():
        try:
            reaches[name] = reach_of(party)
        except Ailment as fault:
            unreached.append(_unreached(name, party, fault))
    return reaches, unreached


def _unreached(name: str, party: PartyOutputs, fault: Ailment) -> CheckResult:
    check = "cluster" if party.runtime == "kubernetes" else "engine"
    return CheckResult(name, check, 0, fault.detail, found(fault, words(name, party)))


def _checked(planned: Sequence[Check], unreached: Sequence[CheckResult], report: Report) -> bool:
    report.planned([(r.party, r.check) for r in unreached] + [(c.party.id, c.name) for c in planned])
    healthy = not unreached
    for result in unreached:
        report.checked(result)
    for result in checks.run(planned):
        report.checked(result)
        healthy = healthy and result.ok
    report.all_checked()
    return healthy


def _uploaded(patients: Sequence[Patient], wishes: Wishes, report: Report) -> bool:
    """Store both tables with every party, or with those that the wishes name the table of their side."""
    named = {id: side for side, id in zip(jobs.SIDES, (wishes.guest, wishes.host), strict=True) if id}
    results = []
    for patient in patients:
        if not named or patient.id in named:
            sides = [named[patient.id]] if named else jobs.SIDES
            results.append(jobs.stored(patient, sides, _limit(wishes, [patient]), report.progress))
            report.job_ended(results[-1])
    return all(result.ok for result in results)


def _worked(patients: dict[str, Patient], choice: Choice, wishes: Wishes, report: Report) -> bool:
    if choice.host is None:
        report.remark(f"No job was run: party {choice.guest} has no peer. Name one under fate:parties.")
        return True
    guest, host = patients[choice.guest], patients.get(choice.host)
    limit = _limit(wishes, [guest, *([host] if host else [])])
    arbiter = patients.get(choice.arbiter) if choice.arbiter else None
    pair = Pair(guest, choice.host, host, limit, report.progress, choice.arbiter, arbiter)
    since = _newest_start(list(patients.values())) if wishes.if_changed else None
    results = []
    for kind in _kinds(pair, wishes, report):
        results.append((since and jobs.passed_since(kind, pair, since)) or jobs.run(kind, pair))
        report.job_ended(results[-1])
    return all(result.ok for result in results)


def _limit(wishes: Wishes, sides: Sequence[Patient]) -> int:
    """Return how long a job may take: as was wished, else as the slowest of what computes takes."""
    if wishes.job_limit is not None:
        return wishes.job_limit
    computing = (str(ask(side.reach, "probes", "computing")["detail"]) for side in sides)
    return max(LIMITS.get(each, JOB_LIMIT) for each in computing)


def _kinds(pair: Pair, wishes: Wishes, report: Report) -> tuple[JobKind, ...]:
    if wishes.jobs is not None:
        return wishes.jobs
    if pair.host is not None:
        return tuple(kind for kind in JobKind if pair.arbiter_id or not kind.has_an_arbiter)
    report.remark(
        f"SecureBoost was left out: party {pair.host_id} is in another stack. On both sides type `fate "
        f"doctor --stack NAME --upload`, then here `fate doctor --stack NAME --jobs secureboost`."
    )
    return (JobKind.TOY,)


def _newest_start(patients: Sequence[Patient]) -> datetime:
    starts = [p.reach.state(service).started for p in patients for service in p.services]
    return max(starts)
