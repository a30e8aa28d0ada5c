"""How a peer's broker is known: by what it answers to a client's first words, from where ours stands."""

from dataclasses import dataclass

from ops.doctor.reach import Answer, Reach
from ops.doctor.symptoms import Ailment, Symptom

OVER_TIME = 124
KEPT_OPEN = (
    'if command -v busybox >/dev/null; then timeout 8 busybox nc {host} {port} -e sh -c "'
    "printf '{hello}'; dd bs=600 count=1 1>&2 2>/dev/null"
    '" 2>&1; else timeout 8 bash -c "exec 3<>/dev/tcp/{host}/{port}; '
    "printf '{hello}' >&3; dd bs=600 count=1 <&3 2>/dev/null"
    '" 2>&1; fi'
)
"""Keeps the connection open until the broker has answered, and leaves at once when it has.

Official images lack busybox, and have bash.
"""


@dataclass(frozen=True)
class Greeting:
    """What a client says first, as `printf` takes it, and what stands in the answer of one that is meant."""

    name: str
    hello: str
    sign: str


GREETINGS = {
    "broker": Greeting("RabbitMQ", r"AMQP\000\000\011\001", "AMQPLAIN"),
    "pulsar": Greeting(
        "Pulsar",
        r"\000\000\000\022\000\000\000\016\010\002\022\012\012\006doctor\040\023",
        "Pulsar Server",
    ),
}
"""By the service that meets its like. Pulsar's is a frame with a CONNECT of protocol version 19."""


def greeted(reach: Reach, service: str, address: str, standing_in: str | None = None) -> str:
    """Return that a peer's broker answers as one does. Raises Ailment where it does not.

    It is greeted from the own service of its kind, or from the one that is named.
    """
    greeting = GREETINGS[service]
    answer = _answer(reach, standing_in or service, address, greeting.hello)
    seen = answer.text.strip()
    if greeting.sign in seen:
        return f"{address} answers"
    if not seen or seen.startswith("nc:"):
        silence = "no answer in 8 s" if answer.code == OVER_TIME else "it hangs up without an answer"
        raise Ailment(Symptom.PEER_BROKER_SILENT, f"{address}: {seen or silence}")
    strange = f"{address} answers, but not as a {greeting.name}: {seen[:60]!r}"
    raise Ailment(Symptom.PEER_BROKER_STRANGE, strange)


def _answer(reach: Reach, service: str, address: str, hello: str) -> Answer:
    """Greet as a client does, once more where it was hung up on: a busy broker may do so, and be well."""
    host, _, port = address.rpartition(":")
    words = ["sh", "-c", KEPT_OPEN.format(host=host, port=port, hello=hello)]
    answer = reach.exec(service, words)
    hung_up = not answer.text and answer.code != OVER_TIME
    return reach.exec(service, words) if hung_up else answer
