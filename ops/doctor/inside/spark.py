"""What Spark's master tells of its workers, held against what a job of FATE-Flow asks for."""

from __future__ import annotations

import os
import re
from typing import Any

from ops.doctor.inside.party import HOME, ailment, conf, parsed, reason, request

SIZES = {"k": 1 / 1024, "m": 1, "g": 1024}


def main(workers: int, web: int) -> dict[str, str]:
    """Ask the master, whose pages are at port `web`, for so many workers, and for room for one executor."""
    settings = _properties()
    base = f"http://{_host(settings)}:{web}/json/"
    try:
        seen = parsed(request(base)[1])
    except OSError as error:
        return ailment("spark-silent", f"{base}: {reason(error)}")
    alive = [worker for worker in seen.get("workers") or () if worker.get("state") == "ALIVE"]
    if len(alive) < workers:
        return ailment("spark-workers-missing", f"{len(alive)} of {workers} workers are registered")
    wanted = _executor(settings)
    if not any(_fits(worker, wanted) for worker in alive):
        return ailment("spark-no-room", f"{_asked(wanted)}; {_offered(alive)}")
    return {"detail": f"{len(alive)} worker{_s(len(alive))}, {_free(alive)}{_applications(seen)}"}


def _properties() -> dict[str, str]:
    with open(os.path.join(HOME, "conf", "spark-defaults.conf")) as file:
        pairs = [line.split(None, 1) for line in file if line.strip() and not line.startswith("#")]
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def _host(settings: dict[str, str]) -> str:
    return settings["spark.master"].partition("://")[2].partition(":")[0]


def _executor(settings: dict[str, str]) -> tuple[int, float]:
    """Return the cores and the MiB of an executor, as a job has them that says nothing else."""
    share = (conf("job_default_config").get("task_run") or {}).get("spark") or {}
    found = re.fullmatch(r"(\d+)([kmg])", settings.get("spark.executor.memory", "1g").lower())
    return int(share.get("executor-cores", 1)), int(found[1]) * SIZES[found[2]] if found else 1024


def _fits(worker: dict[str, Any], wanted: tuple[int, float]) -> bool:
    return bool(worker["cores"] >= wanted[0] and worker["memory"] >= wanted[1])


def _asked(wanted: tuple[int, float]) -> str:
    return f"a job asks for executors of {wanted[0]} core{_s(wanted[0])} and {wanted[1]:.0f} MiB"


def _offered(workers: list[dict[str, Any]]) -> str:
    offers = {f"{worker['cores']} and {worker['memory']} MiB" for worker in workers}
    return f"workers offer {', '.join(sorted(offers))}"


def _free(workers: list[dict[str, Any]]) -> str:
    free, cores = (sum(worker[key] for worker in workers) for key in ("coresfree", "cores"))
    return f"{free} of {cores} cores free"


def _applications(seen: dict[str, Any]) -> str:
    """Return how many tasks of jobs are there, and how many of them wait for a worker."""
    running = seen.get("activeapps") or ()
    waiting = [each for each in running if each.get("state") == "WAITING"]
    if not running:
        return ""
    return f", {len(running)} task{_s(len(running))} there" + (f", {len(waiting)} waiting" if waiting else "")


def _s(number: int) -> str:
    return "" if number == 1 else "s"
