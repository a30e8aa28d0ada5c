"""What the doctor says: a table for people, JSON for machines."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ops.doctor.checks import EXCHANGE, CheckResult
from ops.doctor.jobs import JobResult
from ops.doctor.outputs import KubernetesParty, StackOutputs
from ops.doctor.words import in_namespace

LINE_EVERY = 15.0
WIDTH = 120
FORWARD = (
    "port-forward service/gateway 9300, and beside it "
    "curl --header 'dest-party-id: 0' http://127.0.0.1:9300/v2/server/fateflow"
)
WITHIN = (
    'exec service/fateflow --container fateflow -- python -c "import socket, urllib.request as r; '
    "print(r.urlopen(f'http://{socket.gethostname()}:9380/v2/server/fateflow').read().decode())\""
)
"""For a party whose OSX is in the place of a gateway: FATE-Flow listens at its pod's own address alone."""


class Record:
    """Keeps all results, and says nothing until the end: then JSON."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._order: dict[tuple[str, str], int] = {}
        self.checks: list[CheckResult] = []
        self.jobs: list[JobResult] = []
        self.remarks: list[str] = []

    def planned(self, names: Sequence[tuple[str, str]]) -> None:
        """Keep the order of the report."""
        self._order = {name: place for place, name in enumerate(names)}

    def checked(self, result: CheckResult) -> None:
        """Keep a check's result at its place."""
        self.checks.append(result)
        self.checks.sort(key=lambda r: self._order[r.party, r.check])

    def all_checked(self) -> None:
        """Say nothing."""

    def progress(self, text: str) -> None:
        """Say nothing."""

    def job_ended(self, result: JobResult) -> None:
        """Keep a job's result."""
        self.jobs.append(result)

    def remark(self, text: str) -> None:
        """Keep a remark."""
        self.remarks.append(text)

    def interrupted(self) -> None:
        """Say nothing."""

    def finish(self, ok: bool, outputs: StackOutputs, seconds: float) -> None:
        """Write everything as one JSON object."""
        tree = {
            "ok": ok,
            "checks": [_check_row(result) for result in self.checks],
            "jobs": [_job_row(result) for result in self.jobs],
            "remarks": self.remarks,
        }
        self._out.write(json.dumps(tree, indent=2) + "\n")


