"""The offline Docker plugin and language host under the real CLI, on a real engine: what a user sees.

What the plugin does case by case stands in tests/conformance.
"""

import io
import tarfile
import uuid
from collections.abc import Callable, Iterator

import docker
import pytest

from tests.engine.plugin_project import Project, pulumi, rootfs
from tests.engine.tiny_registry import TinyRegistry

Make = Callable[[str], Project]

SERVICE = """
network = docker.Network(
    "network", name=f"{prefix}-{settings.get('network', 'net')}",
    labels=[label("fate.stack", "t", docker.NetworkLabelArgs)], opts=options(),
)
volume = docker.Volume("volume", name=f"{prefix}-kept", opts=options(retain_on_delete=True))
text = f"one\\n{settings.get('text', 'hello')}\\nthree\\n"
web = docker.Container(
    "web", name=f"{prefix}-web", image=image, command=["sh", "-c", settings.get("command", "sleep 600")],
    envs=["B=2", "A=1"], labels=[label("fate.stack", "t"), label("fate.party", "9999")],
    uploads=[
        upload("/etc/fate/c", "", content_base64="aGk="),
        upload("/etc/fate/b.sh", "#", executable=True),
        upload("/etc/fate/deep/a.conf", text, permissions="0444"),
    ],
    volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path="/data")],
    networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=network.name, aliases=["web", "www"])],
    ports=[docker.ContainerPortArgs(internal=80, ip="127.0.0.1")],
    hosts=[docker.ContainerHostArgs(host="host.docker.internal", ip="host-gateway")],
    healthcheck=docker.ContainerHealthcheckArgs(
        tests=["CMD", "test", "-f", "/etc/fate/b.sh"], interval="300ms", timeout="2s", retries=3,
    ),
    wait=True, wait_timeout=30, user="23456", init=True, restart="unless-stopped",
    capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]), security_opts=["no-new-privileges"],
    memory=64, memory_swap=int(settings.get("swap", 64)), cpus="0.5", shm_size=16,
    ulimits=[docker.ContainerUlimitArgs(name="nofile", soft=512, hard=512)],
    log_driver="json-file", log_opts={"max-size": "1m"}, tmpfs={"/tmp": "rw,size=1m,mode=1777"},
    opts=options(),
)
secrets = docker.Container(
    "secrets", name=f"{prefix}-secrets", image=image, command=["sh", "-c", "cat /etc/secret > /data/secret"],
    uploads=[upload("/etc/secret", pulumi.Output.secret("hunter2"))],
    volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path="/data")],
    must_run=False, attach=True, network_mode="none", opts=options(),
)
pulumi.export("address", web.network_datas[0].ip_address)
pulumi.export("exit", secrets.exit_code)
"""


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> Iterator[str]:
    if pulumi() is None:
        pytest.skip("no pulumi: run `make pulumi`")
    tag = uuid.uuid4().hex[:8]
    engine.api.import_image_from_data(rootfs(), repository="plugin-test", tag=tag, changes=["ENV PATH=/bin"])
    yield str(engine.images.get(f"plugin-test:{tag}").id)
    engine.images.remove(f"plugin-test:{tag}", force=True)


