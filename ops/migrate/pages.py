"""The pages that a party opens for its operator: FATEBoard and the notebook, each with a password of its own.

KubeFATE opens them to everybody, the notebook without a password unless its file has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from config import PartySettings, catalogue
from ops.migrate import accepted
from ops.migrate.account import Account
from ops.migrate.images_of_release import Origin, beside
from ops.migrate.migrated_stack import Values
from ops.migrate.party_of_engines import party_with
from ops.migrate.variants import variant_of

BOARD, NOTEBOOK = "board", "notebook"
DERIVED = "its password is derived: pulumi stack output logins --show-secrets tells it"
ON_LOOPBACK = f"opened on 127.0.0.1 of its machine, where KubeFATE opened it to all; {DERIVED}"
MODULES = {BOARD: "fateboard", NOTEBOOK: "client"}


@dataclass(frozen=True)
class Shape:
    """What a party has: its services, the pages among them, and where all their images come from."""

    party: PartySettings
    origin: Origin
    pages: Mapping[str, Values]
    hosts: tuple[str, ...] = ()
    """The hosts of their Ingresses."""


@dataclass(frozen=True)
class Wish:
    """A page that a source asks for: what a stack says of it, and the keys that ask."""

    page: str
    values: Values
    keys: tuple[str, ...]


def shape_on_docker(account: Account, party: PartySettings, origin: Origin, place: str) -> Shape:
    """Return the shape of each party of a `parties.conf`."""
    shape = Shape(party, origin, {})
    board = ("fateboard_username", "fateboard_password")
    if account.first(*board):
        user = _user(account, "fateboard_username")
        wish = Wish(BOARD, {"port": _port(BOARD), **user}, board)
        shape = _granted(account, shape, wish)
    if account.first("notebook_hashed_password"):
        wish = Wish(NOTEBOOK, {"port": _port(NOTEBOOK)}, ("notebook_hashed_password",))
        shape = _granted(account, shape, wish)
    _account_for_docker(account, shape, place)
    return shape


def pages_at(shape: Shape, turn: int) -> Values:
    """Return the pages of a party before which there are `turn` others on its machine."""
    return {page: {**values, "port": _port(page) + turn} for page, values in shape.pages.items()}


def shape_on_kubernetes(account: Account, party: PartySettings, origin: Origin, place: str) -> Shape:
    """Return the shape of the party of a `cluster.yaml`: it has a page where its modules list it."""
    shape = Shape(party, origin, {})
    listed = accepted.listed(account.value("modules"))
    for page, module in MODULES.items():
        if module in listed:
            user = _user(account, "fateboard.username") if page == BOARD else {}
            shape = _granted(account, shape, Wish(page, user, ("modules", *account.below(module))))
    for page, module in MODULES.items():
        if page in shape.pages:
            shape = _with_ingress(account, shape, page, module, place)
            _account_for_login(account, shape, page, place)
    return shape


def _with_pages(party: PartySettings, pages: Mapping[str, Values]) -> PartySettings:
    return party_with(party.engines, {**variant_of(party), **pages})


def _port(page: str) -> int:
    return catalogue().pages()[page][1].number


def _user(account: Account, key: str) -> Values:
    user = accepted.value_of(accepted.USER, account.text(key))
    return {"user": user} if user else {}


def _granted(account: Account, shape: Shape, wish: Wish) -> Shape:
    """Return the shape with a page, or as it is where the release has no image for it."""
    pages = {**shape.pages, wish.page: wish.values}
    party = _with_pages(shape.party, pages)
    origin = beside(party, shape.origin)
    if origin is not None:
        return Shape(party, origin, pages)
    service, _ = catalogue().pages()[wish.page]
    for key in wish.keys:
        account.without_counterpart(
            key, f"FATE {shape.origin.release} has no image of a {service} from {shape.origin.source}"
        )
    return shape


def _account_for_docker(account: Account, shape: Shape, place: str) -> None:
    if BOARD in shape.pages:
        if "user" in shape.pages[BOARD]:
            account.kept("fateboard_username", f"{place}.board.user", note=ON_LOOPBACK)
        account.not_needed("fateboard_password", DERIVED)
    if NOTEBOOK in shape.pages:
        account.kept("notebook_hashed_password", f"{place}.notebook", note=ON_LOOPBACK)


def _account_for_login(account: Account, shape: Shape, page: str, place: str) -> None:
    if page == BOARD and "user" in shape.pages[BOARD]:
        account.kept("fateboard.username", f"{place}.board.user")
    secret = "fateboard.password" if page == BOARD else "client.notebook_hashed_password"
    account.not_needed(secret, DERIVED)


def _with_ingress(account: Account, shape: Shape, page: str, module: str, place: str) -> Shape:
    """Return the shape with the page's Ingress: the first host that it has, and its first certificate."""
    at = f"{place}.{page}.ingress"
    host = _host(account, module, at, shape.hosts)
    if host is None:
        return shape
    ingress = {"host": host, **_class(account, at), **_certificate(account, module, at)}
    pages = {**shape.pages, page: {**shape.pages[page], "ingress": ingress}}
    party = _with_pages(shape.party, pages)
    return replace(shape, party=party, pages=pages, hosts=(*shape.hosts, host))


def _host(account: Account, module: str, place: str, taken: tuple[str, ...]) -> str | None:
    key = account.first(f"ingress.{module}.hosts", f"host.{module}")
    given = account.value(key) if key else None
    first = given[0] if isinstance(given, list) and given else given
    host = accepted.value_of(accepted.OBJECT, first.get("name") if isinstance(first, dict) else first)
    if host is None or host in taken:
        return None
    more = isinstance(given, list) and len(given) > 1
    account.kept(key, f"{place}.host", note="a page has one host: the first" if more else "")
    return host


def _class(account: Account, place: str) -> Values:
    name = accepted.value_of(accepted.OBJECT, account.text("ingressClassName"))
    if name is None:
        return {}
    account.kept("ingressClassName", f"{place}.class")
    return {"class": name}


def _certificate(account: Account, module: str, place: str) -> Values:
    key = f"ingress.{module}.tls"
    given = account.value(key)
    first = given[0] if isinstance(given, list) and given else None
    secret = accepted.value_of(accepted.OBJECT, first.get("secretName") if isinstance(first, dict) else None)
    if secret is None:
        return {}
    account.kept(key, f"{place}.tls-secret", note="it must exist in the namespace")
    return {"tls-secret": secret}
