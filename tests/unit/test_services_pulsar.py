"""The party's Pulsar: its files, and its peers' registration, run for real against a small administration."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from components.services import fateflow, pulsar
from components.services.context import PartyContext, Route
from components.services.service import Service
from components.services.service_conf import service_conf
from config import HostPeer, PackagesImages, PartySettings, Rotation
from config.catalogue import catalogue
from config.exposure import Address
from tests.conftest import Golden
from tests.unit.pulsar_admin import PulsarAdmin
from tests.unit.pulsar_admin import pulsar as served

ENGINES = {"computing": "standalone", "federation": "pulsar", "storage": "standalone"}
PEERS = (
    Route("10000", {"pulsar": Address("fate.partner.example", 16650)}),
    Route("77-x", {"pulsar": Address("pulsar-77-x", 6650)}),
)
SCRIPTS = Path(pulsar.__file__).parent


def context(**keys: object) -> PartyContext:
    party = PartySettings.model_validate({"id": "9999", "engines": ENGINES, **keys})
    return PartyContext(party, "2.2.0", Rotation(), PackagesImages(), PEERS)


def set_of(**keys: object) -> PartyContext:
    return context(services={"pulsar": {"configuration": {"standalone.conf": keys}}})


def conf(context: PartyContext) -> dict[str, str]:
    lines = pulsar.standalone_conf(context).splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_standalone_conf_and_the_peers(golden: Golden) -> None:
    golden("standalone.conf", pulsar.standalone_conf(context()))
    golden("pulsar_peers", pulsar.peers(context()))


def test_what_fate_flow_is_told(golden: Golden) -> None:
    golden("service_conf-pulsar.yaml", fateflow.render(service_conf(context())))
    golden("pulsar_route_table.yaml", fateflow.render(pulsar.route_table(context())))


def test_the_route_table_is_a_file_of_fate_flow_s_conf() -> None:
    texts = {file.path: file.text for file in fateflow.service(context()).files}
    table = yaml.safe_load(texts["/etc/fate/pulsar_route_table.yaml"])
    assert set(table) == {"9999", "10000", "77-x"}
    for end in table.values():
        assert {key: type(value) for key, value in end.items()} == {
            "host": str,
            "port": int,
            "sslPort": int,
            "proxy": str,
        }, "FATE-Flow 2.2.0, PulsarFederationSpec: an entry of another form fails every task"


def test_every_key_that_is_written_is_known_and_has_its_form() -> None:
    known = catalogue().services["pulsar"].files["standalone.conf"]
    for key, value in conf(context()).items():
        form = known.keys.root[key]
        assert isinstance(form, str)
        fits = catalogue().forms[form].fits(value, known.typed) or value in ("true", "false")
        assert key in known.ours or fits, f"{key}: {value} is no {form}"


def test_a_stack_s_key_is_laid_over() -> None:
    changed = conf(set_of(backlogQuotaDefaultLimitGB=3, journalSyncData=True))
    assert changed["backlogQuotaDefaultLimitGB"] == "3"
    assert changed["journalSyncData"] == "true", "as a Java file has it"


@pytest.mark.parametrize(("memory", "half", "part"), [(512, 128, 16), (640, 192, 24), (2304, 1024, 128)])
def test_memory_is_shared_out(memory: int, half: int, part: int) -> None:
    made = context(services={"pulsar": {"memory": memory}})
    command = pulsar.service(made).command
    assert f"-Xmx{half}m" in command
    assert f"-XX:MaxDirectMemorySize={half}m" in command
    bounded = ("dbStorage_writeCacheMaxSizeMb", "managedLedgerCacheSizeMB", "maxMessagePublishBufferSizeInMB")
    assert {conf(made)[key] for key in bounded} == {str(part)}, "what waits must fit beside what is cached"


def test_the_administration_listens_at_the_party_s_address_alone() -> None:
    keys = conf(context())
    assert keys["bindAddress"] == "@@address@@"
    assert keys["brokerServicePort"] == "", "or the broker, too, would listen there alone"
    assert keys["bindAddresses"] == "party:pulsar://0.0.0.0:6650"


def test_the_store_is_named_as_it_can_be_started_again() -> None:
    assert re.fullmatch(r"[^:]+:\d+", conf(context())["bookieId"]), "Pulsar 3.0.7 reads a port from the name"


def test_peers_in_another_order_are_the_same_file() -> None:
    other = PartyContext(context().settings, "2.2.0", Rotation(), PackagesImages(), tuple(reversed(PEERS)))
    assert pulsar.peers(other) == pulsar.peers(context())


def test_a_party_without_peers_has_a_broker_all_the_same() -> None:
    alone = PartyContext(context().settings, "2.2.0", Rotation(), PackagesImages())
    assert pulsar.peers(alone) == ""


def test_the_log_leaves_out_what_probes_ask() -> None:
    tree = ElementTree.fromstring((SCRIPTS / "pulsar_log4j2.xml").read_text())
    (found,) = tree.iter("RegexFilter")
    pattern = re.compile(found.attrib["regex"])
    for line in (
        "[persistent://pulsar/9999/localhost:8080/healthcheck] [9999-0-4] Closed Producer",
        "[null] Successfully run health check.",
        '172.22.0.2 - - [30/Nov/2026:19:20:46] "GET /admin/v2/brokers/health HTTP/1.1" 200 2 "-" "Wget"',
    ):
        assert pattern.fullmatch(line), line
    assert not pattern.fullmatch('"PUT /admin/v2/namespaces/fl-tenant/x HTTP/1.1" 204'), (
        "what FATE does stays"
    )


class Scripts:
    """Both scripts, with the paths and the port of a test."""

    def __init__(self, folder: Path, admin: PulsarAdmin, peers: str) -> None:
        self.folder, self.admin = folder, admin
        (folder / "own-address").write_text("127.0.0.1\n")
        self.peers(peers)
        text = (SCRIPTS / "pulsar_peers.sh").read_text().replace("port=8080", f"port={admin.port}")
        text = text.replace("/etc/fate/peers", f"{folder}/peers").replace("sleep 5", "sleep 0.1")
        (folder / "peers.sh").write_text(text.replace("/tmp/own-address", f"{folder}/own-address"))

    def peers(self, lines: str) -> None:
        """Write the file of peers."""
        (self.folder / "peers").write_text(f"# /etc/fate/peers\n{lines}")

    def run(self, *words: str, limit: float = 20) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        path = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        command = ["sh", f"{self.folder}/peers.sh", *words]
        return subprocess.run(command, env=path, capture_output=True, text=True, timeout=limit, check=False)

    def register(self) -> str:
        """Register the peers; return what was said."""
        ended = self.run("register", "fl-tenant", "9999")
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Scripts]:
    with served("9999", tmp_path) as admin:
        yield Scripts(tmp_path, admin, pulsar.peers(context()))


def urls(admin: PulsarAdmin) -> Mapping[str, str]:
    return {name: told["brokerServiceUrl"] for name, told in admin.clusters.items() if name != "9999"}


EXPECTED = {"10000": "pulsar://fate.partner.example:16650", "77-x": "pulsar://pulsar-77-x:6650"}


def test_each_peer_becomes_a_cluster_and_the_tenant_may_use_it(scripts: Scripts) -> None:
    assert "registered 2 peers of party 9999" in scripts.register()
    assert urls(scripts.admin) == EXPECTED
    assert scripts.admin.tenants["fl-tenant"] == {
        "adminRoles": [],
        "allowedClusters": ["9999", "10000", "77-x"],
    }, "FATE takes a tenant that is there, and adds no cluster that it has"


def test_what_is_so_already_is_left_alone(scripts: Scripts) -> None:
    scripts.register()
    scripts.admin.changes.clear()
    scripts.register()
    assert scripts.admin.changes == ["POST tenants/fl-tenant"]


def test_a_peer_that_moved_is_led_to_its_new_place(scripts: Scripts) -> None:
    scripts.register()
    scripts.peers("10000 pulsar://new.partner.example:6650\n77-x pulsar://pulsar-77-x:6650\n")
    assert scripts.run("registered").returncode != 0, "the probe must not pass before it is so"
    scripts.register()
    assert urls(scripts.admin) == EXPECTED | {"10000": "pulsar://new.partner.example:6650"}
    assert scripts.run("registered").returncode == 0


def test_one_that_is_no_peer_any_more_is_taken_away(scripts: Scripts) -> None:
    scripts.register()
    scripts.peers("77-x pulsar://pulsar-77-x:6650\n")
    scripts.register()
    assert set(scripts.admin.clusters) == {"9999", "77-x"}, "its own cluster stays"
    assert scripts.admin.tenants["fl-tenant"]["allowedClusters"] == ["9999", "77-x"]
    assert scripts.admin.changes.index("POST tenants/fl-tenant") < scripts.admin.changes.index(
        "DELETE clusters/10000"
    ), "a tenant with a cluster that is not there can never be changed again"


def test_the_probe_passes_when_broker_and_peers_are_there(scripts: Scripts) -> None:
    assert scripts.run("registered").returncode != 0, "no peer is registered yet"
    scripts.register()
    assert scripts.run("registered").returncode == 0
    scripts.admin.healthy = False
    assert scripts.run("registered").returncode != 0, "a broker that stores nothing is not well"
    scripts.admin.healthy = True
    del scripts.admin.clusters["10000"]
    ended = scripts.run("registered")
    assert ended.returncode != 0
    assert "party 10000 is not registered" in ended.stdout, "Docker shows what a probe says"


def test_a_refusal_is_told_and_tried_again(scripts: Scripts) -> None:
    scripts.admin.refused = {"PUT clusters/10000"}
    with pytest.raises(subprocess.TimeoutExpired) as ended:
        scripts.run("register", "fl-tenant", "9999", limit=4)
    told = (ended.value.stderr or b"").decode()
    assert told.count("PUT clusters/10000: HTTP/1.1 412") > 1, told
    assert urls(scripts.admin) == {"77-x": EXPECTED["77-x"]}, "one that is refused keeps no other out"


def test_a_former_peer_that_cannot_be_taken_away_keeps_nobody_out(scripts: Scripts) -> None:
    scripts.admin.clusters["5"] = {"brokerServiceUrl": "pulsar://gone:6650"}
    scripts.admin.refused = {"DELETE clusters/5"}
    assert "DELETE clusters/5: HTTP/1.1 412" in scripts.register()
    assert urls(scripts.admin) == EXPECTED | {"5": "pulsar://gone:6650"}


def start(folder: Path, addresses: str, named: str) -> tuple[str, str]:
    """Start a broker that has some addresses, one of which its name may lead to; return both that it took."""
    for program, text in (("hostname", addresses), ("getent", named)):
        (folder / program).write_text(f"#!/bin/sh\necho '{text}'\n")
        (folder / program).chmod(0o755)
    (folder / "conf").write_text("bindAddress=@@address@@\n")
    (folder / "peers.sh").write_text("exit 0\n")
    text = (SCRIPTS / "pulsar.sh").read_text().replace("/tmp/own-address", f"{folder}/own-address")
    (folder / "pulsar.sh").write_text(text.replace("/etc/fate/peers.sh", f"{folder}/peers.sh"))
    words = ("fl-tenant", "9999", "--", "cat", f"{folder}/made")
    ended = subprocess.run(
        ["sh", f"{folder}/pulsar.sh", f"{folder}/conf", f"{folder}/made", *words],
        env={"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return ended.stdout.strip(), (folder / "own-address").read_text().strip()


@pytest.mark.parametrize(
    ("addresses", "named", "own"),
    [
        ("10.5.0.2", "10.96.0.7 STREAM pulsar", "10.5.0.2"),
        ("172.22.0.2 172.23.0.2", "172.22.0.2 STREAM pulsar", "172.22.0.2"),
        ("172.23.0.2 172.22.0.2", "172.22.0.2 STREAM pulsar", "172.22.0.2"),
        ("172.23.0.2 172.23.0.20", "172.23.0.20 STREAM pulsar", "172.23.0.20"),
        ("10.5.0.2 fd00:5::2", "10.96.0.7 STREAM pulsar", "10.5.0.2"),
        ("127.0.1.1 10.5.0.2", "10.5.0.2 STREAM pulsar", "10.5.0.2"),
    ],
)
def test_of_two_networks_the_party_s_counts(tmp_path: Path, addresses: str, named: str, own: str) -> None:
    assert start(tmp_path, addresses, named) == (f"bindAddress={own}", own)


def test_it_meets_peers_by_one_port_and_its_administration_is_the_party_s(tmp_path: Path) -> None:
    made: Service = pulsar.service(context())
    assert {port.name: str(port.audience) for port in made.ports} == {"pulsar": "peers", "admin": "party"}
    assert HostPeer(id="10000", host="a.example").addresses["pulsar"] == Address("a.example", 6650)
