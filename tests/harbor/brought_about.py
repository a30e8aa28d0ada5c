"""How each row of `faults.yaml` is brought about: what is done then, what must stay, and how it passes."""

import base64
import json
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest

from components.preflight.chart_registries import lacking_charts
from components.preflight.harbor_chart import harbor_chart_faults
from config import ConfigurationFault, HarborMirror, load
from ops.__main__ import main
from ops.doctor.harbor import examined
from ops.doctor.outputs import HarborOutputs
from ops.doctor.remedies import FINDINGS
from ops.doctor.symptoms import Ailment
from tests.conformance.plugin import Refused, Resource, Values
from tests.declared.program import declare
from tests.declared.test_charted import NODE_PORTS, OTHER, of_charts
from tests.harbor.api import harbor
from tests.harbor.examples import ARTIFACTS, POLICY, PULL, PUSH
from tests.harbor.plugin import HarborPlugin
from tests.harbor.state import ROUTES, Answer, State, Upstream, broken
from tests.harbor.whole import whole_harbor
from tests.unit.bundle_scene import Scene, scene
from tests.unit.harbor_chart_examples import lying
from tests.unit.strict_registry import strict_registry

HUB = "http://upstream.example"
UPSTREAM_SECRET = "Upstream1x"
WRONG = "Wrong-Password-1"
ROBOT_SECRET = "Robots1secret"
SECRETS = (UPSTREAM_SECRET, WRONG, ROBOT_SECRET)
"""What no fault may tell."""
EXPIRED = 1
PROJECT, REGISTRY, REPLICATED, ROBOT, SETTINGS = (
    f"fate-harbor:index:{kind}" for kind in ("Project", "Registry", "Replicated", "Robot", "Settings")
)
Held = dict[str, object]


@dataclass(frozen=True)
class Here:
    """What a fault is brought about with: a Harbor with an image of old, its plugin, and a folder."""

    plugin: HarborPlugin
    state: State
    url: str
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    said: pytest.CaptureFixture[str]

    def held(self) -> Held:
        """Return all that is in the Harbor, each by what it is called."""
        of = self.state
        kept: Held = {}
        for kind in ("projects", "registries", "policies", "robots"):
            kept |= {f"{kind} {row.get('name')}": row for row in getattr(of, kind).values()}
        kept |= {f"image {name}": tags for name, tags in of.images.items()}
        kept |= {"quotas": of.quotas, "retentions": of.retentions, "schedule": of.schedule}
        return deepcopy({**kept, "settings": of.settings})

    def hub(self) -> Upstream:
        return self.state.upstreams[HUB]


@dataclass(frozen=True)
class Fault:
    """A fault that is there. `act` returns what is told of it, nothing where all went well."""

    act: Callable[[], str]
    held: Callable[[], Held]
    mend: Callable[[], object]


Brought = Callable[[Here], Iterator[Fault]]
BROUGHT: dict[int, Brought] = {}


def row(number: int) -> Callable[[Brought], Brought]:
    """Have a function bring a row about, for as long as it waits."""

    def kept(bring: Brought) -> Brought:
        BROUGHT[number] = bring
        return bring

    return kept


