"""Named types of what Kubernetes takes as text: names, labels and quantities."""

from typing import Annotated

from config.written import no_number, written

NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
OBJECT = rf"(?=.{{1,253}}$){NAME}(\.{NAME})*"
LABEL_VALUE = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
LABEL_KEY = rf"({NAME}(\.{NAME})*/)?{LABEL_VALUE}"
QUANTITY = r"[1-9][0-9]{0,5}(\.[0-9]{1,3})?(Mi|Gi|Ti|Pi|M|G|T|P)"

NamespaceName = Annotated[
    str,
    no_number('"{}", in quotes'),
    *written(
        NAME,
        "the name of a namespace: 1 to 63 lower-case letters, digits and hyphens, neither first nor last a"
        " hyphen",
        "write such as fate-9999",
    ),
]
ObjectName = Annotated[
    str,
    no_number('"{}", in quotes'),
    *written(
        OBJECT,
        "the name of an object in a cluster: lower-case letters, digits, hyphens and dots",
        "write it as kubectl get shows it",
    ),
]
LabelKey = Annotated[
    str,
    *written(
        LABEL_KEY,
        "the key of a label or an annotation",
        "write such as topology.kubernetes.io/zone",
    ),
]
LabelValue = Annotated[
    str,
    no_number('"{}", in quotes'),
    *written(
        rf"({LABEL_VALUE})?", "a value of a label", "write at most 63 letters, digits, hyphens and dots"
    ),
]
Quantity = Annotated[
    str,
    no_number("such as {}Gi, with its unit"),
    *written(QUANTITY, "an amount of storage", "write a number with its unit, such as 10Gi or 500Mi"),
]
AffinityKind = Annotated[
    str,
    *written(
        "nodeAffinity|podAffinity|podAntiAffinity",
        "a kind of affinity",
        "write nodeAffinity, podAffinity or podAntiAffinity, and below it what Kubernetes takes there",
    ),
]
