"""The claims that a party's data lies on in a Kubernetes cluster."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from config.catalogue import catalogue
from config.faults import shown
from config.kubernetes_text import ObjectName, Quantity
from config.nearest import nearest
from config.settings import Settings
from config.text import Flag
from config.written import refusing

VOLUMES = tuple(catalogue().volumes())


def _no_volume(value: str) -> tuple[str, str] | None:
    if value in VOLUMES:
        return None
    return (
        f"{shown(value)} is not a volume of any service",
        f"write {nearest(value, VOLUMES) or ' | '.join(VOLUMES)}",
    )


VolumeName = Annotated[str, refusing(_no_volume), WithJsonSchema({"type": "string", "enum": list(VOLUMES)})]


class StorageSettings(Settings):
    """The claims of the volumes. No storage class is made here, and no volume by hand."""

    storage_class: ObjectName | None = Field(
        default=None, alias="class", description="the storage class; the cluster's default if absent"
    )
    size: Mapping[VolumeName, Quantity] = Field(
        default={}, description="the size of a claim by its volume; what its service needs if absent"
    )
    access: Literal["ReadWriteOnce", "ReadWriteOncePod"] = Field(
        default="ReadWriteOnce", description="who may mount a claim: the pods of one node, or one pod"
    )
    replace: Flag = Field(
        default=False, description="allow a change that replaces claims and loses what is in them"
    )
