"""Whether a party that is there was declared as it is to be: by a chart, or object by object.

Both make objects of the same names, and Pulumi deletes those of before after it has made the others: what
runs would be gone, and no preview after it would miss it. Asks before anything is made.
"""

from collections.abc import Iterator

from components.preflight.kubernetes_access import ApiServer, Forbidden
from components.preflight.kubernetes_wanted import Wanted
from components.runtimes.names import ACCOUNT
from config import Fault

BY_CHART = "fate.chart"
"""The annotation of the account that a chart makes."""
FORMER = {True: "that no chart declares", False: "that a chart declares"}
REMEDY = (
    "take it down with what made it, pulumi destroy or helm uninstall, which leave the claims, and come back"
)


def chart_faults(server: ApiServer, wanted: Wanted) -> Iterator[Fault]:
    """Yield that a party is there which was declared in the other way; nothing for what no chart makes."""
    if wanted.charted is None:
        return
    try:
        found = server.found(f"/api/v1/namespaces/{wanted.namespace}/serviceaccounts/{ACCOUNT}")
    except Forbidden:
        return
    if found is None:
        return
    by_chart = BY_CHART in (found["metadata"].get("annotations") or {})
    if by_chart is not wanted.charted:
        problem = (
            f"{wanted.namespace} has a party {FORMER[wanted.charted]}: Pulumi would delete it after it has"
            " made its objects anew, which have the same names"
        )
        yield Fault("chart", problem, REMEDY)