def refused(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused as failure:
        return str(failure)
    return ""


def made(here: Here, token: str, inputs: Values) -> Callable[[], str]:
    return lambda: refused(lambda: here.plugin.create(token, "it", inputs))


def copies(here: Here, names: str = "federatedai/{a,b}", wanted: object = ARTIFACTS) -> Callable[[], str]:
    """Have images copied by a replication that is there."""
    filters = [{"type": "name", "value": names}, {"type": "tag", "value": "1.0"}]
    here.state.policies[1] = {**POLICY, "filters": filters}
    return made(here, REPLICATED, {"replicationId": "1", "project": "fate", "artifacts": wanted})


def project(here: Here) -> Callable[[], str]:
    return made(here, PROJECT, {"name": "mirror"})


def routed(here: Here, path: str, answer: Callable[[], Answer]) -> Callable[[], None]:
    """Have Harbor answer otherwise at a path; return what ends that."""
    own = [(method, re.compile(path), lambda *_: answer()) for method in ("GET", "POST", "PUT")]
    here.monkeypatch.setattr("tests.harbor.api.ROUTES", [*own, *ROUTES])
    return lambda: here.monkeypatch.setattr("tests.harbor.api.ROUTES", ROUTES)


@row(1)
def wrong_password(here: Here) -> Iterator[Fault]:
    here.plugin.configure(here.url, WRONG)
    yield Fault(project(here), here.held, lambda: here.plugin.configure(here.url))


@row(2)
def upstream_down(here: Here) -> Iterator[Fault]:
    here.hub().up = False
    yield Fault(copies(here), here.held, lambda: setattr(here.hub(), "up", True))


@row(3)
def endpoint_of_an_upstream_that_is_down(here: Here) -> Iterator[Fault]:
    login = ("ann", UPSTREAM_SECRET)
    upstream = here.state.upstreams["http://new.example"] = Upstream(up=False, login=login)
    inputs = {
        "name": "new",
        "url": "http://new.example",
        "accessKey": login[0],
        "accessSecret": UPSTREAM_SECRET,
    }
    yield Fault(made(here, REGISTRY, inputs), here.held, lambda: setattr(upstream, "up", True))


@row(4)
def catalogue_refused(here: Here) -> Iterator[Fault]:
    yield Fault(
        copies(here, "federatedai/**"), here.held, lambda: here.state.policies.update({1: dict(POLICY)})
    )


@row(5)
def upstream_wants_a_login(here: Here) -> Iterator[Fault]:
    here.hub().login = ("ann", UPSTREAM_SECRET)
    login = {"type": "basic", "access_key": "ann", "access_secret": UPSTREAM_SECRET}
    yield Fault(copies(here), here.held, lambda: here.state.registries[1].update(credential=login))


@row(6)
def limit_of_pulls(here: Here) -> Iterator[Fault]:
    ran = "tests.harbor.replications.outcome"
    said = 'http status code: 429, body: {"errors":[{"code":"TOOMANYREQUESTS"}]}'
    ended = {"status": "Failed", "status_text": said, "total": 0, "tasks": []}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ran, lambda *_: ended)
        yield Fault(copies(here), here.held, patched.undo)


@row(7)
def image_missing_upstream(here: Here) -> Iterator[Fault]:
    tags = here.hub().repositories["federatedai/c"] = {"2.0": "sha256:" + "c" * 64}
    wanted = [{"repository": name, "tag": "1.0"} for name in "ac"]
    yield Fault(
        copies(here, "federatedai/{a,c}", wanted), here.held, lambda: tags.update({"1.0": tags["2.0"]})
    )


@row(8)
def tag_moved_upstream(here: Here) -> Iterator[Fault]:
    pinned = [{"repository": "a", "tag": "1.0", "digest": "sha256:pinned"}]
    put_back = {"1.0": "sha256:pinned"}
    yield Fault(
        copies(here, "federatedai/a", pinned),
        here.held,
        lambda: here.hub().repositories.update({"federatedai/a": put_back}),
    )


@row(9)
def quota_full(here: Here) -> Iterator[Fault]:
    here.state.quotas[1] = 25  # each image counts 10, and one is there
    yield Fault(copies(here), here.held, lambda: here.state.quotas.update({1: 100}))


@row(10)
def name_taken(here: Here) -> Iterator[Fault]:
    inputs: Values = {"name": "fate", "public": True}
    yield Fault(made(here, PROJECT, inputs), here.held, lambda: inputs.update(adopt=True))


@row(11)
def project_with_images(here: Here) -> Iterator[Fault]:
    there = here.plugin.imported(PROJECT, "it", "1")
    assert isinstance(there, Resource), "it is there"
    yield Fault(lambda: refused(lambda: here.plugin.delete(there)), here.held, here.state.images.clear)


