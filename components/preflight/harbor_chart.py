"""The chart of a Harbor, where it lies on this machine: whether it is one, and of that Harbor.

Asks no registry and no repository: a chart that one lacks fails the preview in Helm's own words.
"""

from collections.abc import Iterator
from pathlib import Path

from components.preflight.chart_files import CHART_FILE, NoChart, about_chart, has_version
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
        about = about_chart(Path(chart.ref))
    except NoChart as error:
        problem = (
            f"{shown(chart.ref)} is no chart: neither a folder with a {CHART_FILE} nor an archive of one"
        )
        remedy = f"write a path from the folder of Pulumi.yaml, https://... or oci://... ({error})"
        yield Fault(path(*AT, "ref"), problem, remedy)
        return
    harbor, line = mirror.images.version, LINES[line_of(mirror.images.version)]
    if about.get("name") != NAME or line_of(str(about.get("version"))) != line:
        problem = (
            f"{shown(chart.ref)} is {about.get('name')} {about.get('version')}, no chart of Harbor {harbor}"
        )
        yield Fault(path(*AT, "ref"), problem, f"write where {NAME} {line}.1 of goharbor/harbor-helm lies")
        return
    yield from has_version(about, chart.version, chart.ref, AT)
