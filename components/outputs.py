"""What a stack tells of each party, for the doctor and for the stacks of its peers."""

from components.party import Party
from config import PartySettings, StackSettings


def party_output(settings: StackSettings, party: PartySettings, made: Party) -> dict[str, object]:
    """Return a party's row of the stack output `parties`."""
    runtime = party.runtime or settings.runtime
    expose = party.expose
    return {
        "runtime": runtime.kind,
        "host": runtime.host,
        "ssh-options": list(runtime.ssh_options),
        "containers": made.containers,
        "database": str(party.database),
        "peers": [peer.id for peer in settings.peers_of(party)],
        "api": made.api,
        "expose": expose
        and {"host": expose.host, "gateway-port": expose.gateway_port, "broker-port": expose.broker_port},
    }
