"""What is asked of engines, clusters and registries before anything of a stack is made."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi

from components.images import brought_images, pulled_images, pushed_images
from components.other_stacks import StackOutput
from components.preflight import docker_shell
from components.preflight.docker import engines_of, wanted_ports
from components.preflight.docker import preflight as docker_preflight
from components.preflight.docker_gpus import wanted_gpus
from components.preflight.docker_wanted import wanted_objects
from components.preflight.external import check_answers, unasked
from components.preflight.harbor_pushes import one_of, pushers_of
from components.preflight.kubernetes import preflight as kubernetes_preflight
from components.preflight.kubernetes_wanted import wanted_namespaces
from components.preflight.mirror import (
    FILL_IT,
    TRUST_IT,
    askers_of,
    check_held,
    check_held_at_home,
    check_loaded,
)
from components.runtimes.claims import Kept
from components.runtimes.names import Names, name_faults
from components.services.context import Route
from components.stack import ownership
from config import (
    ConfigurationFault,
    DistributionMirror,
    DockerSettings,
    Fault,
    HarborMirror,
    KubernetesSettings,
    StackSettings,
)
from config.mirror import ReachedMirror
from images.recipes import image_reference


@dataclass(frozen=True)
class Found:
    """What engines and clusters have of the stack already: claims that stay, and the names in use."""

    claims: Kept
    names: Names


def check_runtimes(settings: StackSettings) -> Found:
    """Ask every engine and cluster of the stack for what it must offer, before anything is made.

    What the stack allows to be lost is a warning, and so is what may not be asked.
    `FATE_PREFLIGHT=off` leaves out all but the names, for a preview where none can be reached.
    Raises pulumi.RunError with every fault of the names, of all engines, or of all clusters, at once.
    """
    names = Names(pulumi.get_project(), pulumi.get_stack())
    if impossible := list(name_faults(names, settings)):
        raise pulumi.RunError(str(ConfigurationFault(impossible)))
    if os.environ.get("FATE_PREFLIGHT") == "off":
        return Found({}, names)
    try:
        kept = _check_engines(settings, names)
        examined = kubernetes_preflight(wanted_namespaces(settings, names), ownership(settings))
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None
    for warning in (*docker_shell.warnings(settings), *map(str, examined.warnings)):
        pulumi.warn(warning)
    return Found(examined.kept, replace(names, kept=kept | examined.names))


def _check_engines(settings: StackSettings, names: Names) -> frozenset[str]:
    """Check every engine; return the names of before that data volumes have.

    Raises ConfigurationFault with every fault of every engine.
    """
    ports, objects = wanted_ports(settings, names), wanted_objects(settings, names)
    gpus, owner = wanted_gpus(settings), ownership(settings)
    kept: set[str] = set()
    faults: list[Fault] = []
    for host, engine in engines_of(settings).items():
        try:
            kept |= docker_preflight(
                engine, ports.get(host, ()), objects.get(host, ()), owner, gpus.get(host, ())
            )
        except ConfigurationFault as fault:
            faults += fault.faults
    if faults:
        raise ConfigurationFault(faults)
    return frozenset(kept)


def check_mirror(settings: StackSettings, output_of: StackOutput) -> None:
    """Ask a mirror that is filled elsewhere whether it holds the images; `FATE_PREFLIGHT=off` as above.

    One of the stack's own that cannot be asked is a warning: it may not be up yet. What this run copies or
    pushes to a Harbor may be lacking; whether it is trusted by those who push is asked all the same. What a
    registry starts from must be on its engine where nothing builds it.
    """
    mirror = settings.mirror
    builds = isinstance(mirror, DistributionMirror) and mirror.builds
    if mirror is None or builds or os.environ.get("FATE_PREFLIGHT") == "off":
        return
    images, askers = pulled_images(settings, output_of), askers_of(settings, mirror)
    coming = brought_images(settings)
    try:
        if isinstance(mirror, ReachedMirror):
            check_held(images, askers, coming)
            return
        warnings = check_held_at_home(images, askers, _not_yet(settings), coming)
        for warning in dict.fromkeys([*warnings, *_cannot_start_or_be_pushed_to(settings)]):
            pulumi.warn(warning)
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None


def _not_yet(settings: StackSettings) -> str:
    """Return how to begin with a mirror of the stack's own that is not up yet."""
    return TRUST_IT if isinstance(settings.mirror, HarborMirror) else FILL_IT


def _cannot_start_or_be_pushed_to(settings: StackSettings) -> list[str]:
    """Return in words why those who push do not reach a mirror of the stack's own.

    Raises ConfigurationFault where the engine lacks what a registry starts from.
    """
    if isinstance(settings.mirror, DistributionMirror) and isinstance(settings.runtime, DockerSettings):
        check_loaded(engines_of(settings)[settings.runtime.host], image_reference("registry"))
    if isinstance(settings.mirror, HarborMirror) and (pushed := pushed_images(settings)):
        pushers = pushers_of(settings, settings.mirror)
        return check_held_at_home(one_of(pushed), pushers, _not_yet(settings), list(pushed))
    return []


def check_chart_registries(settings: StackSettings) -> None:
    """Ask registries whether they have the charts of parties and of a Harbor; `FATE_PREFLIGHT=off` as above.

    Raises pulumi.RunError with every chart that one lacks. Imported here, as a cluster is.
    """
    runtimes = (settings.runtime_of(party) for party in settings.parties)
    charts = [each.chart for each in runtimes if isinstance(each, KubernetesSettings)]
    of_harbor = [settings.mirror.chart] if isinstance(settings.mirror, HarborMirror) else []
    asked = any(chart.is_in_a_registry for chart in (*charts, *of_harbor) if chart)
    if os.environ.get("FATE_PREFLIGHT") == "off" or not asked:
        return
    from components.preflight.chart_registries import lacking_charts

    if faults := list(lacking_charts(settings)):
        raise pulumi.RunError(str(ConfigurationFault(faults)))


def check_external(settings: StackSettings) -> None:
    """Ask what others run for the parties whether it answers; `FATE_PREFLIGHT=off` as above."""
    if os.environ.get("FATE_PREFLIGHT") == "off":
        return
    try:
        unknown = check_answers(settings)
    except ConfigurationFault as fault:
        raise pulumi.RunError(str(fault)) from None
    if unknown:
        pulumi.warn(unasked(unknown))


def check_charts(settings: StackSettings, names: Names, routes: Mapping[str, Sequence[Route]]) -> None:
    """Look at the charts that declare Harbor and parties, and at the values that the stack gives these.

    Raises pulumi.RunError with everything that is wrong with them. Imported here, as a cluster is.
    """
    faults: list[Fault] = []
    if isinstance(settings.mirror, HarborMirror) and settings.mirror.chart:
        from components.preflight.harbor_chart import harbor_chart_faults

        faults += harbor_chart_faults(settings.mirror)
    runtimes = (settings.runtime_of(party) for party in settings.parties)
    if any(isinstance(each, KubernetesSettings) and each.chart for each in runtimes):
        from components.preflight.charts import chart_faults

        faults += chart_faults(settings, names, routes)
    if faults:
        raise pulumi.RunError(str(ConfigurationFault(faults)))
