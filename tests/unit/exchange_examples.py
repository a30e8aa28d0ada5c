"""Stars by name: those that can work, and those that cannot, with path, reason and remedy."""

from tests.unit.stack_values import (
    EXPOSE,
    EXTERNAL,
    STANDALONE,
    Refusal,
    Values,
    behind,
    middle,
    on,
    one,
    osx_starred,
    stack,
    starred,
    two,
)

MEMBER = {"id": "9999", "host": "fate.bank.example", "broker-at": 5701}
OTHER = {"id": "10000", "stack": "organization/fate/party-10000", "broker-at": 5702}
AT_A_HOST = {"host": "fate.exchange.example"}
AT_A_STACK = {"stack": "organization/fate/exchange"}
OPEN = {"host": "fate.exchange.example", "gateway-port": 30700}
CLUSTER = {"kind": "kubernetes", "context": "prod"}


def in_a_cluster(*members: Values, **changes: object) -> Values:
    """Return an exchange of its own on a cluster; `changes` are keys of its runtime, or `expose`."""
    expose = changes.pop("expose", OPEN)
    exchange = {"kind": "gateway", "expose": expose, "parties": [*members]}
    return middle(runtime={**CLUSTER, **changes}, mirror=EXTERNAL, exchange=exchange)


def behind_osx(exchange: Values) -> Values:
    """Return a party whose federation is OSX, and its one way an exchange elsewhere."""
    values = osx_starred({"exchange": exchange, "expose": EXPOSE, "peers": [{"id": "1"}]})
    values["parties"] = values["parties"][:1]
    del values["exchange"]
    return values


AT_A_NODE = {**MEMBER, "broker-at": 30701}

ACCEPTED_STARS: dict[str, Values] = {
    "a star of two parties": starred(),
    "a star of four, two of them elsewhere": starred(
        {"peers": [{"id": "10000"}, {"id": "1"}]},
        {"peers": [{"id": "9999"}, {"id": "2"}]},
        expose=AT_A_HOST,
        parties=[{**MEMBER, "id": "1", "broker-at": 5703}, {**OTHER, "id": "2", "broker-at": 5704}],
    ),
    "a star and a peer with a way of its own": starred(
        {"peers": [{"id": "10000"}, {"id": "1", "host": "a.example"}], "expose": EXPOSE}
    ),
    "an exchange alone": middle(MEMBER, OTHER),
    "an exchange alone, with an empty list of parties": middle(MEMBER, parties=[]),
    "a party behind an exchange at a host": behind(AT_A_HOST),
    "a party behind the exchange of another stack": behind(AT_A_STACK, peers=[{"id": "1"}]),
    "a party behind an exchange on another engine": starred(
        on("ssh://a@b.example", expose=EXPOSE), expose=AT_A_HOST
    )
    | {"mirror": EXTERNAL},
    "an exchange on an engine of its own": starred(
        {"expose": EXPOSE},
        {"expose": {**EXPOSE, "bind": "192.0.2.2"}},
        runtime={"kind": "docker", "host": "ssh://a@b.example"},
        expose=AT_A_HOST,
    )
    | {"mirror": EXTERNAL},
    "a star of OSX": osx_starred(),
    "a star of OSX, one party of it elsewhere": osx_starred(
        expose=AT_A_HOST, parties=[{"id": "1", "host": "fate.partner.example"}]
    ),
    "a party with OSX behind an exchange at a host": behind_osx(AT_A_HOST),
    "a party with OSX behind the exchange of another stack": behind_osx(AT_A_STACK),
    "an exchange on a cluster": in_a_cluster(AT_A_NODE),
    "an exchange behind a load balancer": in_a_cluster(
        MEMBER, exposure={"kind": "load-balancer", "reach": "internal"}, expose={**OPEN, "gateway-port": 80}
    ),
}

