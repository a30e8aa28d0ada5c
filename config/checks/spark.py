"""What a party's jobs ask of Spark, against what its workers offer: what never fits waits for ever."""

from collections.abc import Callable, Iterator

from config.faults import Fault, path
from config.party import PartySettings
from config.plan import Plan
from config.spark import DRIVER, JOB_DEFAULTS, LEAST_HEAP, WORKER, SparkPlan, memory_for, set_in, spark_plan

Place = tuple[str | int, ...]
FATE_FLOW = "service_conf.yaml"
OF_FATE_FLOW = ("fateflow", FATE_FLOW, "computing", "spark", "cores")
OF_A_TASK = ("fateflow", JOB_DEFAULTS, "task_run", "spark")
OF_A_WORKER = ("sparkworker", WORKER, "SPARK_WORKER_CORES")


def jobs_that_workers_can_take(plan: Plan) -> Iterator[Fault]:
    """Refuse workers and jobs that do not fit: the first fault of a party, for others follow from it."""
    for place, party in plan.parties.items():
        spark = spark_plan(party)
        if spark is None:
            continue
        rules: tuple[Rule, ...] = (_counted_twice, _more_than_counted)
        rules = (_one_core, _too_large, *rules, _too_little_heap, _no_room) if spark.workers else rules
        faults = (fault for rule in rules for fault in rule(party, spark))
        for at, problem, remedy in faults:
            yield Fault(path("parties", place, "services", *at), problem, remedy)
            break


Found = Iterator[tuple[Place, str, str]]
Rule = Callable[[PartySettings, SparkPlan], Found]


def _one_core(_: PartySettings, spark: SparkPlan) -> Found:
    if spark.worker_cores < 2:
        yield (
            _file(*OF_A_WORKER),
            "1 core is taken by a job, and an arbiter of the same party would wait for it for ever",
            "write 2 or more: so many tasks compute at a time, on as many processors as there are",
        )


def _too_large(_: PartySettings, spark: SparkPlan) -> Found:
    if spark.executor_cores > spark.worker_cores:
        yield (
            _file(*OF_A_TASK, "executor-cores"),
            f"no worker has {spark.executor_cores} cores, but {spark.worker_cores}: no executor would start,"
            " and jobs would stay `running`",
            f"write {spark.worker_cores - 1} or less, or more SPARK_WORKER_CORES in {WORKER} of sparkworker",
        )


def _counted_twice(_: PartySettings, spark: SparkPlan) -> Found:
    offered = spark.workers * spark.worker_cores
    if spark.workers and spark.cores > offered:
        yield (
            _file(*OF_FATE_FLOW),
            f"FATE-Flow would start jobs for {spark.cores} cores, and all workers offer {offered}: jobs would"
            " wait for each other",
            f"write {spark.workers * (spark.worker_cores - 1)} or less: one of each worker is an arbiter's",
        )


def _more_than_counted(party: PartySettings, spark: SparkPlan) -> Found:
    if spark.job_cores > spark.cores:
        asked = set_in(party, "fateflow", JOB_DEFAULTS, "job_cores")
        of_the_job = ("fateflow", JOB_DEFAULTS, "job_cores")
        yield (
            _file(*(of_the_job if asked == str(spark.job_cores) else OF_A_TASK)),
            f"a job would ask for {spark.job_cores} cores of the {spark.cores} that FATE-Flow counts, which"
            " refuses it with `Resource limit exceeded`",
            f"write less, or a higher computing.spark.cores in {FATE_FLOW} of fateflow",
        )


def _too_little_heap(party: PartySettings, spark: SparkPlan) -> Found:
    if spark.executor_heap >= LEAST_HEAP:
        return
    own = set_in(party, "fateflow", DRIVER, "spark.executor.memory")
    enough = memory_for(LEAST_HEAP, spark.worker_cores, spark.executor_cores)
    yield (
        _file("fateflow", DRIVER, "spark.executor.memory") if own else ("sparkworker", "memory"),
        f"an executor would have a heap of {max(spark.executor_heap, 0)} MiB, and Spark starts none below"
        f" {LEAST_HEAP}",
        f"write {LEAST_HEAP}m or more" if own else f"write {enough} or more, or fewer SPARK_WORKER_CORES",
    )


def _no_room(party: PartySettings, spark: SparkPlan) -> Found:
    if spark.executor_heap > spark.worker_heaps:
        limit = set_in(party, "sparkworker", WORKER, "SPARK_WORKER_MEMORY")
        own = (
            ("sparkworker", WORKER, "SPARK_WORKER_MEMORY")
            if limit
            else ("fateflow", DRIVER, "spark.executor.memory")
        )
        memory = memory_for(spark.executor_heap, spark.worker_cores, spark.executor_cores)
        yield (
            _file(*own),
            f"an executor asks for a heap of {spark.executor_heap} MiB, and a worker has {spark.worker_heaps}"
            " MiB for them: none would start, and jobs would stay `running`",
            f"leave it out, and write services: {{sparkworker: {{memory: {memory}}}}}",
        )


def _file(service: str, file: str, *keys: str) -> Place:
    return (service, "configuration", file, *keys)
