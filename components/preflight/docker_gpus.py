"""Whether a Docker engine can give GPUs to the containers that a stack wants to have them."""

from collections.abc import Iterator, Sequence

from components.preflight.docker_machine import Told
from config import DockerSettings, Fault, StackSettings

RUNTIME = "nvidia"
"""What NVIDIA's toolkit adds to an engine's runtimes; without the toolkit no container with GPUs starts."""


def wanted_gpus(settings: StackSettings) -> dict[str, list[str]]:
    """Return where a stack says that it wants GPUs, by the address of the engine that has them."""
    wanted: dict[str, list[str]] = {}
    for index, party in enumerate(settings.parties):
        engine = settings.runtime_of(party)
        if isinstance(engine, DockerSettings) and any(map(party.gpus_of, party.service_names)):
            wanted.setdefault(engine.host, []).append(f"fate:parties[{index}].device")
    return wanted


def gpu_faults(paths: Sequence[str], engine: DockerSettings, facts: Told) -> Iterator[Fault]:
    """Refuse GPUs of an engine that cannot give any: the container would be made, and not start."""
    if paths and RUNTIME not in (facts.get("Runtimes") or {}):
        yield Fault(
            " and ".join(paths),
            f"the engine at {engine.host} has no runtime {RUNTIME}, so no container there gets a GPU",
            "Install NVIDIA's container toolkit on its machine, and run sudo nvidia-ctk runtime configure"
            " --runtime=docker && sudo systemctl restart docker; or write device: cpu",
        )
