"""Scripts that run inside a container with Python, FATE-Flow's most of all, with nothing but what is there.

They are sent as the argument of `python -c`; no secret leaves the container, and none is in a command line.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops.doctor.reach import Reach
from ops.doctor.symptoms import Ailment, Symptom

FOLDER = Path(__file__).parent
BOOT = """
import json, sys, types
sources, script, arguments = (json.loads(argument) for argument in sys.argv[1:])
for name, text in sources.items():
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
print(json.dumps(sys.modules[script].main(*arguments)))
"""


def ask(reach: Reach, script: str, *arguments: object, limit: int = 20, service: str = "fateflow") -> Any:  # noqa: ANN401 JSON
    """Run a script of this folder inside a service of a party and return what its `main` returns.

    Raises Ailment with the symptom that the script names, or NO_ANSWER where it ends without an answer.
    """
    answer = reach.exec(service, command(script, arguments), limit)
    try:
        found = json.loads(answer.text.splitlines()[-1])
    except (ValueError, IndexError):
        seen = answer.text.strip().splitlines()[-1:] or [f"exit code {answer.code}"]
        raise Ailment(Symptom.NO_ANSWER, f"{script}: {seen[0][:300]}") from None
    if isinstance(found, dict) and "symptom" in found:
        raise Ailment(Symptom(found["symptom"]), found["detail"])
    return found


def command(script: str, arguments: Sequence[object]) -> list[str]:
    """Return the command line that runs a script with the modules it needs."""
    names = dict.fromkeys(["party", script])
    sources = {f"ops.doctor.inside.{name}": (FOLDER / f"{name}.py").read_text() for name in names}
    return ["python", "-c", BOOT, *map(json.dumps, (sources, f"ops.doctor.inside.{script}", arguments))]
