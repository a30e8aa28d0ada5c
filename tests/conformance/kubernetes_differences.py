"""Where the stand-in may differ from the official Kubernetes plugin, why, and what it does instead.

The aim is that nothing stands here.
"""

from collections.abc import Mapping
from typing import Any

NOT_DECLARED = ".spec.replica: field not declared in schema"

DIFFERENCES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "a misspelt field": (
        "The official plugin drops a field that Kubernetes' types do not have, without a word. The stand-in "
        "has no types: it hands the field over, and the API server refuses it.",
        {
            "operation": None,
            "live": {"spec.replicas": None},
            "refused": {"create-preview": NOT_DECLARED, "create": NOT_DECLARED},
        },
    ),
}
