"""What is seen of a bundle while it is made and loaded: a bar on a terminal, sentences in the end."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from clients.charts import version_of
from images.recipes import image_reference
from ops.bundle.contents import counted
from ops.bundle.engine import EngineTarget
from ops.bundle.faults import room
from ops.bundle.load import Loaded, Target
from ops.bundle.make import Progress
from ops.bundle.opened import Opened
from ops.bundle.record import SIGNATURE, Artifact, Record

SHORT = len("sha256:") + 12


class Board:
    """Shows progress on the terminal of standard error; nothing of it where that is a file."""

    def __init__(self) -> None:
        self._errors = Console(stderr=True, highlight=False)
        self._out = Console(highlight=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
        self._bar = Bar(
            *columns,
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._errors,
            transient=True,
            disable=not self._errors.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)
        self.progress = Progress(self._step, self._total, self._grown)

    def __enter__(self) -> "Board":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def made(self, file: Path, record: Record) -> None:
        """Tell what a bundle has, and what it lacks."""
        for each in record.absent:
            self._errors.print(
                f"not in it: {each.part}, {each.what}: {each.why}",
                style="yellow",
                markup=False,
                soft_wrap=True,
            )
        size = room(file.stat().st_size)
        held = counted(record.images, "image")
        held += f", {counted(record.charts, 'chart')}" if record.charts else ""
        self._out.print(
            f"{file}: {size}, {held}. What is in it: fate bundle list {file}", soft_wrap=True, markup=False
        )
        if record.since:
            self._out.print(f"It is loaded after {record.since.name}.", markup=False)

    def verified(self, bundle: Opened, asked: bool) -> None:
        """Tell of a signature that nobody asked for."""
        if SIGNATURE in bundle.members and not asked:
            self._errors.print(
                "signed, by whom was not asked: --signed-by KEY", style="yellow", markup=False, soft_wrap=True
            )

    def checked(self, bundle: Opened) -> None:
        """Tell that a bundle is whole, and that this was all."""
        told = "Nothing was pushed: --to ADDRESS pushes, --into-engine loads what the mirror runs."
        self._out.print(f"{bundle.file}: every byte is what it was. {told}", soft_wrap=True)

    def put(self, bundle: Opened, sent: Mapping[str, int], engine: EngineTarget) -> None:
        """Tell what an engine was given, and what to do next."""
        self._sent(bundle.record.of_the_mirror, sent)
        runs = [each.runs_as for each in bundle.record.of_the_mirror]
        is_registry = runs == [image_reference("registry")]
        mirror = "fate:mirror: {kind: distribution, builds: false}" if is_registry else "fate:mirror as there"
        self._out.print(
            f"{engine.in_words} has what the mirror runs. Next, in the stack's file: {mirror}, fate:parties:"
            " []; then pulumi up, and load it again, --to the mirror",
            soft_wrap=True,
            markup=False,
        )

    def loaded(self, bundle: Opened, loaded: Loaded, target: Target) -> None:
        """Tell what a registry was sent, and how a stack names it."""
        self._sent(bundle.record.artifacts, loaded.sent)
        self._out.print(
            f"{target.address} has every image. Next, in the stack's file: fate:mirror: {{kind: external,"
            f' address: "{target.address}"}}',
            soft_wrap=True,
            markup=False,
        )
        plain = ", plain-http: true" * target.server.url.startswith("http:")
        for chart in bundle.record.charts:
            self._out.print(
                f"and for {', '.join(chart.users)}: chart: {{ref: oci://{target.address}/{chart.name},"
                f' version: "{version_of(chart.tag or "")}"{plain}}}',
                soft_wrap=True,
                markup=False,
            )

        if own := bundle.record.of_the_mirror:
            told = f"and for such a mirror on a cluster: {_on_a_cluster(own, target.address)}"
            self._out.print(told, soft_wrap=True, markup=False)

    def _sent(self, artifacts: Iterable[Artifact], sent: Mapping[str, int]) -> None:
        table = Table("what", "digest", "sent")
        for each in artifacts:
            size = sent[each.label]
            table.add_row(each.label, each.digest[:SHORT], room(size) if size else "nothing: it is there")
        self._out.print(table)

    def _step(self, what: str) -> None:
        self._bar.update(self._task, description=what)

    def _total(self, size: int) -> None:
        self._bar.reset(self._task, total=size)

    def _grown(self, _: str, size: int) -> None:
        self._bar.update(self._task, advance=size)


def _on_a_cluster(images: Sequence[Artifact], address: str) -> str:
    """Return the key by which a mirror starts from there: one image is a registry's, several are Harbor's."""
    if len(images) > 1:
        return f'images: {{prefix: "{address}"}}'
    return f'image: "{address}/{images[0].label}@{images[0].digest}"'