@row(12)
def key_of_another_length(here: Here) -> Iterator[Fault]:
    inputs = {"name": "new", "url": HUB}
    yield Fault(made(here, REGISTRY, inputs), here.held, routed(here, "/registries", broken))


@row(13)
def core_replaced(here: Here) -> Iterator[Fault]:
    here.state.crashed = True
    yield Fault(project(here), here.held, lambda: setattr(here.state, "crashed", False))


@row(14)
def database_gone(here: Here) -> Iterator[Fault]:
    yield Fault(project(here), here.held, routed(here, ".*", broken))


@row(15)
def stranger_s_certificate(here: Here) -> Iterator[Fault]:
    with secured(here) as (url, ca):
        here.plugin.configure(url)
        yield Fault(project(here), here.held, lambda: here.plugin.configure(url, ca=ca))


@contextmanager
def secured(here: Here) -> Iterator[tuple[str, str]]:
    """Serve the Harbor over TLS as well; give its URL, and who has signed its certificate."""
    key, certificate = here.folder / "key.pem", here.folder / "certificate.pem"
    subject = ["-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with harbor(here.state, context) as url:
        yield url, certificate.read_text()


@row(16)
def older_harbor(here: Here) -> Iterator[Fault]:
    older = {"id": 1, "project_name": "fate"}
    mend = routed(here, "/projects/fate", lambda: Answer(200, older))
    yield Fault(lambda: refused(lambda: here.plugin.imported(PROJECT, "it", "fate")), here.held, mend)


@row(17)
def no_harbor(here: Here) -> Iterator[Fault]:
    page = Answer(200, "<html><title>Welcome</title></html>")
    yield Fault(project(here), here.held, routed(here, ".*", lambda: page))


@row(18)
def locked_setting(here: Here) -> Iterator[Fault]:
    here.state.locked = True
    act = made(here, SETTINGS, {"values": {"session_timeout": 5}})
    yield Fault(act, here.held, lambda: setattr(here.state, "locked", False))


def robot(here: Here, name: str, access: object) -> dict[str, object]:
    """Make a robot, and return what Harbor keeps of it."""
    inputs = {"name": name, "project": "fate", "secret": ROBOT_SECRET}
    made = here.plugin.create(
        ROBOT, name, {**inputs, "permissions": [{"namespace": "fate", "access": access}]}
    )
    kept: dict[str, object] = here.state.robots[int(made.id)]
    return kept


@row(19)
def expired_robot(here: Here) -> Iterator[Fault]:
    puller = robot(here, "party-9999", PULL)
    puller["expires_at"] = EXPIRED
    with strict_registry() as behind, whole_harbor(here.state, behind.url, behind.url) as url:
        behind.hold("fate/a", "1.0", b"layer" * 9)
        outputs = HarborOutputs(url=url, pulled={"9999": "fate/a:1.0"})
        login = {"user": str(puller["name"]), "password": ROBOT_SECRET}
        yield Fault(lambda: doctor_s_words(outputs, login), here.held, lambda: puller.update(expires_at=-1))


def doctor_s_words(outputs: HarborOutputs, login: dict[str, str]) -> str:
    try:
        examined(outputs, "9999", lambda name: {"9999": login} if name == "harbor-robots" else {})
    except Ailment as ailment:
        finding = FINDINGS[ailment.symptom]
        return f"{ailment.detail} {finding.cause.format(party='9999')} {finding.remedy}"
    return ""


@contextmanager
def carried(here: Here) -> Iterator[Scene]:
    """Give a bundle, and the Harbor before whose registry it is to be loaded."""
    with scene(here.folder, here.monkeypatch) as both:
        assert both.make() == 0
        here.said.readouterr()
        yield both


def loaded(here: Here, both: Scene) -> Callable[[], str]:
    """Load the bundle, and return what is told where that does not go."""

    def act() -> str:
        code, told = both.load(), here.said.readouterr().err
        return "" if code == 0 else " ".join(told.split())

    return act


def of_both(both: Scene) -> Callable[[], Held]:
    return lambda: {"bundle": both.file.read_bytes(), **{f"image {key}": 1 for key in both.far.manifests}}


@row(20)
def robot_that_may_not_push(here: Here) -> Iterator[Fault]:
    pusher = robot(here, "push", PULL)
    with carried(here) as both, whole_harbor(here.state, both.far.url, both.near.url) as url:
        login = base64.b64encode(f"{pusher['name']}:{ROBOT_SECRET}".encode()).decode()
        host = url.removeprefix("http://")
        (here.folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": login}}}))

        def act() -> str:
            code = main(["bundle", "load", str(both.file), "--to", f"{host}/fate"])
            told = here.said.readouterr().err
            return "" if code == 0 else " ".join(told.split())

        rights = [{"namespace": "fate", "access": PUSH}]
        yield Fault(act, of_both(both), lambda: pusher.update(permissions=rights))


@row(21)
def disk_full(here: Here) -> Iterator[Fault]:
    with carried(here) as both:
        both.far.full, both.far.full_status = "filesystem: no space left on device", 500
        yield Fault(loaded(here, both), of_both(both), lambda: setattr(both.far, "full", ""))


@row(22)
def truncated_bundle(here: Here) -> Iterator[Fault]:
    with carried(here) as both:
        whole = both.file.read_bytes()
        both.file.write_bytes(whole[:-12_000])

        def asked() -> Held:
            return {"what the registry was asked": [*both.far.asked]}

        yield Fault(loaded(here, both), asked, lambda: both.file.write_bytes(whole))


def previewed(chart: dict[str, object]) -> Callable[[], str]:
    def act() -> str:
        try:
            declare(of_charts(NODE_PORTS, **chart))
        except pulumi.RunError as fault:
            return str(fault)
        return ""

    return act


def charted(chart: dict[str, object], right: dict[str, object]) -> Iterator[Fault]:
    def mend() -> None:
        chart.clear()
        chart.update(right)

    yield Fault(previewed(chart), dict, mend)


@row(23)
def chart_s_version_missing(here: Here) -> Iterator[Fault]:
    return charted({"version": "9.9.9"}, {})


@row(24)
def refused_values(here: Here) -> Iterator[Fault]:
    def of(replicas: object) -> dict[str, object]:
        return {"values": {"services": {"gateway": {"replicas": replicas}}}}

    return charted(of("two"), of(2))


@row(25)
def another_chart(here: Here) -> Iterator[Fault]:
    return charted({"ref": OTHER}, {})


@row(26)
def chart_s_version_not_in_the_registry(here: Here) -> Iterator[Fault]:
    with strict_registry() as held:
        held.hold("team/fate-party", "0.1.0", b"an older chart")
        chart = {"ref": f"oci://{held.address}/team/fate-party", "version": "9.9.9", "plain-http": True}
        settings = load(of_charts(NODE_PORTS, **chart))

        def act() -> str:
            faults = list(lacking_charts(settings))
            return str(ConfigurationFault(faults)) if faults else ""

        def there() -> Held:
            return {f"manifest {key}": content for key, content in held.manifests.items()}

        yield Fault(act, there, lambda: held.hold("team/fate-party", "9.9.9", b"the chart"))


@row(27)
def chart_of_another_app_version(here: Here) -> Iterator[Fault]:
    about = here.folder / "Chart.yaml"
    about.write_text("name: harbor\nversion: 1.10.4\nappVersion: 2.6.4\n")

    def act() -> str:
        mirror = load(lying(str(here.folder))).mirror
        assert isinstance(mirror, HarborMirror)
        faults = list(harbor_chart_faults(mirror))
        return str(ConfigurationFault(faults)) if faults else ""

    yield Fault(act, dict, lambda: about.write_text(about.read_text().replace("1.10.4", "1.19.1")))
