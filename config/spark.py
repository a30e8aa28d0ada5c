"""What a party's Spark workers offer, and what its jobs ask of them unless they say otherwise.

Spark starts an executor only on a worker that has all its cores and its whole heap free; else the job stays
`running` for ever (facts/spark-pulsar-tls.md). FATE-Flow counts `computing.spark.cores` itself and starts a
job only where its cores are free, so that jobs of several parties never wait for each other. It does not
count an arbiter, whose executors have one core each (FATE-Flow 2.2.0, `controller/job.py`,
`calculate_resource`): each worker keeps one free for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.engines import Computing
from config.party import PartySettings

JOB_DEFAULTS, WORKER, DRIVER = "job_default_config.yaml", "spark-env.sh", "spark-defaults.conf"
"""The files that say so: FATE-Flow's, a worker's, and FATE-Flow's again, as Spark's driver."""
CORES = 2
"""What a worker offers unless a stack says another number; what Spark within FATE-Flow has, too."""
MOST = 2
"""Of executors, and of cores of each: what FATE-Flow's own defaults ask for."""
LEAST_HEAP = 450
"""MiB. Spark refuses to start an executor with less: `must be at least 471859200`."""
OF_A_WORKER, OF_AN_EXECUTOR, OF_A_CORE = 256, 192, 256
"""MiB besides heaps: of a worker's own process; of an executor and the parent of its Python processes; of one
of these with FATE loaded. 184, 169 and 198 MiB were seen."""


@dataclass(frozen=True)
class SparkPlan:
    """Workers and the jobs' share of them. Memory in MiB; `workers` 0 is Spark in FATE-Flow or elsewhere."""

    workers: int
    worker_cores: int
    worker_heaps: int
    """What a worker has for the heaps of all its executors."""
    cores: int
    """What FATE-Flow counts."""
    executors: int
    executor_cores: int
    executor_heap: int
    job_cores: int
    """What a job takes of what FATE-Flow counts."""


def spark_plan(party: PartySettings) -> SparkPlan | None:
    """Return the plan of a party that computes on Spark, with what its stack says of it; None for another."""
    if party.engines.computing is not Computing.SPARK:
        return None
    if "sparkmaster" in party.outside:
        return _elsewhere(party)
    return _among_workers(party) if "sparkworker" in party.service_names else _within_fateflow(party)


def beside_each_other(worker_cores: int, executor_cores: int) -> int:
    """Return how many executors a worker has room for, an arbiter's among them."""
    return max(worker_cores - 1, 1) // executor_cores + 1


def heap_of(memory: int, worker_cores: int, executor_cores: int) -> int:
    """Return what a worker's memory leaves to the heap of each executor."""
    executors = beside_each_other(worker_cores, executor_cores)
    return (memory - OF_A_WORKER - worker_cores * OF_A_CORE) // executors - OF_AN_EXECUTOR


def memory_for(heap: int, worker_cores: int, executor_cores: int) -> int:
    """Return the memory of a worker that leaves such a heap to each executor."""
    executors = beside_each_other(worker_cores, executor_cores)
    return (heap + OF_AN_EXECUTOR) * executors + OF_A_WORKER + worker_cores * OF_A_CORE


def set_in(party: PartySettings, service: str, file: str, *keys: str) -> str:
    """Return what a stack sets at a place of a service's file, empty where it sets nothing."""
    override = party.services.get(service)
    found: Any = override.configuration.get(file) if override else None
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return "" if found is None else str(found)


def _among_workers(party: PartySettings) -> SparkPlan:
    workers = len(party.instances_of("sparkworker"))
    offered = _number(party, "sparkworker", WORKER, "SPARK_WORKER_CORES") or CORES
    cores = _cores(party) or workers * max(offered - 1, 1)
    share = min(max(offered - 1, 1), cores, MOST)
    executors, executor_cores = _asked(party, min(workers, cores // share, MOST), share)
    heap = heap_of(party.memory_of("sparkworker"), offered, executor_cores)
    return SparkPlan(
        workers=workers,
        worker_cores=offered,
        worker_heaps=_mebibytes(party, "sparkworker", WORKER, "SPARK_WORKER_MEMORY")
        or heap * beside_each_other(offered, executor_cores),
        cores=cores,
        executors=executors,
        executor_cores=executor_cores,
        executor_heap=_mebibytes(party, "fateflow", DRIVER, "spark.executor.memory") or heap,
        job_cores=_of_a_job(party, executors * executor_cores),
    )


def _within_fateflow(party: PartySettings) -> SparkPlan:
    cores = _cores(party) or CORES
    executors, executor_cores = _asked(party, 1, cores)
    share = _of_a_job(party, executors * executor_cores)
    return SparkPlan(0, cores, 0, cores, executors, executor_cores, 0, share)


def _elsewhere(party: PartySettings) -> SparkPlan:
    """Return what jobs ask of workers that nobody here knows: as FATE's defaults do, one job at a time."""
    executors, executor_cores = _asked(party, MOST, MOST)
    share = _of_a_job(party, executors * executor_cores)
    return SparkPlan(0, 0, 0, _cores(party) or share, executors, executor_cores, 0, share)


def _asked(party: PartySettings, executors: int, cores: int) -> tuple[int, int]:
    own = ("fateflow", JOB_DEFAULTS, "task_run", "spark")
    return (
        _number(party, *own, "num-executors") or executors,
        _number(party, *own, "executor-cores") or cores,
    )


def _of_a_job(party: PartySettings, of_its_tasks: int) -> int:
    return max(_number(party, "fateflow", JOB_DEFAULTS, "job_cores") or 0, of_its_tasks)


def _cores(party: PartySettings) -> int | None:
    return _number(party, "fateflow", "service_conf.yaml", "computing", "spark", "cores")


def _number(party: PartySettings, service: str, file: str, *keys: str) -> int | None:
    """Return the number above 0 that a stack sets at a place of a service's file, None for any other."""
    text = set_in(party, service, file, *keys)
    return int(text) if text.isdigit() and int(text) else None


def _mebibytes(party: PartySettings, service: str, file: str, key: str) -> int | None:
    """Return such as `512m` or `2g` in MiB, None where nothing is set."""
    text = set_in(party, service, file, key).lower()
    return (
        int(text[:-1]) * {"m": 1, "g": 1024}[text[-1]] if text[:-1].isdigit() and text[-1] in "mg" else None
    )
