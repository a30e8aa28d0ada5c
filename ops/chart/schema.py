"""`python -m ops.chart.schema`: write the JSON schema of the chart's values, for who changes the models."""

import json
import sys
from pathlib import Path
from typing import Any

from components.runtimes.chart_values import PartyValues

CHART = Path(__file__).parents[2] / "charts" / "fate-party"
SCHEMA_FILE = CHART / "values.schema.json"


def render() -> str:
    """Return the schema as the text of its file, of the draft that Helm reads."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= PartyValues.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        _close_keys_of_a_pattern(part)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _close_keys_of_a_pattern(part: dict[str, Any]) -> None:
    for value in part["properties"].values():
        if "patternProperties" in value:
            value["additionalProperties"] = False


def main() -> int:
    """Write the file."""
    SCHEMA_FILE.write_text(render(), encoding="utf-8")
    print(f"wrote {SCHEMA_FILE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
