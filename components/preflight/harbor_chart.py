"""The chart of a Harbor, where it lies on this machine: whether it is one, and of that Harbor.

Asks no registry and no repository: a chart that one lacks fails the preview in Helm's own words.
"""

from collections.abc import Iterator
from pathlib import Path

from clients.charts import NoChart, chart_at
from components.preflight.charts import of_another_version
from config import Fault, HarborMirror
from config.faults import path, shown
from config.harbor_chart import LINES, NAME, line_of

AT = ("mirror", "chart")


def harbor_chart_faults(mirror: HarborMirror) -> Iterator[Fault]:
    """Yield what is wrong with a chart of this machine."""
    chart = mirror.chart
    if chart is None or not chart.lies_here:
        return
    try:
        lies = chart_at(Path(chart.ref))
    except NoChart as reason:
        remedy = "write a path from the folder of Pulumi.yaml, https://... or oci://..."
        yield Fault(path(*AT, "ref"), str(reason), remedy)
        return
    harbor, line = mirror.images.version, LINES[line_of(mirror.images.version)]
    if lies.name != NAME or line_of(lies.version) != line:
        problem = f"{shown(chart.ref)} is {lies.name} {lies.version}, no chart of Harbor {harbor}"
        yield Fault(path(*AT, "ref"), problem, f"write where {NAME} {line}.1 of goharbor/harbor-helm lies")
    else:
        yield from of_another_version(chart.ref, chart.version, lies, AT)
