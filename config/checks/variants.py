"""Whether the images that a party's algorithm and device ask for exist, and what its GPUs are asked of."""

from collections.abc import Iterator

from config.catalogue import Source, catalogue
from config.engines import engine_fault
from config.faults import Fault, path, shown
from config.images import Images
from config.party import PartySettings
from config.plan import Plan
from config.runtime import DockerSettings
from config.variants import Algorithm, Device


def every_variant_exists(plan: Plan) -> Iterator[Fault]:
    """Refuse an algorithm and a device for which a service that has images has none."""
    if plan.release not in catalogue().releases or plan.images is None:
        return
    for place, party in plan.parties.items():
        lacking = () if engine_fault(party.engines) else tuple(_lacking(party, plan.release, plan.images))
        if lacking:
            key = "algorithm" if party.device is Device.CPU else "device"
            yield Fault(
                path("parties", place, key),
                f"algorithm {party.algorithm} with device {party.device} has no image of"
                f" {' and '.join(lacking)} in release {plan.release} from {plan.images.source}",
                _another_way(party, plan.release, plan.images),
            )


def gpus_for_what_computes(plan: Plan) -> Iterator[Fault]:
    """Refuse GPUs for a service that would leave them idle, or in a party that computes on none."""
    for place, party in plan.parties.items():
        for name in _with_gpus(party):
            if not catalogue().services[name].accelerated:
                problem = f"{name} computes nothing that GPUs are for"
            elif party.device is not Device.GPU:
                problem = f"the images of device {party.device} compute on no GPU"
            else:
                continue
            remedy = f"leave gpus out, or write device: gpu, and gpus for {' and '.join(_accelerated(party))}"
            yield Fault(path("parties", place, "services", name, "gpus"), problem, remedy)


def no_number_of_gpus_on_docker(plan: Plan) -> Iterator[Fault]:
    """Refuse a number of an engine's GPUs: `gpus` of pulumi-docker 5.1.0 gives all, or those that are named.

    Docker itself would count, but from the first for every container: those that ask for one share one.
    """
    for place, party in plan.parties.items():
        if not isinstance(plan.runtime_of(party), DockerSettings):
            continue
        for name in _with_gpus(party):
            if number := party.gpus_of(name):
                yield Fault(
                    path("parties", place, "services", name, "gpus"),
                    f"{number} cannot be had of a Docker engine, which gives a container all of its GPUs, and"
                    " keeps none for one alone",
                    "leave gpus out for all of them, or write gpus: 0 for none",
                )


def _with_gpus(party: PartySettings) -> Iterator[str]:
    for name, override in party.services.items():
        if override.gpus is not None and name in party.service_names:
            yield name


def _accelerated(party: PartySettings) -> tuple[str, ...]:
    return tuple(name for name in party.service_names if catalogue().services[name].accelerated)


def _lacking(party: PartySettings, release: str, images: Images) -> Iterator[str]:
    """Yield the services that have an image by the party's engines, and none for its algorithm and device."""
    for service in party.service_names:
        source = images.source_of(service)
        if _exists(party.plain, service, source, release) and not _exists(party, service, source, release):
            yield service


def _exists(party: PartySettings, service: str, source: Source, release: str) -> bool:
    images = catalogue().services[service].images
    suffix = party.image_suffix(service, source) if source in images else ""
    return catalogue().image(release, source, service, suffix) is not None


def _another_way(party: PartySettings, release: str, images: Images) -> str:
    here = [
        f"{algorithm}/{device}"
        for algorithm in Algorithm
        for device in Device
        if not any(_lacking(party.with_variant(algorithm, device), release, images))
    ]
    elsewhere = [
        f"release: {shown(name)} with images: {{from: {source}}}"
        for name in catalogue().releases
        for source in catalogue().sources(name)
        if all(_is_run(party, service, source, name) for service in party.service_names)
    ]
    one_of = f"write algorithm and device as one of {', '.join(here)}, which have images here"
    return " or ".join([one_of, *elsewhere])


def _is_run(party: PartySettings, service: str, source: Source, release: str) -> bool:
    images = catalogue().services[service].images.get(source)
    return images is not None and images.layout is not None and _exists(party, service, source, release)