class Board(Record):
    """Shows results while they come in: a live table on a terminal, lines elsewhere."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        width = None if out.isatty() else WIDTH
        self._console = Console(file=out, highlight=False, markup=False, width=width)
        self._live = Live(console=self._console, refresh_per_second=8)
        self._status = self._console.status("")
        self._said = 0.0

    def planned(self, names: Sequence[tuple[str, str]]) -> None:
        """Show the table with every check still to be made."""
        super().planned(names)
        self._live.start()
        self._live.update(self._table())

    def checked(self, result: CheckResult) -> None:
        """Show a check's result in its row."""
        super().checked(result)
        self._live.update(self._table())

    def all_checked(self) -> None:
        """Leave the table where it is."""
        self._live.stop()
        if not self._console.is_terminal:
            self._console.print()

    def progress(self, text: str) -> None:
        """Show how far a job is, on a terminal in place, elsewhere as a line now and then."""
        if self._console.is_terminal:
            self._status.update(text)
            self._status.start()
        elif time.monotonic() - self._said > LINE_EVERY:
            self._said = time.monotonic()
            self._console.print(f"... {text}")

    def job_ended(self, result: JobResult) -> None:
        """Show a job's result as a line of its own."""
        super().job_ended(result)
        self._status.stop()
        named = f"{result.guest} with {result.host}" if result.host else f"party {result.guest}"
        named += f" and arbiter {result.arbiter}" if result.arbiter else ""
        job = f", job {result.job_id}" if result.job_id else ""
        self._console.print(
            _mark(result.ok), Text(f"{result.job}, {named}, {result.seconds:.0f} s{job}: {result.detail}")
        )

    def remark(self, text: str) -> None:
        """Show a remark."""
        super().remark(text)
        self._console.print(text, style="yellow")

    def interrupted(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()
        self._status.stop()

    def finish(self, ok: bool, outputs: StackOutputs, seconds: float) -> None:
        """Show the causes and remedies of what failed, or what to do next."""
        self._console.print()
        for line in _faults(self.checks, self.jobs):
            self._console.print(line, soft_wrap=True)
        if ok:
            works = "The federation works" if self.jobs else "Every check passes, and no job was run"
            self._console.print(Text(f"{works} ({seconds:.0f} s).", "bold green"))
            for step in next_steps(outputs):
                self._console.print(f"  {step}", soft_wrap=True)
        else:
            self._console.print(Text("The federation does not work yet.", "bold red"))

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("party", "check", "", "seconds", "detail"):
            table.add_column(column, justify="right" if column == "seconds" else "left")
        done = {(result.party, result.check): result for result in self.checks}
        for name in self._order:
            table.add_row(*name, *_cells(done.get(name)))
        return table


def next_steps(outputs: StackOutputs) -> list[str]:
    """Return what to open and what to try after a successful examination."""
    return [
        *_ways_to_flow(outputs),
        *_ways_to_pages(outputs),
        "See the federation drawn: pulumi stack output topology",
        "See what a change would do before it is done: edit the stack's file, then pulumi preview --diff",
    ]


def _ways_to_flow(outputs: StackOutputs) -> list[str]:
    """Return how to reach FATE-Flow's API: at a published port, or through the gateway's pod or its own."""
    open_to_us = {name: party.api for name, party in outputs.parties.items() if party.api}
    steps = [f"Open FATE-Flow of party {name}: {api}/v2/server/fateflow" for name, api in open_to_us.items()]
    for name, api in list(open_to_us.items())[:1]:
        steps.append(f"See the jobs of party {name}: {api}/v2/job/list/query?limit=5&page=1")
        dag = "ops/doctor/dags/secureboost.yaml"
        steps.append(f"Run your own: POST a DAG such as {dag} to {api}/v2/job/submit")
    for name, party in outputs.parties.items():
        if isinstance(party, KubernetesParty):
            way = FORWARD if "gateway" in party.containers else WITHIN
            steps.append(f"Reach FATE-Flow of party {name}: {in_namespace(party)} {way}")
    return steps or ["Open FATE-Flow's API on this machine: give a party `api: {port: 9380}`, then pulumi up"]


def _ways_to_pages(outputs: StackOutputs) -> Iterator[str]:
    """Yield where to open each page, and what tells how to log in."""
    ports = {service.name: service.ports for service in outputs.services}
    for name, party in outputs.parties.items():
        for page in party.pages.values():
            if page.url is not None:
                yield f"Open {page.service} of party {name}: {page.url}"
            elif isinstance(party, KubernetesParty):
                number = ports[page.service]["http"]
                forward = f"{in_namespace(party)} port-forward service/{page.service} {number}"
                yield f"Open {page.service} of party {name}: {forward}, then http://127.0.0.1:{number}"
    if any(party.pages for party in outputs.parties.values()):
        yield "See users and passwords of these pages: pulumi stack output logins --show-secrets"


def _mark(ok: bool) -> Text:
    return Text("ok", "green") if ok else Text("FAILED", "bold red")


def _cells(result: CheckResult | None) -> Iterable[Any]:
    if result is None:
        return Spinner("dots"), "", ""
    return _mark(result.ok), f"{result.seconds:.1f}", Text(result.detail)


def _faults(checks: Sequence[CheckResult], jobs: Sequence[JobResult]) -> Iterable[Text]:
    alike: dict[tuple[object, ...], list[CheckResult]] = {}
    for check in checks:
        if check.finding:
            alike.setdefault((check.party, check.detail, check.finding), []).append(check)
    for same in alike.values():
        names = ", ".join(check.check for check in same)
        whose = "the exchange" if same[0].party == EXCHANGE else f"party {same[0].party}"
        yield _fault(f"{names} of {whose}", same[0].detail, same[0])
    for job in jobs:
        if job.finding:
            yield _fault(f"job {job.job}", job.detail, job)
            if job.log:
                yield Text(f"{job.log}\n", "dim")


def _fault(title: str, detail: str, result: CheckResult | JobResult) -> Text:
    cause, remedy = _cause(result)
    return Text.assemble(
        (title, "bold red"), f": {detail}\n  likely cause: {cause}\n  remedy: ", (f"{remedy}\n", "bold")
    )


def _cause(result: CheckResult | JobResult) -> tuple[str | None, str | None]:
    return (result.finding.cause, result.finding.remedy) if result.finding else (None, None)


def _check_row(result: CheckResult) -> dict[str, object]:
    cause, remedy = _cause(result)
    return {
        "party": result.party,
        "check": result.check,
        "ok": result.ok,
        "seconds": round(result.seconds, 2),
        "detail": result.detail,
        "cause": cause,
        "remedy": remedy,
    }


def _job_row(result: JobResult) -> dict[str, object]:
    cause, remedy = _cause(result)
    return {
        "job": result.job,
        "guest": result.guest,
        "host": result.host,
        **({"arbiter": result.arbiter} if result.arbiter else {}),
        "ok": result.ok,
        "seconds": round(result.seconds, 1),
        "job_id": result.job_id,
        "auc": result.auc,
        "reused": result.reused,
        "detail": result.detail,
        "cause": cause,
        "remedy": remedy,
        "log": result.log,
    }
