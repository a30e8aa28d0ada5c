"""What a party's images can compute, and on what: two keys that KubeFATE's users know.

Names: KubeFATE 2.0.0, docs/FATE_Algorithm_and_Computational_Acceleration_Selection.md.
"""

from enum import StrEnum


class Algorithm(StrEnum):
    """The algorithms that FATE's images hold, each with those before it."""

    BASIC = "basic"
    NN = "nn"
    ALL = "all"


class Device(StrEnum):
    """What FATE's images compute on: processors, processors with Intel's library of Paillier, or GPUs."""

    CPU = "cpu"
    IPCL = "ipcl"
    GPU = "gpu"
