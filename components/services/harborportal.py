"""Harbor's portal: the pages of its user interface, behind the proxy."""

from pathlib import Path

import jinja2

from components.services.harbor import of_harbor
from components.services.service import Command, File, Probe, Service
from config import HarborMirror, catalogue

PORT = catalogue().first_port("harborportal")

_template = jinja2.Template(
    Path(__file__).with_name("harborportal.conf.j2").read_text(),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
)


def nginx_conf() -> str:
    """Render `nginx.conf`."""
    return str(_template.render(port=PORT))


def service(settings: HarborMirror) -> Service:
    """Make the portal of a Harbor."""
    return of_harbor(
        "harborportal",
        settings,
        probe=Probe(Command(("curl", "--fail", "-s", "-o", "/dev/null", f"http://127.0.0.1:{PORT}"))),
        environment={"HOME": "/tmp"},
        files=(File.named("/etc/nginx/nginx.conf", nginx_conf()),),
    )
