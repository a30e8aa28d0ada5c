"""FATE-Flow's `job_default_config.yaml`: what a job asks for that does not say so itself.

Where FATE's defaults ask for more than the party's engine offers, a job waits for ever: so they follow from
it. Source: FATE-Flow 2.2.0, conf/job_default_config.yaml.
"""

from components.services import clustermanager
from components.services.context import PartyContext
from components.services.service_conf import Tree, merged

FILE = "job_default_config.yaml"
MOST = 4
"""What FATE-Flow asks for by itself, where there is as much."""


def job_defaults(context: PartyContext) -> Tree:
    """Return the tree of the file, with the keys that the stack lays over it."""
    cores = min(MOST, clustermanager.cores(context)) if "clustermanager" in context.present else MOST
    own: Tree = {
        "job_cores": cores,
        "computing_partitions": 2 * cores if cores == MOST else cores,
        "task_run": {
            "spark": {"num-executors": 2, "executor-cores": 2},
            "eggroll": {"cores": cores},
            "standalone": {"cores": MOST},
        },
        "task_timeout": 259200,
        "remote_request_timeout": 30000,
        "federated_command_trys": 3,
        "auto_retries": 0,
        "sync_type": "callback",
        "task_device": {"type": "CPU"},
    }
    return merged(own, context.configuration("fateflow", FILE))
