"""The registry that parties pull from: the CNCF distribution registry."""

from typing import Any

import yaml

from components.services.service import Audience, File, Port, Probe, Resources, Service, Volume
from components.services.start import http_probe

PORT = 5000
UID = 10005
DATA = "/var/lib/registry"


def config_yml(upstream: str | None) -> str:
    """Render the registry's configuration; with an `upstream` it is a cache and takes no push."""
    tree: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": False}},
        "storage": {"filesystem": {"rootdirectory": DATA}, "delete": {"enabled": True}},
        "http": {"addr": f":{PORT}"},
        "health": {"storagedriver": {"enabled": True, "interval": "10s", "threshold": 3}},
    }
    if upstream is not None:
        tree["proxy"] = {"remoteurl": upstream}
    return yaml.safe_dump(tree, sort_keys=False)


def registry(upstream: str | None) -> Service:
    """Make the registry of a mirror. It asks for no login: publish it on loopback, or behind what does."""
    return Service(
        name="registry",
        image="registry",
        user=UID,
        command=("docker-registry", "serve", "/etc/fate/config.yml"),
        probe=Probe(http_probe(PORT, "/v2/", "{}")),
        resources=Resources(memory=256),
        files=(File("/etc/fate/config.yml", config_yml(upstream)),),
        ports=(Port("http", PORT, Audience.OPERATOR),),
        volumes=(Volume("registry", DATA),),
    )
