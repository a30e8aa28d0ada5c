"""`docker:index/network:Network`."""

import time
from collections.abc import Mapping
from typing import Any

from offline.docker.engine import DockerEngine
from offline.docker.ownership import drifted, labelled, owned
from offline.protocol.failures import Refusal
from offline.protocol.resource import Call, Made, ResourceType, Seen
from offline.protocol.shape import record, records, switch, table, text
from offline.protocol.values import Plain

LEAVING = 15.0
POLL = 0.2
OPTIONS = {"driver": "Driver", "internal": "Internal", "attachable": "Attachable", "ipv6": "EnableIPv6"}


class Network(ResourceType[DockerEngine]):
    """A network of one engine. Every change replaces it."""

    token = "docker:index/network:Network"
    named = True
    computed = ("scope",)
    shape = record(
        name=text(),
        driver=text("bridge"),
        internal=switch(),
        attachable=switch(),
        ipv6=switch(),
        options=table(),
        labels=records("label", label=text(required=True), value=text(required=True)),
        ipamDriver=text("default"),
        ipamOptions=table(),
        ipamConfigs=records("subnet", subnet=text(), gateway=text(), ipRange=text(), auxAddress=table()),
    ).fields

    def create(self, call: Call, inputs: Plain) -> Made:
        """Make the network; one that an interrupted run left is taken as it is, or made again."""
        name = inputs["name"]
        with self.engine.api(f"network {name}") as api:
            for left in api.networks(names=[name]):
                if left["Name"] == name and self._takes(call, left, inputs):
                    return Made(left["Id"], {"scope": left["Scope"]})
            made = api.create_network(name, **_arguments(inputs, call.urn))
        return Made(made["Id"], {"scope": "local"})

    def read(self, call: Call, made: Made, inputs: Plain) -> Seen | None:
        """Look at the network: its driver, switches, options and labels."""
        seen = self._inspected(made.id)
        return Seen({"scope": seen["Scope"]}, _drift(seen, inputs)) if seen else None

    def update(self, call: Call, made: Made, old: Plain, new: Plain) -> Mapping[str, Any]:
        """Never called: every change replaces."""
        raise Refusal(f"network {old['name']} cannot change in place")

    def delete(self, call: Call, made: Made, inputs: Plain) -> None:
        """Remove the network, after the containers that are just leaving it have left."""
        self._remove(call, made.id, inputs["name"])

    def _inspected(self, network: str) -> dict[str, Any] | None:
        from docker.errors import NotFound

        with self.engine.api(f"network {network[:12]}") as api:
            try:
                found: dict[str, Any] = api.inspect_network(network)
            except NotFound:
                return None
        return found

    def _takes(self, call: Call, left: dict[str, Any], inputs: Plain) -> bool:
        """Return whether a network of that name can be taken; one of ours that cannot is removed."""
        if not owned(left["Labels"], call.urn):
            raise Refusal(
                f"network {inputs['name']}: a network of that name exists and is not this stack's. "
                f"Remove it (`docker network rm {left['Id'][:12]}`), or give the stack another name."
            )
        if not _drift(left, inputs):
            return True
        self._remove(call, left["Id"], inputs["name"])
        return False

    def _remove(self, call: Call, network: str, name: str) -> None:
        deadline = time.monotonic() + LEAVING
        while attached := self._try_to_remove(network, name):
            if time.monotonic() > deadline or call.cancelled.wait(POLL):
                raise Refusal(
                    f"network {name}: still used by {', '.join(attached)}. "
                    f"Disconnect them (`docker network disconnect {name} CONTAINER`) and run this again."
                )

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


def _arguments(inputs: Plain, urn: str) -> dict[str, Any]:
    """Return the arguments of the engine's call."""
    pools = [
        {
            "Subnet": pool.get("subnet"),
            "Gateway": pool.get("gateway"),
            "IPRange": pool.get("ipRange"),
            "AuxiliaryAddresses": pool.get("auxAddress"),
        }
        for pool in inputs.get("ipamConfigs", ())
    ]
    ipam = {
        "Driver": inputs["ipamDriver"],
        "Config": [{key: value for key, value in pool.items() if value} for pool in pools],
        "Options": inputs.get("ipamOptions"),
    }
    return {
        "driver": inputs["driver"],
        "options": inputs.get("options"),
        "internal": inputs.get("internal", False),
        "attachable": inputs.get("attachable"),
        "enable_ipv6": inputs.get("ipv6", False),
        "labels": labelled(inputs.get("labels", []), urn),
        "ipam": ipam,
        "check_duplicate": True,
    }


def _drift(seen: dict[str, Any], inputs: Plain) -> dict[str, Any]:
    """Return the inputs that the network no longer has."""
    drift = {name: seen[key] for name, key in OPTIONS.items() if name in inputs and seen[key] != inputs[name]}
    options = {
        key: value for key, value in (seen["Options"] or {}).items() if key in inputs.get("options", {})
    }
    if options != inputs.get("options", {}):
        drift["options"] = options
    labels = drifted(inputs.get("labels", []), seen["Labels"])
    if labels is not None:
        drift["labels"] = labels
    pools = (seen["IPAM"] or {}).get("Config") or []
    subnets = {pool.get("Subnet") for pool in pools}
    if any(pool.get("subnet") not in subnets | {None} for pool in inputs.get("ipamConfigs", ())):
        drift["ipamConfigs"] = [{"subnet": subnet} for subnet in sorted(subnets - {None})]
    return drift
