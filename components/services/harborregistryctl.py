"""Harbor's registry controller: it deletes in the registry's volume what the garbage collection found."""

from dataclasses import replace

import yaml

from components.services.harbor import CORE_SECRET, JOBSERVICE_SECRET, held, of_harbor
from components.services.harborregistry import CONFIG, STORAGE, config_yml
from components.services.service import Command, File, Probe, Service, Volume
from config import HarborMirror, catalogue
from config.catalogue import claim_name

PORT = catalogue().first_port("harborregistryctl")


def control_yml() -> str:
    """Render the controller's own `config.yml`."""
    tree = {"protocol": "http", "port": PORT, "log_level": "info", "registry_config": CONFIG}
    return yaml.safe_dump(tree, sort_keys=False)


def service(settings: HarborMirror) -> Service:
    """Make the registry controller of a Harbor. It has the registry's own volume."""
    made = of_harbor(
        "harborregistryctl",
        settings,
        probe=Probe(Command(("curl", "--fail", "-s", f"http://127.0.0.1:{PORT}/api/health"))),
        environment={"HOME": "/tmp"},
        exports={"CORE_SECRET": held(CORE_SECRET), "JOBSERVICE_SECRET": held(JOBSERVICE_SECRET)},
        files=(
            File.named("/etc/registryctl/config.yml", control_yml()),
            File.named(CONFIG, config_yml(settings)),
        ),
        secrets=(CORE_SECRET, JOBSERVICE_SECRET),
    )
    return replace(made, shares=(Volume(claim_name("harborregistry", "harborregistry"), STORAGE),))
