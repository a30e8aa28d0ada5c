"""Runs a piece of work whenever something changes in the cluster, and again when it failed."""

import sys
import threading
import time
from collections.abc import Callable

from clients.kubernetes.failures import KubernetesFailure
from offline.cluster.api import Api
from offline.cluster.layout import Home

WATCHED_FOR = 300  # seconds, after which a watch is renewed
SETTLED = 0.05  # changes come in groups: the work waits until one has ended
RETRY = 1.0

Work = Callable[[Api], None]


def work_on_changes(home: Home, paths: tuple[str, ...], work: Work, *, every: float = WATCHED_FOR) -> None:
    """Work now, after every change below one of the paths, and `every` so many seconds in any case."""
    changed = threading.Event()
    for path in paths:
        threading.Thread(target=_watch, args=(home, path, changed), daemon=True).start()
    api = Api(home)
    while True:
        changed.clear()
        try:
            work(api)
        except KubernetesFailure as fault:
            print(f"the API refused ({fault.status}): {fault}", file=sys.stderr, flush=True)
            time.sleep(RETRY)
            continue
        changed.wait(every)
        time.sleep(SETTLED)


def _watch(home: Home, path: str, changed: threading.Event) -> None:
    """Set the event at every change. A watch that ends is taken up again, which counts as a change."""
    api = Api(home, limit=WATCHED_FOR + 30)
    while True:
        try:
            for _ in api.changes(path, WATCHED_FOR):
                changed.set()
        except KubernetesFailure:
            time.sleep(RETRY)
        api.forget()
        changed.set()
