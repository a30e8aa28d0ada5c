"""What the chart makes of the parties of some stacks, as helm renders it. Nothing is installed.

The others' objects are those that the program declares (tests/declared/test_chart.py), which are read too.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.charts import rendered, stack_in, text_of
from tests.declared.program import SECRET_KEY
from tests.declared.test_chart import EXAMPLES, STACK, native, outputs, parties
from tests.unit.harbor_examples import on_a_cluster

OF_A_CHART = "chart of "
THROUGH_HARBOR = "a party through a Harbor"
KINDS = (
    "an ingress",
    "routes of a gateway",
    "a load balancer, sources named",
    "a page behind an Ingress",
    "Spark and HDFS",
    "Eggroll and OSX from the hub",
)
"""Stacks that have every kind of object between them."""
CHARTED = {STACK: EXAMPLES[STACK], THROUGH_HARBOR: on_a_cluster(replicate={})}
CHARTED |= {name: EXAMPLES[name] for name in KINDS}


def write_charts(folder: Path) -> int:
    """Write a file for each party on a cluster, and return how many objects they hold."""
    with TemporaryDirectory() as stacks:
        return sum(_write(folder, Path(stacks) / str(number), name) for number, name in enumerate(CHARTED))


def _write(folder: Path, stacks: Path, name: str) -> int:
    keys, count = CHARTED[name], 0
    told = native(keys)[1] if name == STACK else {}
    stack = stack_in(stacks, keys, STACK, SECRET_KEY, outputs(told))
    for party, namespace in parties(keys):
        values = stacks / f"{party}.values"
        values.write_text(text_of(stack, party))
        objects = rendered([values], namespace)
        (folder / f"{OF_A_CHART}{name}, {party}.yaml").write_text(yaml.safe_dump_all(objects))
        count += len(objects)
    return count
