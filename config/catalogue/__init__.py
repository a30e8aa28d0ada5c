"""The services that a stack can be made of, one file each, and the releases of FATE: facts, and no code.

Every list of services in this program follows from these files. What is code about a service, how its
files are rendered and how it starts, is `components/services/<service>.py`.
"""

from config.catalogue.facts import (
    ConfigurationFile,
    Form,
    ImageFacts,
    Layout,
    PortFacts,
    ServiceFacts,
    Source,
    Tree,
    VolumeFacts,
)
from config.catalogue.reading import Catalogue, catalogue, claim_name

__all__ = [
    "Catalogue",
    "ConfigurationFile",
    "Form",
    "ImageFacts",
    "Layout",
    "PortFacts",
    "ServiceFacts",
    "Source",
    "Tree",
    "VolumeFacts",
    "catalogue",
    "claim_name",
]