REFUSED_STARS: dict[str, Refusal] = {
    "an unknown kind of exchange": (
        middle(exchange={"kind": "gatway"}),
        "fate:exchange.kind",
        "not a kind",
        "kind: gateway",
    ),
    "an exchange by host and stack": (
        behind({**AT_A_HOST, **AT_A_STACK}),
        "fate:parties[0].exchange",
        "both host and stack",
        "keep host",
    ),
    "a party of an exchange without a way": (
        middle({"id": "9999", "broker-at": 5701}),
        "fate:exchange.parties[0].host",
        "is missing",
        "write host",
    ),
    "an exchange that this stack has not": (
        one(exchange={"broker-at": 5701}),
        "fate:parties[0].exchange",
        "which has none",
        "write fate:exchange: {kind: gateway}",
    ),
    "an exchange with nobody behind it": (
        stack(exchange={"kind": "gateway"}),
        "fate:exchange.parties",
        "would lead to nobody",
        "broker-at: 5701",
    ),
    "a party of this stack listed at its exchange": (
        starred(parties=[{**MEMBER, "broker-at": 5703}], expose=AT_A_HOST),
        "fate:exchange.parties[0].id",
        "of this stack",
        "at the party",
    ),
    "a party of an exchange twice": (
        middle(MEMBER, {**MEMBER, "broker-at": 5702}),
        "fate:exchange.parties[1].id",
        "listed twice",
        "keep one",
    ),
    "a broker behind an exchange of OSX": (
        starred(kind="osx"),
        "fate:parties[0].exchange",
        "meets its peers at its gateway, which an exchange of kind osx does not pass on",
        "write engines.federation: osx, or fate:exchange: {kind: gateway}",
    ),
    "OSX behind an exchange of gateways": (
        osx_starred(kind="gateway"),
        "fate:parties[0].exchange",
        "meets its peers at its osx, which an exchange of kind gateway does not pass on",
        "write engines.federation: rabbitmq, or fate:exchange: {kind: osx}",
    ),
    "a port at an exchange of OSX": (
        osx_starred(parties=[{"id": "1", "host": "a.example", "broker-at": 5701}], expose=AT_A_HOST),
        "fate:exchange.parties[0].broker-at",
        "names its party",
        "leave broker-at out",
    ),
    "an exchange of OSX with nobody behind it": (
        {**osx_starred({"exchange": None}), "parties": [], "mirror": EXTERNAL},
        "fate:exchange.parties",
        "would lead to nobody",
        'write - {id: "9999", host: fate.bank.example} below it',
    ),
    "a party without a port at the exchange": (
        starred({"exchange": {}}),
        "fate:parties[0].exchange.broker-at",
        "names no party",
        "write broker-at: 5701",
    ),
    "a party elsewhere without a port at the exchange": (
        middle({"id": "9999", "host": "fate.bank.example"}),
        "fate:exchange.parties[0].broker-at",
        "names no party",
        "write broker-at: 5701",
    ),
    "a port at the exchange for a broker that is not there": (
        starred({"engines": STANDALONE, "peers": []}, {"peers": []}),
        "fate:parties[0].exchange.broker-at",
        "has no broker: its engines.federation is another",
        "leave broker-at out",
    ),
    "one port of the exchange for two parties": (
        starred({"exchange": {"broker-at": 5702}}),
        "fate:parties[1].exchange.broker-at",
        "the broker of party 9999 already",
        "a port of its own",
    ),
    "one port of an open exchange for two parties": (
        starred({"exchange": {"broker-at": 5702}}, expose=AT_A_HOST),
        "fate:parties[1].exchange.broker-at",
        "the broker of party 9999 already",
        "a port of its own",
    ),
    "the exchange's own port for a broker": (
        starred({"exchange": {"broker-at": 9300}}),
        "fate:parties[0].exchange.broker-at",
        "the calls to all parties already",
        "a port of its own",
    ),
    "a port that only root opens": (
        starred({"exchange": {"broker-at": 701}}),
        "fate:parties[0].exchange.broker-at",
        "without root",
        "write 1024 or more",
    ),
    "a peer that the exchange does not know": (
        starred({"peers": [{"id": "10000"}, {"id": "1"}]}),
        "fate:parties[0].peers[1]",
        'does not know party "1"',
        "below fate:exchange.parties",
    ),
    "a peer that is behind another exchange": (
        starred(
            {"peers": [{"id": "10000"}]},
            {"exchange": AT_A_HOST, "expose": EXPOSE, "peers": [{"id": "9999", "broker-at": 5701}]},
        ),
        "fate:parties[0].peers[0]",
        'does not know party "10000"',
        "below fate:exchange.parties",
    ),
    "a peer in the same stack that is behind no exchange": (
        two({"exchange": {"broker-at": 5701}}, exchange={"kind": "gateway"}),
        "fate:parties[1].exchange",
        "through an exchange only",
        'peers without "9999"',
    ),
    "a peer's port at an exchange that the party is not behind": (
        one(expose=EXPOSE, peers=[{"id": "1", "broker-at": 5702}]),
        "fate:parties[0].peers[0].broker-at",
        "is behind none",
        "write exchange: {host: ...} at the party",
    ),
    "a peer's port that the exchange tells": (
        behind(AT_A_STACK),
        "fate:parties[0].peers[0].broker-at",
        "is known from the exchange itself",
        "leave it out",
    ),
    "a peer without its port at an exchange by host": (
        behind(AT_A_HOST, peers=[{"id": "1"}]),
        "fate:parties[0].peers[0].broker-at",
        "which port of the exchange leads to the broker",
        'write {id: "1", broker-at: 5701}',
    ),
    "peers by default behind an exchange by host": (
        two(
            {"exchange": AT_A_HOST, "expose": EXPOSE},
            {
                "exchange": AT_A_HOST,
                "expose": {**EXPOSE, "bind": "192.0.2.2"},
                "peers": [{"id": "9999", "broker-at": 5701}],
            },
        ),
        "fate:parties[0].peers.broker-at",
        'to the broker of peer "10000"',
        'write {id: "10000", broker-at: 5701}',
    ),
    "a party that the exchange elsewhere cannot dial": (
        one(exchange=AT_A_HOST, peers=[{"id": "1", "broker-at": 5702}]),
        "fate:parties[0].expose",
        "the exchange is elsewhere",
        "write expose",
    ),
    "an exchange that parties elsewhere cannot dial": (
        starred({"peers": [{"id": "10000"}]}, parties=[{**MEMBER, "id": "1", "broker-at": 5703}]),
        "fate:exchange.expose",
        "parties elsewhere (1) have no way",
        "write expose",
    ),
    "an exchange on the mirror's port": (
        starred(expose={"host": "a.example", "gateway-port": 5000}),
        "fate:exchange.expose.gateway-port",
        "opened for the mirror already",
        "such as 5001",
    ),
    "a party's broker on the exchange's port for it": (
        starred(
            {"expose": {"host": "a.example", "gateway-port": 9301, "broker-port": 5701}}, expose=AT_A_HOST
        ),
        "fate:parties[0].expose.broker-port",
        "opened for the exchange already",
        "such as 5703",
    ),
    "sources of an exchange on Docker": (
        starred(expose={"host": "a.example", "sources": ["192.0.2.0/24"]}),
        "fate:exchange.expose.sources",
        "is for Kubernetes",
        "filter in the firewall",
    ),
    "an exchange behind an Ingress": (
        in_a_cluster(AT_A_NODE, exposure={"kind": "ingress"}),
        "fate:runtime.exposure.kind",
        "is no HTTP of theirs",
        "kind: load-balancer",
    ),
    "an exchange behind a balancer that may be public": (
        in_a_cluster(MEMBER, exposure={"kind": "load-balancer"}),
        "fate:runtime.exposure.reach",
        "a public address",
        "reach: public",
    ),
    "an exchange's address in a cluster": (
        in_a_cluster(AT_A_NODE, expose={**OPEN, "bind": "192.0.2.1"}),
        "fate:exchange.expose.bind",
        "without effect in a cluster",
        "leave bind out",
    ),
    "a port for a broker that no node opens": (
        in_a_cluster(MEMBER),
        "fate:exchange.parties[0].broker-at",
        "5701 cannot be opened",
        "write broker-at: 30701",
    ),
    "an exchange that cannot pull from a mirror on another machine": (
        starred(
            {"expose": EXPOSE},
            {"expose": {**EXPOSE, "bind": "192.0.2.2"}},
            runtime={"kind": "docker", "host": "ssh://a@b.example"},
            expose=AT_A_HOST,
        ),
        "fate:exchange.runtime.host",
        "cannot pull from the mirror",
        "kind: external",
    ),
}
