"""The built images on a real Docker engine; only what is missing is built first, which takes minutes."""

import secrets
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import docker
import pytest
from docker.models.images import Image

from images import bill_of_materials, buildkit, debian, engine, recipes, trust

USERS = {
    "fateflow": 10001,
    "fateflow-spark": 10001,
    "hadoop": 10006,
    "mariadb": 10002,
    "nginx": 10004,
    "notebook": 10008,
    "pulsar": 10007,
    "rabbitmq": 10003,
    "registry": 10005,
}
OF_FATEFLOW = tuple(
    f"/data/projects/fate/fate_flow/{name}"
    for name in ("conf", "jobs", "logs", "model", "data", "localfs", "temps")
)
WRITABLE = {
    "fateflow": OF_FATEFLOW,
    "fateflow-spark": (*OF_FATEFLOW, "/spark"),
    "hadoop": ("/hadoop/dfs/name", "/hadoop/dfs/data"),
    "notebook": ("/notebooks",),
    "pulsar": ("/pulsar/data",),
    "mariadb": ("/var/lib/mysql", "/run/mysqld"),
    "rabbitmq": ("/var/lib/rabbitmq", "/var/log/rabbitmq", "/etc/rabbitmq"),
    "nginx": ("/var/lib/nginx", "/var/log/nginx"),
    "registry": ("/var/lib/registry",),
}
MEGABYTES = {
    "fateflow": 1000,
    "fateflow-spark": 1300,
    "hadoop": 250,
    "mariadb": 200,
    "nginx": 120,
    "notebook": 450,
    "pulsar": 320,
    "rabbitmq": 220,
    "registry": 130,
}
PROGRAMS = {
    "fateflow": (
        "flow --help",
        "pipeline --help",
        "python -m fate.components --help",
        "python -c 'import pulsar'",
    ),
    "fateflow-spark": (
        "java -version",
        "SPARK_LOCAL_HOSTNAME=localhost $SPARK_HOME/bin/spark-submit --version",
        "python -c 'import pulsar, pyarrow.parquet, pyspark.sql'",
        """python -c 'import ctypes; ctypes.CDLL("/opt/hadoop/lib/native/libhdfs.so").hdfsNewBuilder'""",
    ),
    "hadoop": (
        "java org.apache.hadoop.util.VersionInfo",
        "test -r /opt/hadoop/etc/webapps/hdfs/WEB-INF/web.xml",
    ),
    "notebook": ("jupyter-lab --version", "flow --help", "pipeline --help"),
    "pulsar": ("java @/pulsar/etc/java.options org.apache.pulsar.PulsarVersionStarter",),
    "mariadb": (
        "mariadbd --version",
        "mariadb --version",
        "mariadb-admin --version",
        "command -v mariadb-install-db",
    ),
    "rabbitmq": ("test -x /usr/lib/rabbitmq/bin/rabbitmq-server",),
    "nginx": ("nginx -v", "test -r /usr/lib/nginx/modules/ngx_stream_module.so"),
    "registry": ("docker-registry --version",),
}
each_image = pytest.mark.parametrize("name", recipes.RECIPES)


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    try:
        client = engine.connect()
    except engine.ImageError as reason:
        pytest.skip(str(reason))
    yield client
    client.close()


@pytest.fixture(scope="module")
def built(client: docker.DockerClient) -> None:
    missing = [
        name
        for name in recipes.lineage(recipes.RECIPES)[1:]
        if engine.image_size(client, recipes.image_reference(name)) is None
    ]
    if missing:
        trust.hand_over_once()
        debian.ensure_base(None, print)
    for name in missing:
        engine.build(client, name, print)


def run(client: docker.DockerClient, name: str, script: str) -> str:
    """Run a shell script in an image as its own user, without capabilities and networks."""
    output: bytes = client.containers.run(
        recipes.image_reference(name),
        ["sh", "-ec", script],
        remove=True,
        stderr=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        network_disabled=True,
    )
    return output.decode()


