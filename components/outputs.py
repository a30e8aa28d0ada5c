"""What a stack tells of each party, for the doctor and for the stacks of its peers."""

from components.party import Party
from components.runtimes.docker import DockerHost
from config import PartySettings, StackSettings


def party_output(
    settings: StackSettings, party: PartySettings, host: DockerHost, made: Party
) -> dict[str, object]:
    """Return a party's row of the stack output `parties`."""
    engine = host.settings
    expose = party.expose
    return {
        "runtime": engine.kind,
        "host": engine.host,
        "ssh-options": list(engine.ssh_options),
        "containers": made.containers,
        "database": str(party.database),
        "peers": [peer.id for peer in settings.peers_of(party)],
        "api": made.api,
        "expose": expose
        and {"host": expose.host, "gateway-port": expose.gateway_port, "broker-port": expose.broker_port},
    }
