"""What is in a Harbor, as resources of the plugin `fate-harbor` of this repository (providers/harbor).

Each class is one resource: its inputs, and what Harbor tells of it. None makes another, and none asks Harbor:
the plugin does, and its refusals name the value, the reason and what to write instead.
"""

from components.harbor.filters import one_of
from components.harbor.garbage_collection import GarbageCollection
from components.harbor.project import Project
from components.harbor.provider import HarborProvider
from components.harbor.registry import Registry
from components.harbor.replicated import Artifact, Replicated
from components.harbor.replication import Filter, Replication
from components.harbor.retention import Retention, Rule
from components.harbor.robot import Access, Permission, Robot
from components.harbor.settings import Settings

__all__ = [
    "Access",
    "Artifact",
    "Filter",
    "GarbageCollection",
    "HarborProvider",
    "Permission",
    "Project",
    "Registry",
    "Replicated",
    "Replication",
    "Retention",
    "Robot",
    "Rule",
    "Settings",
    "one_of",
]
