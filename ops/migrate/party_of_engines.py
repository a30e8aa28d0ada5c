"""What a party has by its engines, and which of KubeFATE's modules its services stand in the place of."""

from collections.abc import Mapping

from config import Engines, PartySettings, catalogue


def party_with(engines: Engines, keys: Mapping[str, object] | None = None) -> PartySettings:
    """Return a party of which nothing is known but its engines, and some other keys as a stack has them."""
    values = {"id": "9999", "engines": engines.model_dump(mode="json"), **(keys or {})}
    return PartySettings.model_validate(values, by_alias=True, by_name=False)


def modules_of(party: PartySettings) -> Mapping[str, str]:
    """Return the service that stands in a module's place, by the module, in the order of the services."""
    return {
        module: service
        for service in party.service_names
        for module in catalogue().services[service].kubefate
    }


def met_by_peers(party: PartySettings) -> tuple[str, ...]:
    """Return the services of a party that peers dial; what speaks HTTP first."""
    return tuple(service for service in catalogue().met_by_peers() if service in party.service_names)