@each_image
@pytest.mark.usefixtures("built")
def test_an_image_runs_as_its_own_user(client: docker.DockerClient, name: str) -> None:
    assert run(client, name, "id -u; id -g").split() == [str(USERS[name])] * 2


@each_image
@pytest.mark.usefixtures("built")
def test_the_user_writes_where_the_service_keeps_its_files(client: docker.DockerClient, name: str) -> None:
    for folder in (*WRITABLE[name], "/run/secrets", "/tmp", "$HOME"):
        run(client, name, f"touch {folder}/.written")


@each_image
@pytest.mark.usefixtures("built")
def test_secrets_are_open_to_the_user_alone(client: docker.DockerClient, name: str) -> None:
    assert run(client, name, "stat -c '%a %u' /run/secrets").split() == ["700", str(USERS[name])]


@each_image
@pytest.mark.usefixtures("built")
def test_nothing_but_tmp_is_open_to_everybody_and_nothing_gives_rights(
    client: docker.DockerClient, name: str
) -> None:
    wanted = "\\( -perm -0002 -o -type f -perm /6000 \\) ! -type l ! -path '/dev/*'"
    assert run(client, name, f"find / -xdev {wanted} 2>/dev/null || true").split() == ["/tmp"]


@each_image
@pytest.mark.usefixtures("built")
def test_the_programs_of_an_image_start(client: docker.DockerClient, name: str) -> None:
    run(client, name, " && ".join(("busybox true", *PROGRAMS[name])))


@each_image
@pytest.mark.usefixtures("built")
def test_an_image_stays_small(client: docker.DockerClient, name: str) -> None:
    size = engine.image_size(client, recipes.image_reference(name))
    assert size is not None
    assert size / 1e6 <= MEGABYTES[name], "every site pulls this over its own line"


@each_image
@pytest.mark.usefixtures("built")
def test_no_trace_of_the_building_machine_is_left(client: docker.DockerClient, name: str) -> None:
    named = " -o ".join(f"-name {secret}" for secret in trust.HANDED_OVER)
    assert run(client, name, f"find / -xdev \\( {named} \\) 2>/dev/null || true") == ""
    history = str(client.images.get(recipes.image_reference(name)).history())
    handed_over = [(recipes.SECRETS / secret).read_text() for secret in trust.HANDED_OVER]
    assert not [text for text in handed_over if text and text in history]


def test_nothing_of_a_build_s_secret_is_left_in_a_layer_a_history_or_the_cache(
    client: docker.DockerClient, tmp_path: Path
) -> None:
    secret, canary = tmp_path / "pip.conf", f"canary-{secrets.token_hex(16)}"
    secret.write_text(f"[global]\nindex-url = https://user:{canary}@mirror.example\n")
    recipe = tmp_path / "recipe"
    recipe.mkdir()
    (recipe / "Dockerfile").write_text(
        "ARG BASE\nFROM ${BASE} AS wheels\n"
        "RUN --mount=type=secret,id=pip.conf grep -c canary /run/secrets/pip.conf >/out\n"
        "FROM ${BASE}\nCOPY --from=wheels /out /out\n"
    )
    debian.ensure_base(None, print)
    build = buildkit.Build(
        recipe,
        f"fate-test-secrets:{secrets.token_hex(4)}",
        arguments={"BASE": recipes.base_reference()},
        secrets={"pip.conf": secret},
    )
    try:
        told = list(buildkit.run(client.api, build))
        assert not [message for message in told if "error" in message], told
        image = client.images.get(build.tag)
        assert canary not in str(image.history()) + str(image.attrs)
        assert client.containers.run(build.tag, ["cat", "/out"], remove=True) == b"1\n", "the step read it"
        for chunk in _layers(image):
            assert canary.encode() not in chunk
        assert canary not in str(client.api.df()["BuildCache"])
        for kept in _build_cache(client):
            assert canary.encode() not in kept.read_bytes(), f"{kept} holds the secret"
        secret.write_text("")
        assert [m for m in buildkit.run(client.api, build) if "aux" in m][-1]["aux"]["ID"] == image.id, (
            "another machine's secret is no reason to build anew"
        )
    finally:
        client.images.remove(build.tag, force=True)


