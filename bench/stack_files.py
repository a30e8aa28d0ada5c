"""Stack files of the measured stacks, made from the one that a user has."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

THROWAWAY_KEY = "b" * 64
"""The secret of stacks that live in a temporary folder for a minute; it opens nothing else."""
SECRET_KEY = "secret-key"

Values = dict[str, Any]


def values_in(text: str) -> Values:
    """Return the `fate:` keys of a stack file, its secret left out."""
    config = yaml.safe_load(text)["config"]
    values = {key.removeprefix("fate:"): value for key, value in config.items() if key.startswith("fate:")}
    values.pop(SECRET_KEY, None)
    return values


def stack_file(values: Mapping[str, object]) -> str:
    """Return the text of a stack file with these `fate:` keys and a throwaway secret."""
    keys = {**values, SECRET_KEY: THROWAWAY_KEY}
    return yaml.safe_dump({"config": {f"fate:{key}": value for key, value in keys.items()}}, sort_keys=False)


def pulling_from(values: Values, address: str) -> Values:
    """Return the same stack without a mirror of its own: it pulls from `address`."""
    return {**values, "mirror": {"kind": "external", "address": address}}


def with_eggroll(values: Values, address: str) -> Values:
    """Return the same stack with Eggroll and OSX, its official images pulled from `address`."""
    engines = {"computing": "eggroll", "storage": "eggroll", "federation": "osx"}
    parties = [{"id": party["id"], "engines": engines} for party in values["parties"]]
    return pulling_from({**values, "images": {"from": "hub"}, "parties": parties}, address)


def listening_on(values: Values, ports: Iterator[int]) -> Values:
    """Return the same stack with each port that it opens replaced by the next of `ports`."""
    parties = [_moved(party, "api", ports) for party in values["parties"]]
    return {**_moved(values, "mirror", ports), "parties": parties}


def _moved(values: Values, key: str, ports: Iterator[int]) -> Values:
    opened = values.get(key) or {}
    return {**values, key: {**opened, "port": next(ports)}} if "port" in opened else values


def grown_to(values: Values, number: int) -> Values:
    """Return a stack of `number` parties like the first one, each a peer of all others, none with a port."""
    pattern = {key: value for key, value in values["parties"][0].items() if key not in ("api", "expose")}
    return {**values, "parties": [{**pattern, "id": str(10000 + index)} for index in range(number)]}


def in_a_ring(values: Values) -> Values:
    """Return the same stack with each party a peer of the one before it and of the one after it."""
    ids = [party["id"] for party in values["parties"]]
    parties = [{**party, "peers": _beside(ids, place)} for place, party in enumerate(values["parties"])]
    return {**values, "parties": parties}


def _beside(ids: list[str], place: int) -> list[dict[str, str]]:
    peers = {ids[place - 1], ids[(place + 1) % len(ids)]} - {ids[place]}
    return [{"id": peer} for peer in sorted(peers)]
