"""Harbor's core: its API, its logins and tokens. It reads nearly all of its settings from the environment.

It keeps the admin's password of its first start, and what it ciphered with one key it reads with no other: so
a stack's secret key is not to be replaced under it. Environment: facts/registry.md; KEY_PATH,
TOKEN_PRIVATE_KEY_PATH: Harbor 2.15.2, src/lib/config/systemconfig.go.
"""

from components.services.harbor import (
    ADMIN_PASSWORD,
    CIPHER_KEY,
    CORE_SECRET,
    CSRF_KEY,
    DATABASE_NAME,
    DATABASE_USER,
    JOBSERVICE_SECRET,
    LAYERS,
    REGISTRY_PASSWORD,
    REGISTRY_USER,
    SESSIONS,
    TOKEN_KEY,
    address,
    cache_password_in_urls,
    cache_url,
    database_password,
    held,
    of_harbor,
    url,
)
from components.services.service import Command, File, Probe, Service
from config import HarborMirror, catalogue

PORT = catalogue().first_port("harborcore")
APP_CONF = "/etc/core/app.conf"
ADAPTERS = (
    "ali-acr,aws-ecr,azure-acr,docker-hub,docker-registry,github-ghcr,google-gcr,harbor,huawei-SWR,"
    "jfrog-artifactory,tencent-tcr,volcengine-cr"
)
CACHED = (
    "docker-hub,harbor,azure-acr,ali-acr,aws-ecr,google-gcr,docker-registry,github-ghcr,jfrog-artifactory"
)


def app_conf() -> str:
    """Render `app.conf`."""
    return f"appname = Harbor\nrunmode = prod\nenablegzip = true\n\n[prod]\nhttpport = {PORT}\n"


def environment(settings: HarborMirror) -> dict[str, str]:
    """Return the variables of core that hold no secret."""
    return {
        **_itself(settings),
        **_database(settings),
        **_other_services(),
        "REGISTRY_STORAGE_PROVIDER_NAME": "filesystem",
        "REGISTRY_CREDENTIAL_USERNAME": REGISTRY_USER,
        "MAX_JOB_WORKERS": "10",
        "WITH_TRIVY": "false",
        "ROBOT_SCANNER_NAME_PREFIX": "fatescan",
        "PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE": CACHED,
        "REPLICATION_ADAPTER_WHITELIST": ADAPTERS,
    }


def exports(settings: HarborMirror) -> dict[str, str]:
    """Return the variables of core that hold secrets, for a shell to fill in."""
    return {
        "_REDIS_URL_CORE": cache_url(settings, SESSIONS),
        "_REDIS_URL_REG": cache_url(settings, LAYERS),
        "POSTGRESQL_PASSWORD": held(database_password(settings)),
        "HARBOR_ADMIN_PASSWORD": held(ADMIN_PASSWORD),
        "CORE_SECRET": held(CORE_SECRET),
        "JOBSERVICE_SECRET": held(JOBSERVICE_SECRET),
        "REGISTRY_CREDENTIAL_PASSWORD": held(REGISTRY_PASSWORD),
        "CSRF_KEY": held(CSRF_KEY),
    }


def service(settings: HarborMirror) -> Service:
    """Make the core of a Harbor. It speaks HTTP to the proxy before it."""
    cache = cache_password_in_urls(settings)
    return of_harbor(
        "harborcore",
        settings,
        probe=Probe(Command(("curl", "--fail", "-s", f"http://127.0.0.1:{PORT}/api/v2.0/ping"))),
        environment=environment(settings),
        exports=exports(settings),
        files=(File.named(APP_CONF, app_conf()),),
        secrets=(
            ADMIN_PASSWORD,
            CORE_SECRET,
            JOBSERVICE_SECRET,
            CSRF_KEY,
            CIPHER_KEY,
            TOKEN_KEY,
            REGISTRY_PASSWORD,
            database_password(settings),
            *((cache,) if cache else ()),
        ),
    )


def _itself(settings: HarborMirror) -> dict[str, str]:
    return {
        "CONFIG_PATH": APP_CONF,
        "KEY_PATH": f"/run/secrets/{CIPHER_KEY.name}",
        "TOKEN_PRIVATE_KEY_PATH": f"/run/secrets/{TOKEN_KEY.name}",
        "PORT": str(PORT),
        "LOG_LEVEL": "info",
        "EXT_ENDPOINT": f"https://{settings.authority}",
        "READ_ONLY": "false",
    }


def _database(settings: HarborMirror) -> dict[str, str]:
    there, others = address(settings, "harbordatabase"), settings.external.database
    return {
        "DATABASE_TYPE": "postgresql",
        "POSTGRESQL_HOST": there.host,
        "POSTGRESQL_PORT": str(there.port),
        "POSTGRESQL_USERNAME": others.user if others else DATABASE_USER,
        "POSTGRESQL_DATABASE": others.database if others else DATABASE_NAME,
        "POSTGRESQL_SSLMODE": others.ssl if others else "disable",
        "POSTGRESQL_MAX_IDLE_CONNS": "100",
        "POSTGRESQL_MAX_OPEN_CONNS": "900",
        "POSTGRESQL_CONN_MAX_LIFETIME": "5m",
        "POSTGRESQL_CONN_MAX_IDLE_TIME": "0",
    }


def _other_services() -> dict[str, str]:
    return {
        "CORE_URL": url("harborcore"),
        "CORE_LOCAL_URL": f"http://127.0.0.1:{PORT}",
        "TOKEN_SERVICE_URL": f"{url('harborcore')}/service/token",
        "REGISTRY_URL": url("harborregistry"),
        "REGISTRY_CONTROLLER_URL": url("harborregistryctl"),
        "JOBSERVICE_URL": url("harborjobservice"),
        "PORTAL_URL": url("harborportal"),
    }
