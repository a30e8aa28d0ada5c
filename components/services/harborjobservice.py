"""Harbor's job service: replication, garbage collection, retention.

Its configuration has no Redis URL: JOB_SERVICE_POOL_REDIS_URL, which wins over the file, has it with the
password (Harbor 2.15.2, src/jobservice/config/config.go).
"""

from typing import Any

import yaml

from components.services.harbor import (
    CORE_SECRET,
    JOBS,
    JOBSERVICE_SECRET,
    LAYERS,
    REGISTRY_PASSWORD,
    REGISTRY_USER,
    SESSIONS,
    cache_password_in_urls,
    cache_url,
    held,
    of_harbor,
    url,
)
from components.services.service import Command, File, Probe, Service
from config import HarborMirror, catalogue

FACTS = catalogue().services["harborjobservice"]
PORT = FACTS.ports["http"].number
LOGS = FACTS.volumes["logs"].path


def config_yml() -> str:
    """Render `config.yml`."""
    sweeper = {"duration": 1, "settings": {"work_dir": LOGS}}
    tree: dict[str, Any] = {
        "protocol": "http",
        "port": PORT,
        "worker_pool": {
            "workers": 10,
            "backend": "redis",
            "redis_pool": {"namespace": "harbor_job_service_namespace", "idle_timeout_second": 3600},
        },
        "job_loggers": [
            {"name": "STD_OUTPUT", "level": "INFO"},
            {"name": "FILE", "level": "INFO", "settings": {"base_dir": LOGS}, "sweeper": sweeper},
        ],
        "loggers": [{"name": "STD_OUTPUT", "level": "INFO"}],
        "reaper": {"max_update_hours": 24, "max_dangling_hours": 168},
        "max_retrieve_size_mb": 10,
    }
    return yaml.safe_dump(tree, sort_keys=False)


def environment() -> dict[str, str]:
    """Return the variables of the job service that hold no secret."""
    return {
        "CORE_URL": url("harborcore"),
        "REGISTRY_URL": url("harborregistry"),
        "REGISTRY_CONTROLLER_URL": url("harborregistryctl"),
        "REGISTRY_CREDENTIAL_USERNAME": REGISTRY_USER,
        "JOBSERVICE_WEBHOOK_JOB_MAX_RETRY": "3",
        "JOBSERVICE_WEBHOOK_JOB_HTTP_CLIENT_TIMEOUT": "3",
        "LOG_LEVEL": "info",
    }


def exports(settings: HarborMirror) -> dict[str, str]:
    """Return the variables of the job service that hold secrets, for a shell to fill in."""
    return {
        "JOB_SERVICE_POOL_REDIS_URL": cache_url(settings, JOBS),
        "_REDIS_URL_CORE": cache_url(settings, SESSIONS),
        "_REDIS_URL_REG": cache_url(settings, LAYERS),
        "CORE_SECRET": held(CORE_SECRET),
        "JOBSERVICE_SECRET": held(JOBSERVICE_SECRET),
        "REGISTRY_CREDENTIAL_PASSWORD": held(REGISTRY_PASSWORD),
    }


def service(settings: HarborMirror) -> Service:
    """Make the job service of a Harbor."""
    cache = cache_password_in_urls(settings)
    return of_harbor(
        "harborjobservice",
        settings,
        probe=Probe(Command(("curl", "--fail", "-s", f"http://127.0.0.1:{PORT}/api/v1/stats"))),
        environment=environment(),
        exports=exports(settings),
        files=(File.named("/etc/jobservice/config.yml", config_yml()),),
        secrets=(CORE_SECRET, JOBSERVICE_SECRET, REGISTRY_PASSWORD, *((cache,) if cache else ())),
    )
