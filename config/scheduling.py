"""Which nodes of a Kubernetes cluster run a party."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from config.faults import refusal
from config.kubernetes_text import AffinityKind, LabelKey, LabelValue, ObjectName
from config.settings import Settings
from config.text import TolerationSeconds


class Toleration(Settings):
    """A taint that a party's pods put up with, in Kubernetes' own terms."""

    key: LabelKey | None = Field(default=None, description="the taint's key; every key if absent")
    operator: Literal["Equal", "Exists"] = Field(
        default="Equal", description="whether the value counts, or only that the taint is there"
    )
    value: LabelValue | None = Field(default=None, description="the taint's value, with Equal")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="the taint's effect; every effect if absent"
    )
    toleration_seconds: TolerationSeconds | None = Field(
        default=None, description="how long a pod stays, with NoExecute; for ever if absent"
    )

    @model_validator(mode="after")
    def _as_the_api_server_takes_it(self) -> Self:
        if self.operator == "Exists" and self.value is not None:
            raise refusal("goes with operator Equal only", "leave value out, or write Equal", ["value"])
        if self.operator == "Equal" and self.key is None:
            raise refusal("is missing, and Equal compares its value", "write key, or Exists", ["key"])
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            problem = "goes with effect NoExecute only"
            raise refusal(problem, "leave it out, or write effect: NoExecute", ["toleration-seconds"])
        return self


class Scheduling(Settings):
    """What the scheduler is told about every pod of a party. No node is labelled or tainted here."""

    node_selector: Mapping[LabelKey, LabelValue] = Field(
        default={}, description="the labels that a node must have"
    )
    tolerations: tuple[Toleration, ...] = Field(default=(), description="the taints that pods put up with")
    affinity: Mapping[AffinityKind, Mapping[str, object]] = Field(
        default={},
        description="nodeAffinity, podAffinity and podAntiAffinity, below them as Kubernetes writes it",
    )
    priority_class: ObjectName | None = Field(default=None, description="the priority class of the pods")
