"""The party's notebook: JupyterLab with FATE's client, told where the party's FATE-Flow is.

The client reads one file beside its code, which `pipeline init` and `flow init` write; it is written here.
Jupyter's configuration is Python: it takes the password from its file and keeps a salted hash of it alone.
"""

import yaml

from components.services.catalogued import catalogued
from components.services.context import PartyContext, overlaid
from components.services.page import password_of
from components.services.service import File, Http, Probe, Service
from components.services.start import START, started
from config import catalogue

FACTS = catalogue().services["notebook"]
CONFIG = "/etc/fate/jupyter_server_config.py"
CLIENT = "/etc/fate/fate_client.yaml"
HASHED = """\
from jupyter_server.auth import passwd

with open("/run/secrets/notebook-password") as file:
    c.PasswordIdentityProvider.hashed_password = passwd(file.read().strip())
"""


def server_config(context: PartyContext) -> str:
    """Render `jupyter_server_config.py`: without the password nothing is answered, and there is no token."""
    own: dict[str, object] = {
        "PasswordIdentityProvider.password_required": True,
        "PasswordIdentityProvider.allow_password_change": False,
        "IdentityProvider.token": "",
        "ServerApp.ip": "0.0.0.0",
        "ServerApp.port": FACTS.ports["http"].number,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": FACTS.volumes["notebooks"].path,
        "ServerApp.open_browser": False,
        "ServerApp.allow_remote_access": True,
        "FileContentsManager.delete_to_trash": False,
    }
    keys = overlaid(own, context.configuration("notebook", "jupyter_server_config.py"))
    return HASHED + "".join(f"c.{key} = {value!r}\n" for key, value in keys.items())


def client_settings(context: PartyContext) -> str:
    """Render what FATE's client reads: the party's FATE-Flow, and whose notebooks these are."""
    flow = {"api_version": "v2", "ip": "fateflow", "port": catalogue().port("fateflow", "http")}
    site = {"local_role": "guest", "local_party_id": context.settings.id}
    tree = {
        "flow_service": {**flow, "app_id": None, "app_token": None},
        "pipeline": {"log_directory": None, "console_display_log": None, "site_info": site},
    }
    return yaml.safe_dump(tree, sort_keys=False)


def service(context: PartyContext) -> Service:
    """Make the notebook of one party. It ends no TLS; who logs in runs what they like in its container."""
    layout = context.layout("notebook")
    home = next((folder for folder in layout.scratch if layout.paths["client"].startswith(folder)), None)
    return catalogued(
        "notebook",
        context,
        command=started(
            {CLIENT: layout.paths["client"]} if home else {},
            (*context.program("notebook"), f"--config={CONFIG}"),
        ),
        probe=Probe(Http(FACTS.ports["http"].number, "/api", '"version"')),
        environment={
            "HOME": home or "/tmp",
            "IPYTHONDIR": "/tmp/ipython",
            "JUPYTER_CONFIG_DIR": "/tmp/jupyter/config",
            "JUPYTER_DATA_DIR": "/tmp/jupyter/data",
            "JUPYTER_RUNTIME_DIR": "/tmp/jupyter/runtime",
        },
        files=(
            START,
            File.named(CONFIG, server_config(context)),
            File.named(CLIENT if home else layout.paths["client"], client_settings(context)),
        ),
        secrets=(password_of("notebook", context),),
    )
