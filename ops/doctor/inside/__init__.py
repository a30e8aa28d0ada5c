"""Scripts that run inside a container with Python, FATE-Flow's most of all, with nothing but what is there.

They are sent as the argument of `python -c`; no secret leaves the container, and none is in a command line.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops.doctor.reach import Answer, Reach
from ops.doctor.symptoms import Ailment, Symptom

FOLDER = Path(__file__).parent
LOST = Answer(0, "")
BOOT = """
import json, sys, types
sources, script, arguments = (json.loads(argument) for argument in sys.argv[1:])
for name, text in sources.items():
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
print(json.dumps(sys.modules[script].main(*arguments)))
"""


def ask(
    reach: Reach,
    script: str,
    *arguments: object,
    limit: int = 20,
    service: str = "fateflow",
    repeatable: bool = True,
) -> Any:  # noqa: ANN401 JSON
    """Run a script of this folder inside a service of a party and return what its `main` returns.

    It runs once more where its answer was lost on the way, unless it is not `repeatable`: a busy Docker 20.10
    was seen to end a command's stream before the command wrote, with code 0.

    Raises Ailment with the symptom that the script names, or NO_ANSWER where it ends without an answer.
    """
    words = command(script, arguments)
    answer = reach.exec(service, words, limit)
    if repeatable and answer == LOST:
        answer = reach.exec(service, words, limit)
    return _read(script, answer)


def _read(script: str, answer: Answer) -> Any:  # noqa: ANN401 JSON
    try:
        found = json.loads(answer.text.splitlines()[-1])
    except (ValueError, IndexError):
        seen = answer.text.strip().splitlines()[-1:] or [f"no answer, exit code {answer.code}"]
        raise Ailment(Symptom.NO_ANSWER, f"{script}: {seen[0][:300]}") from None
    if isinstance(found, dict) and "symptom" in found:
        raise Ailment(Symptom(found["symptom"]), found["detail"])
    return found


def command(script: str, arguments: Sequence[object]) -> list[str]:
    """Return the command line that runs a script with the modules it needs."""
    names = dict.fromkeys(["party", script])
    sources = {f"ops.doctor.inside.{name}": (FOLDER / f"{name}.py").read_text() for name in names}
    return ["python", "-c", BOOT, *map(json.dumps, (sources, f"ops.doctor.inside.{script}", arguments))]