def _layers(image: Image) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as saved:
        saved.writelines(image.save())
        saved.seek(0)
        with tarfile.open(fileobj=saved) as tar:
            for entry in tar:
                if entry.isfile() and entry.name.endswith(".tar"):
                    yield cast(IO[bytes], tar.extractfile(entry)).read()


def _build_cache(client: docker.DockerClient) -> list[Path]:
    """Return the engine's own notes of its builds, where this machine may read them."""
    folder = Path(client.info()["DockerRootDir"]) / "buildkit"
    try:
        return [path for path in folder.rglob("*") if path.is_file()]
    except OSError:
        return []


@pytest.mark.usefixtures("built")
def test_torch_counts_and_the_breast_cancer_table_is_there(client: docker.DockerClient) -> None:
    script = (
        "import torch, sklearn.datasets as tables; "
        "print(int(torch.ones(3, 3).matmul(torch.ones(3, 1)).sum()), len(tables.load_breast_cancer().target))"
    )
    assert run(client, "fateflow", f"python -c '{script}'").split() == ["9", "569"]


@pytest.mark.usefixtures("built")
def test_an_enum_survives_fate_s_unpickler(client: docker.DockerClient) -> None:
    script = "import enum, socket; print(socket.AddressFamily.AF_INET.__reduce_ex__(4)[0] is getattr)"
    assert run(client, "fateflow", f"python -c '{script}'").strip() == "False", (
        "SecureBoost would fail on a host"
    )


@pytest.mark.usefixtures("built")
def test_rabbitmq_has_the_plugins_that_fate_needs(client: docker.DockerClient) -> None:
    plugins = run(client, "rabbitmq", "ls /usr/lib/rabbitmq/lib/*/plugins")
    for plugin in ("rabbitmq_management-", "rabbitmq_federation-", "rabbitmq_federation_management-"):
        assert plugin in plugins


@pytest.mark.usefixtures("built")
def test_nginx_s_bill_of_materials_lists_what_runs(client: docker.DockerClient) -> None:
    first, second = (bill_of_materials.of_image(client, "nginx") for _ in range(2))
    assert first == second, "the same image gives the same bill"
    versions = {part["name"]: part["version"] for part in first["components"]}
    assert versions["nginx"] in run(client, "nginx", "dpkg-query -W nginx")
    assert "libc6" in versions


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("fateflow", {"fate-flow", "pyfate", "libtorch1.13", "python3"}),
        (
            "fateflow-spark",
            {"fate-flow", "pyspark", "spark-core_2.12", "hdfs-sys", "openjdk-17-jre-headless"},
        ),
        ("hadoop", {"hadoop-hdfs", "jetty-util", "openjdk-17-jre-headless"}),
        ("notebook", {"fate-client", "jupyterlab", "python3"}),
        ("pulsar", {"pulsar-broker", "rocksdbjni", "openjdk-17-jre-headless"}),
    ],
)
def test_a_bill_of_materials_lists_what_was_taken_from_every_registry(
    client: docker.DockerClient, name: str, listed: set[str]
) -> None:
    names = {part["name"] for part in bill_of_materials.of_image(client, name)["components"]}
    assert listed <= names


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("name", "folder"), [("hadoop", "/opt/hadoop/lib"), ("pulsar", "/pulsar/lib")])
def test_every_jar_is_in_the_bill_of_materials_with_its_licence(
    client: docker.DockerClient, name: str, folder: str
) -> None:
    bill = bill_of_materials.of_image(client, name)["components"]
    listed = [part for part in bill if part["purl"].startswith("pkg:maven/")]
    assert len(listed) == int(run(client, name, f"ls {folder}/*.jar | wc -l"))
    assert not [part for part in bill if part["purl"].startswith("pkg:generic/")], "a jar that is not locked"
    told = [part for part in listed if part.get("licenses")]
    assert len(told) / len(listed) > 0.95, "nearly every pom names a licence"