@pytest.fixture(scope="module")
def make(engine: docker.DockerClient, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    prefixes = []

    def project(program: str) -> Project:
        made = Project(tmp_path_factory.mktemp("project"), f"plugin-{uuid.uuid4().hex[:6]}")
        prefixes.append(made.prefix)
        made.write(program)
        made.start(image)
        return made

    yield project
    for prefix in prefixes:
        for container in engine.containers.list(all=True, filters={"name": prefix}):
            container.remove(force=True)
        for network in engine.networks.list(filters={"name": prefix}):
            network.remove()
        for volume in engine.volumes.list(filters={"name": prefix}):
            volume.remove(force=True)


@pytest.fixture(scope="module")
def service(make: Make) -> Project:
    """Return a running service with all that this program declares of one."""
    project = make(SERVICE)
    project.made()
    return project


def test_a_second_preview_and_a_refresh_are_empty(service: Project) -> None:
    assert service.changes() == {}, "nothing changed, so nothing may be shown"
    assert service.drift() == "", "the engine's own additions are no drift"


def test_files_lie_in_the_container_as_declared(service: Project, engine: docker.DockerClient) -> None:
    web = engine.containers.get(f"{service.prefix}-web")
    told = str(web.exec_run("ls -ln /etc/fate /etc/fate/deep").output)
    text = web.exec_run("sh -c 'cat /etc/fate/deep/a.conf /etc/fate/c'").output
    assert "-r--r--r-- 1 0 0 16 " in told, "0444 as given, owned by root"
    assert "-rwxr--r-- 1 0 0    1 " in told, "an executable without permissions is 0744, as officially"
    assert "drwxr-xr-x 2 0 0 " in told, "parents are made, and others may look into them"
    assert text == b"one\nhello\nthree\nhi", "content and content_base64 both arrive"


def test_a_secret_is_in_no_state_and_no_inspection(service: Project, engine: docker.DockerClient) -> None:
    state = service.run("stack", "export", "--stack", "t").text
    assert "hunter2" not in state, "an uploaded secret is encrypted in the state"
    assert "hunter2" not in str(engine.api.inspect_container(f"{service.prefix}-secrets"))
    _, found = engine.containers.get(f"{service.prefix}-web").exec_run("cat /data/secret")
    assert found == b"hunter2", "but the volume has it"


def test_outputs_tell_what_only_the_engine_knows(service: Project, engine: docker.DockerClient) -> None:
    networks = engine.api.inspect_container(f"{service.prefix}-web")["NetworkSettings"]["Networks"]
    assert list(networks) == [f"{service.prefix}-net"], "declared networks take the place of the bridge"
    assert service.outputs() == {"address": networks[f"{service.prefix}-net"]["IPAddress"], "exit": 0}


@pytest.mark.parametrize(
    ("setting", "value", "operation", "shown"),
    [
        ("text", "bye", "replace", ["- hello", "+ bye"]),
        ("swap", "128", "update", ["~ memorySwap: 64 => 128"]),
        ("command", "sleep 700", "replace", ['~ [2]: "sleep 600" => "sleep 700"']),
    ],
)
def test_a_change_shows_as_its_own_line(
    service: Project, setting: str, value: str, operation: str, shown: list[str]
) -> None:
    with service.changed(**{setting: value}):
        text = service.diff()
    assert f"container:Container: ({operation})" in text, text
    for line in shown:
        assert line in text, text
    unchanged = [line for line in text.splitlines() if "b.sh" in line or "fate.party" in line]
    assert not unchanged, "a property that stays is not shown"


def test_a_drift_is_shown_and_repaired(service: Project, engine: docker.DockerClient) -> None:
    web = engine.containers.get(f"{service.prefix}-web")
    web.stop(timeout=0)
    text = service.diff("--refresh")
    assert "~ mustRun: false => true" in text, text
    assert "+ ports" in text, text
    assert "replaced" in service.made("--refresh").text
    assert engine.containers.get(f"{service.prefix}-web").status == "running"


def test_a_renamed_network_takes_its_containers_along(service: Project, engine: docker.DockerClient) -> None:
    with service.changed(network="other"):
        told = service.made().text
        order = [
            told.index(words)
            for words in ("Container web deleted", "Network network deleted", "Network network created")
        ]
        assert order == sorted(order), "the container leaves first, or its network could not go"
        networks = engine.api.inspect_container(f"{service.prefix}-web")["NetworkSettings"]["Networks"]
        assert list(networks) == [f"{service.prefix}-other"]


def test_destroy_leaves_nothing_but_what_is_retained(service: Project, engine: docker.DockerClient) -> None:
    destroyed = service.run("destroy", "--yes", "--skip-preview", "--stack", "t")
    assert destroyed.code == 0, destroyed.text
    assert not engine.containers.list(all=True, filters={"name": service.prefix})
    assert not engine.networks.list(filters={"name": service.prefix})
    assert [volume.name for volume in engine.volumes.list(filters={"name": service.prefix})] == [
        f"{service.prefix}-kept"
    ]
    service.made("--target", "**volume")
    assert kept_in(engine, f"{service.prefix}-kept", service.settings["image"]) == b"hunter2", (
        "the next up takes the same volume, content kept"
    )


def kept_in(engine: docker.DockerClient, volume: str, image: str) -> bytes:
    """Return the file `secret` of a volume, through a container that never runs."""
    container = engine.containers.create(image, ["true"], volumes=[f"{volume}:/data"])
    try:
        packed, _ = container.get_archive("/data/secret")
        with tarfile.open(fileobj=io.BytesIO(b"".join(packed))) as archive:
            content = archive.extractfile("secret")
            return content.read() if content else b""
    finally:
        container.remove()


FAULTY = """
health = docker.ContainerHealthcheckArgs(
    tests=["CMD", "sh", "-c", "echo not yet; exit 3"], interval="200ms", timeout="2s", retries=1,
)
docker.Container(
    "sick", name=f"{prefix}-sick", image=image, wait=True, wait_timeout=1, healthcheck=health,
    command=["sh", "-c", "echo I cannot work; exec sleep 60"], opts=options(),
)
docker.RemoteImage("missing", name="localhost:1/no/such:image", opts=options())
"""


def test_failures_say_what_and_why(make: Make) -> None:
    project = make(FAULTY)
    told = project.up("--continue-on-error")
    assert told.code != 0
    for words in (
        "-sick failed to be in healthy state after 1 s; the last check gave 3: not yet",
        "Its log ends with:",
        "I cannot work",
        "localhost:1/no/such:image: pulling it from localhost:1: the engine cannot reach the registry",
    ):
        assert words in told.text, told.text
    assert "Traceback" not in told.text
    assert project.changes()["sick"] == "replace", "what was made but does not work is made again"


@pytest.mark.parametrize(
    ("program", "refused"),
    [
        (
            'docker.Container("c", image=image, privileged=True, opts=options())',
            "property privileged of docker:index/container:Container",
        ),
        (
            'docker.Tag("tag", source_image="a", target_image="b", opts=options())',
            "resource type docker:index/tag:Tag",
        ),
        (
            'docker.get_network("bridge", opts=pulumi.InvokeOptions(provider=provider))',
            "function docker:index/getNetwork:getNetwork",
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_name(make: Make, program: str, refused: str) -> None:
    told = make(program).run("preview", "--stack", "t")
    assert told.code != 0
    assert f"{refused} is not supported by the offline plugin; install the official plugin" in told.text


IMAGES = """
address, revision = settings["registry"], settings.get("revision", "1")
built = docker.RemoteImage(
    "built", name=f"{address}/t/{prefix}:{revision}", triggers={"recipe": revision}, opts=options(),
    build=docker.RemoteImageBuildArgs(context="context", build_args={"REVISION": revision}),
)
pushed = docker.RegistryImage(
    "pushed", name=built.name, keep_remotely=bool(settings.get("keep", "yes")), triggers={"recipe": revision},
    auth_config=docker.RegistryImageAuthConfigArgs(
        address=f"http://{address}", username="u", password="p"
    ),
    opts=options(depends_on=[built]),
)
pulled = docker.RemoteImage(
    "pulled", name=pushed.sha256_digest.apply(lambda d: f"{address}/t/{prefix}@{d}"), opts=options(),
)
docker.Container("app", name=f"{prefix}-app", image=pulled.image_id, opts=options())
pulumi.export("digest", pushed.sha256_digest)
"""


def test_an_image_is_built_pushed_and_run_by_its_digest(make: Make, engine: docker.DockerClient) -> None:
    registry = TinyRegistry()
    project = make(IMAGES)
    project.settings |= {"registry": registry.address}
    context = project.folder / "context"
    context.mkdir()
    base = engine.images.get(project.settings["image"]).tags[0]
    (context / "Dockerfile").write_text(
        f'FROM {base}\nARG REVISION\nLABEL revision=$REVISION\nCMD ["sleep", "60"]\n'
    )
    project.made()
    assert project.changes() == {}
    assert project.drift() == "", "the registry has what was pushed"
    assert project.outputs()["digest"] in registry.manifests
    with project.changed(revision="2"):
        replaced = dict.fromkeys(("built", "pushed", "pulled", "app"), "replace")
        assert project.changes() == replaced, "a new recipe shows in all four"
        project.made()
        registry.forget()
        assert project.made("--refresh").text.count("created") >= 1, "what the registry lost is pushed again"
        assert project.outputs()["digest"] in registry.manifests
    with project.changed(revision="2", keep=""):
        project.made()
        assert project.run("destroy", "--yes", "--skip-preview", "--stack", "t").code == 0
    assert len(registry.deleted) == 1, "an image that is not to be kept is deleted from the registry"
    assert not engine.images.list(f"{registry.address}/t/{project.prefix}"), "and from the engine"


@pytest.mark.parametrize(
    ("program", "shown", "hidden"),
    [
        ("raise pulumi.RunError('no route to 9999: write `peers`')", "no route to 9999", "Traceback"),
        ("1 / 0", "ZeroDivisionError: division by zero", "language_host.py"),
        ("pulumi.Output.from_input(1).apply(lambda one: one / 0)", "in <lambda>", "site-packages"),
        ("print('said'); raise SystemExit(4)", "the program ended with exit code 4", "Traceback"),
    ],
)
def test_a_failing_program_shows_its_own_words(make: Make, program: str, shown: str, hidden: str) -> None:
    told = make(program).run("preview", "--stack", "t")
    assert told.code != 0
    assert shown in told.text, told.text
    assert hidden not in told.text, told.text


def test_an_engine_is_reached_by_ssh(make: Make, engine: docker.DockerClient) -> None:
    project = make('docker.Volume("volume", name=f"{prefix}-far", opts=options())')
    ssh = project.folder / "bin/ssh"
    ssh.write_text('#!/bin/sh\necho "$@" >>"$(dirname "$0")/ssh.log"\nexec docker system dial-stdio\n')
    ssh.chmod(0o755)
    project.settings |= {"host": "ssh://fate@far.example:2222"}
    project.made()
    assert engine.volumes.get(f"{project.prefix}-far")
    assert "-l fate -p 2222 -- far.example docker system dial-stdio" in (ssh.parent / "ssh.log").read_text()


def test_an_engine_that_does_not_answer_is_told_with_the_remedy(make: Make) -> None:
    project = make('docker.Volume("volume", name=prefix, opts=options())')
    project.settings |= {"host": "unix:///no/docker.sock"}
    told = project.up().text
    assert "no Docker engine answers at unix:///no/docker.sock. Start it: `systemctl start docker`" in told
