"""What of a party others run, put together, and the party beside it."""

from config import PartySettings
from config.external import External
from ops.migrate.migrated_stack import Values


def external_of(parts: Values) -> Values:
    """Return `external` of a party, as it has it among its keys; nothing where others run nothing of it."""
    said = {key: part for key, part in parts.items() if part}
    return {"external": said} if said else {}


def beside_others(party: PartySettings, external: Values) -> PartySettings:
    """Return a party of which others run what is `external`: it has no service in that place."""
    parts = External.model_validate(external.get("external", {}), by_alias=True, by_name=False)
    return party.model_copy(update={"external": parts})
