"""Whether a stack's Harbor can run, and whether parties and this machine reach it."""

from collections.abc import Iterator

from config.faults import Fault, path
from config.harbor import HTTPS, HarborMirror
from config.plan import Plan
from config.runtime import THIS_MACHINE, DockerSettings
from config.text import is_loopback


def a_host_that_docker_takes_for_a_registry(plan: Plan) -> Iterator[Fault]:
    """Refuse a name without a dot or a port: it would be a folder of Docker Hub."""
    mirror = plan.mirror
    if not isinstance(mirror, HarborMirror) or mirror.port != HTTPS or mirror.host == "localhost":
        return
    if "." not in mirror.host:
        yield Fault(
            path("mirror", "host"),
            f"{mirror.host}/{mirror.project} is to Docker a folder of Docker Hub: it has neither a dot nor a"
            " port",
            "write a name with a domain, such as harbor.bank.example, or a port other than 443",
        )


def every_party_reaches_harbor(plan: Plan) -> Iterator[Fault]:
    """Refuse what pulls on another machine than Harbor's, where only that machine reaches it."""
    mirror = plan.mirror
    if not isinstance(mirror, HarborMirror) or not isinstance(plan.runtime, DockerSettings):
        return
    if not mirror.is_local:
        return
    key, value = ("host", mirror.host) if is_loopback(mirror.host) else ("bind", mirror.bind)
    remedy = {
        "host": "write mirror: {host: ...}, a name that both reach",
        "bind": 'write mirror: {bind: "0.0.0.0"}, or the address of the network that both are in',
    }
    for at, own in plan.pulling_elsewhere():
        yield Fault(
            path(*at, "runtime", "host" if isinstance(own, DockerSettings) else "context"),
            f"{own.machine} cannot pull from the Harbor on {plan.runtime.machine}, whose {key} {value} leads"
            " to that machine alone",
            remedy[key],
        )


def this_machine_reaches_harbor(plan: Plan) -> Iterator[Fault]:
    """Refuse a Harbor on another machine that only that machine reaches: what is in it is asked from here."""
    mirror, runtime = plan.mirror, plan.runtime
    if not isinstance(mirror, HarborMirror) or not isinstance(runtime, DockerSettings):
        return
    if mirror.is_local and runtime.machine != THIS_MACHINE:
        key = "host" if is_loopback(mirror.host) else "bind"
        yield Fault(
            path("mirror", key),
            f"{getattr(mirror, key)} leads to {runtime.machine} alone, and what is in that Harbor is declared"
            " from this machine",
            'write host: a name that this machine knows too, and bind: "0.0.0.0" or an address for it',
        )


def no_images_of_its_own_in_harbor(plan: Plan) -> Iterator[Fault]:
    """Refuse a Harbor whose own images lie in it."""
    mirror = plan.mirror
    if isinstance(mirror, HarborMirror) and f"{mirror.images.prefix}/".startswith(f"{mirror.authority}/"):
        yield Fault(
            path("mirror", "images", "prefix"),
            f"lies in this Harbor itself ({mirror.authority}), which starts from it",
            "write another registry that has them, or leave prefix out for Docker Hub",
        )
