"""FATE-Flow's `job_default_config.yaml`: what a job asks for that does not say so itself.

Where FATE's defaults ask for more than the party's engine offers, a job waits for ever: so they follow from
it. Source: FATE-Flow 2.2.0, conf/job_default_config.yaml.
"""

from components.services import clustermanager
from components.services.context import PartyContext
from components.services.service_conf import Tree, merged
from config.spark import JOB_DEFAULTS, spark_plan

FILE = JOB_DEFAULTS
MOST = 4
"""What FATE-Flow asks for by itself, where there is as much."""
EXECUTORS = {"num-executors": 2, "executor-cores": 2}
"""As much, of Spark."""


def job_defaults(context: PartyContext) -> Tree:
    """Return the tree of the file, with the keys that the stack lays over it."""
    own: Tree = {
        **_share(context),
        "task_timeout": 259200,
        "remote_request_timeout": 30000,
        "federated_command_trys": 3,
        "auto_retries": 0,
        "sync_type": "callback",
        "task_device": {"type": "CPU"},
    }
    return merged(own, context.configuration("fateflow", FILE))


def _share(context: PartyContext) -> Tree:
    """Return what of the party's engine a job takes."""
    eggs, executors = MOST, EXECUTORS
    if (plan := spark_plan(context.settings)) is not None:
        cores, partitions = plan.job_cores, 2 * plan.job_cores
        executors = {"num-executors": plan.executors, "executor-cores": plan.executor_cores}
    else:
        cores = eggs = min(MOST, clustermanager.cores(context))
        partitions = 2 * cores if cores == MOST else cores
    return {
        "job_cores": cores,
        "computing_partitions": partitions,
        "task_run": {"spark": executors, "eggroll": {"cores": eggs}, "standalone": {"cores": MOST}},
    }
