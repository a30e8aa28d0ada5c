"""The secrets of a Harbor: every value that its installer would draw at random, derived from the stack's key.

Those of a database, a Redis and a certificate that others run or gave are theirs, and only passed on.
"""

from collections.abc import Mapping
from functools import partial

from components.services import harbor, harborcache, harborproxy, harborregistry
from components.services.derived_keys import ServerCertificate, rsa_key, server_certificate
from components.services.passwords import derive
from components.services.service import Secret
from config import HarborMirror

ADMIN = "admin"
CONTENTS = "harbor"
"""The owner of the robots: what is in a Harbor, whoever runs it."""
PUSHER, EXCHANGE = "push", "exchange"
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def values(
    secret_key: str, owner: str, settings: HarborMirror, given: Mapping[str, str]
) -> dict[Secret, str]:
    """Return the value of every secret of a Harbor's services; `given` are those of others, by name."""
    derived = partial(derive, secret_key, owner)
    found = {
        harbor.ADMIN_PASSWORD: admin_password(secret_key, owner),
        harbor.CORE_SECRET: spelled(derived(harbor.CORE_SECRET), 16),
        harbor.JOBSERVICE_SECRET: spelled(derived(harbor.JOBSERVICE_SECRET), 16),
        harbor.CSRF_KEY: spelled(derived(harbor.CSRF_KEY), 32),
        harbor.CIPHER_KEY: spelled(derived(harbor.CIPHER_KEY), 16),
        harbor.TOKEN_KEY: rsa_key(secret_key, f"{owner}/{harbor.TOKEN_KEY.holder}"),
        harbor.REGISTRY_PASSWORD: derived(harbor.REGISTRY_PASSWORD),
        harbor.HTTP_SECRET: derived(harbor.HTTP_SECRET),
        harbor.HTPASSWD: harborregistry.htpasswd(secret_key, derived(harbor.REGISTRY_PASSWORD)),
    }
    database = harbor.database_password(settings)
    found[database] = given[database.given] if database.given else derived(database)
    return {
        **found,
        **_of_the_cache(settings, derived, given),
        **_of_the_proxy(secret_key, owner, settings, given),
    }


def admin_password(secret_key: str, owner: str) -> str:
    """Return the password of Harbor's first account."""
    return _strong(derive(secret_key, owner, harbor.ADMIN_PASSWORD))


def robot_of(who: str) -> str:
    """Return what the robot is called that a party pulls by, an exchange, or who pushes."""
    return who if who in (PUSHER, EXCHANGE) else f"party-{who}"


def robot_secret(secret_key: str, owner: str, robot: str) -> str:
    """Return the secret of a robot of Harbor's, which wants what its accounts do."""
    return _strong(derive(secret_key, owner, Secret("secret", f"robot-{robot}")))


def authority_of(secret_key: str, owner: str, settings: HarborMirror) -> str | None:
    """Return the certificate of the authority that engines must trust; None where the stack was given one."""
    return None if settings.tls else _own_certificate(secret_key, owner, settings).authority


def spelled(hexadecimal: str, length: int) -> str:
    """Return a number as so many letters and digits: 16 of them hold 95 bits, as hexadecimal ones 64."""
    number, signs = int(hexadecimal, 16), []
    for _ in range(length):
        number, sign = divmod(number, len(SIGNS))
        signs.append(SIGNS[sign])
    return "".join(signs)


def _strong(hexadecimal: str) -> str:
    """Return what Harbor takes for a password: an upper and a lower letter, a digit, 32 signs more."""
    return f"Aa1{spelled(hexadecimal, 32)}"


def _of_the_cache(
    settings: HarborMirror, derived: "partial[str]", given: Mapping[str, str]
) -> dict[Secret, str]:
    password, in_urls = harbor.cache_password(settings), harbor.cache_password_in_urls(settings)
    if password is None or in_urls is None:
        return {}
    plain = given[password.given] if password.given else derived(password)
    found = {password: plain, in_urls: harbor.in_urls(plain)}
    return found if password.given else {**found, harbor.CACHE_CONF: harborcache.password_conf(plain)}


def _of_the_proxy(
    secret_key: str, owner: str, settings: HarborMirror, given: Mapping[str, str]
) -> dict[Secret, str]:
    certificate, key = harborproxy.certificate(settings), harborproxy.certificate_key(settings)
    if settings.tls:
        return {each: f"{given[each.given].rstrip()}\n" for each in (certificate, key)}
    made = _own_certificate(secret_key, owner, settings)
    return {certificate: made.certificate, key: made.key}


def _own_certificate(secret_key: str, owner: str, settings: HarborMirror) -> ServerCertificate:
    return server_certificate(secret_key, f"{owner}/{harbor.PROXY}", settings.host)
