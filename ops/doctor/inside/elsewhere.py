"""Whether something answers at a host and port outside of the party, asked from where FATE-Flow stands."""

from __future__ import annotations

import socket

from ops.doctor.inside.party import ailment, reason

LIMIT = 5


def main(symptom: str, place: str) -> dict[str, str]:
    """Connect and hang up; where that fails, `symptom` is told."""
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), LIMIT).close()
    except OSError as error:
        return ailment(symptom, f"{place}: {reason(error)}")
    return {"detail": f"{place} takes connections"}
