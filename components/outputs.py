"""What a stack tells of each party, for the doctor and for the stacks of its peers."""

from components.party import Party
from components.runtimes.runtime import Runtime
from components.services.routes import by_id
from config import PartySettings, StackSettings


def party_output(
    settings: StackSettings, party: PartySettings, runtime: Runtime, made: Party
) -> dict[str, object]:
    """Return a party's row of the stack output `parties`."""
    expose = party.expose
    return {
        "runtime": settings.runtime_of(party).kind,
        **runtime.address(party.id),
        "containers": made.containers,
        "database": str(party.database),
        "peers": sorted((peer.id for peer in settings.peers_of(party)), key=by_id),
        "api": made.api,
        "expose": expose
        and {
            "host": expose.host,
            "broker-host": expose.host_of_broker,
            "gateway-port": expose.gateway_port,
            "broker-port": expose.broker_port,
        },
    }
