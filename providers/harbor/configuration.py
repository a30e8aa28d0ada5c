"""The provider's own configuration: which Harbor, as whom, and whose certificates count."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from clients.harbor import Harbor
from diff.shape import Property, Shape, text
from diff.values import Plain, Refusal, Unknown
from providers.harbor.checking import faults
from providers.harbor.kind import Fault

SHAPE: Shape = {
    "url": text(required=True),
    "username": text(default="admin"),
    "password": text(required=True, sensitive=True),
    "ca": text(default=""),
    "verify": text(default="true"),
}
WHAT = "the provider fate-harbor"


@dataclass(frozen=True)
class Configuration:
    """Where Harbor is and who asks it; a part is None where only `up` will know it."""

    url: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = ""
    verify: bool = True

    def harbor(self) -> Harbor:
        """Return the Harbor. Refuse where it is not known yet."""
        if self.url is None or self.username is None or self.password is None or self.ca is None:
            raise Refusal(
                f"{WHAT} needs url, username and password, and one of them is not known: give it a Harbor "
                "that is there, or let what is made here depend on the Harbor that this stack makes"
            )
        return Harbor(self.url, self.username, self.password, self._trust(self.ca))

    def _trust(self, ca: str) -> ssl.SSLContext | None:
        if self.url is None or not self.url.startswith("https://"):
            return None
        if not self.verify:
            return _trusting_all()
        return ssl.create_default_context(cadata=ca) if ca else None


def configured(values: Plain) -> Configuration:
    """Return the configuration that was checked; a switch comes as text."""
    known = {name: value for name, value in values.items() if name in SHAPE}
    texts = {name: None if isinstance(value, Unknown) else str(value) for name, value in known.items()}
    verify = (texts.pop("verify", None) or "true").lower() != "false"
    return Configuration(**texts, verify=verify)


def configuration_faults(values: Plain) -> Iterator[Fault]:
    """Yield what is wrong with a configuration, without asking any Harbor."""
    yield from faults(WHAT, SHAPE, values)
    url, ca, verify = (values.get(name) for name in ("url", "ca", "verify"))
    if isinstance(url, str):
        yield from _url_faults(url)
    if isinstance(verify, str) and verify.lower() not in ("true", "false"):
        yield "verify", f"verify of {WHAT} is true or false, and {verify!r} is neither"
    if isinstance(ca, str) and ca:
        yield from _ca_faults(ca)


def spelled(values: Plain) -> Plain:
    """Return a configuration with its switch as the text that the SDK makes of it."""
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}


def sensitive(prop: Property | None) -> bool:
    """Return whether a property is secret by what it is."""
    return prop is not None and prop.sensitive


def _url_faults(url: str) -> Iterator[Fault]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        yield (
            "url",
            f"{_without_login(url)!r} leads to no Harbor: write http:// or https://, its host and its port, "
            "without a path",
        )
    elif parts.username is not None:
        yield (
            "url",
            "the url has a login in it, which a state and a log would show: write username and password",
        )


def _without_login(url: str) -> str:
    return url.rpartition("@")[2]


def _ca_faults(ca: str) -> Iterator[Fault]:
    try:
        ssl.create_default_context(cadata=ca)
    except (ssl.SSLError, ValueError):
        yield "ca", "ca is no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----"


def _trusting_all() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
