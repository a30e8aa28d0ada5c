"""`docker:index/network:Network`."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from diff.docker.rules import NetworkRules
from diff.state import ordered
from diff.values import Plain
from offline.docker.engine import DockerEngine, as_map, as_pairs
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType

LEAVING = 30.0
POLL = 0.2
SWITCHES = {"internal": "Internal", "attachable": "Attachable", "ipv6": "EnableIPv6"}


class Network(NetworkRules, ResourceType[DockerEngine]):
    """A network of one engine. Every change replaces it; one of that name that exists is never taken."""

    def create(self, call: Call, state: Plain) -> Made:
        """Make the network."""
        name = state["name"]
        with self.engine.api(f"network {name}: Unable to create network") as api:
            made = api.create_network(name, **_arguments(state))
        return Made(made["Id"], _seen(self._inspected(made["Id"]) or {}))

    def read(self, call: Call, made: Made) -> Made | None:
        """Look at the network."""
        found = self._inspected(made.id)
        return replace(made, outputs=_seen(found)) if found else None

    def update(self, call: Call, made: Made, state: Plain) -> Mapping[str, Any]:
        """Never called: every change replaces."""
        raise Refusal(f"network {state['name']} cannot change in place")

    def delete(self, call: Call, made: Made) -> None:
        """Remove the network, after the containers that are just leaving it have left."""
        name = made.outputs["name"]
        deadline = time.monotonic() + LEAVING
        while attached := self._try_to_remove(made.id, name):
            if time.monotonic() > deadline or call.cancelled.wait(POLL):
                raise Refusal(
                    f"network {name}: timeout while waiting for state to become 'removed': still used by "
                    f"{', '.join(attached)}. Disconnect them "
                    f"(`docker network disconnect {name} CONTAINER`) and run this again."
                )

    def _inspected(self, network: str) -> dict[str, Any] | None:
        from docker.errors import NotFound

        with self.engine.api(f"network {network[:12]}") as api:
            try:
                found: dict[str, Any] = api.inspect_network(network)
            except NotFound:
                return None
        return found

    def _try_to_remove(self, network: str, name: str) -> list[str]:
        """Remove the network and return nothing, or return the names of those who still use it."""
        from docker.errors import APIError, NotFound

        with self.engine.api(f"network {name}") as api:
            try:
                api.remove_network(network)
            except NotFound:
                return []
            except APIError as failure:
                if "active endpoints" not in str(failure.explanation):
                    raise
                users = (self._inspected(network) or {}).get("Containers") or {}
                return sorted(user["Name"] for user in users.values()) or ["a container that is leaving"]
        return []


def _arguments(state: Plain) -> dict[str, Any]:
    """Return the arguments of the engine's call."""
    pools = [
        {
            "Subnet": pool.get("subnet"),
            "Gateway": pool.get("gateway"),
            "IPRange": pool.get("ipRange"),
            "AuxiliaryAddresses": pool.get("auxAddress"),
        }
        for pool in state.get("ipamConfigs", ())
    ]
    ipam = {
        "Driver": state["ipamDriver"],
        "Config": [{key: value for key, value in pool.items() if value} for pool in pools],
        "Options": state.get("ipamOptions"),
    }
    return {
        "driver": state.get("driver", "bridge"),
        "options": state.get("options"),
        "internal": state.get("internal", False),
        "attachable": state.get("attachable"),
        "enable_ipv6": state.get("ipv6", False),
        "labels": as_map(state.get("labels", [])),
        "ipam": ipam,
        "check_duplicate": True,
    }


def _seen(inspected: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that the engine tells."""
    pools = (inspected["IPAM"] or {}).get("Config") or []
    found = {
        "name": inspected["Name"],
        "scope": inspected["Scope"],
        "driver": inspected["Driver"],
        "options": inspected["Options"] or {},
        "labels": as_pairs(inspected["Labels"]),
        "ipamDriver": inspected["IPAM"]["Driver"],
        "ipamOptions": inspected["IPAM"]["Options"] or {},
        "ipamConfigs": [
            {
                "subnet": pool.get("Subnet", ""),
                "gateway": pool.get("Gateway", ""),
                "ipRange": pool.get("IPRange", ""),
                "auxAddress": pool.get("AuxiliaryAddresses") or {},
            }
            for pool in pools
        ],
        **{name: inspected[key] for name, key in SWITCHES.items()},
    }
    shape = Network.shape
    return {name: ordered(shape[name], value) if name in shape else value for name, value in found.items()}
