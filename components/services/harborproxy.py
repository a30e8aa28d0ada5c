"""Harbor's proxy: the nginx that ends TLS before core and portal.

It asks for their addresses anew: else a core that was replaced would be 502 until the proxy is started again
(facts/harbor-api.md, "Services").
"""

from pathlib import Path

import jinja2

from components.services.harbor import of_harbor
from components.services.service import Command, File, Probe, Secret, Service
from components.services.start import START, started
from config import HarborMirror, catalogue

PORT = catalogue().port("harborproxy", "https")
HEALTH_PORT = 8080
CONF = "/tmp/nginx.conf"

_template = jinja2.Template(
    Path(__file__).with_name("harborproxy.conf.j2").read_text(),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


def certificate(settings: HarborMirror) -> Secret:
    """Return what the proxy shows for a certificate: the given one, or the stack's own."""
    return Secret("server.crt", "harborproxy", given=settings.tls.certificate.secret if settings.tls else "")


def certificate_key(settings: HarborMirror) -> Secret:
    """Return the private key of that certificate."""
    return Secret("server.key", "harborproxy", given=settings.tls.key.secret if settings.tls else "")


def nginx_conf(settings: HarborMirror) -> str:
    """Render `nginx.conf`, in which the name server is left to the start."""
    port = catalogue().first_port
    return str(
        _template.render(
            port=PORT,
            health_port=HEALTH_PORT,
            core=f"harborcore:{port('harborcore')}",
            portal=f"harborportal:{port('harborportal')}",
            certificate=f"/run/secrets/{certificate(settings).name}",
            key=f"/run/secrets/{certificate_key(settings).name}",
        )
    )


def service(settings: HarborMirror) -> Service:
    """Make the proxy of a Harbor. Its health is asked on loopback, and passes through to core."""
    program = catalogue().layout("harborproxy", "harbor", settings.images.version).program
    return of_harbor(
        "harborproxy",
        settings,
        command=started({"/etc/fate/nginx.conf": CONF}, program),
        probe=Probe(
            Command(("curl", "--fail", "-s", "-o", "/dev/null", f"http://127.0.0.1:{HEALTH_PORT}/healthz"))
        ),
        environment={"HOME": "/tmp"},
        files=(START, File.named("/etc/fate/nginx.conf", nginx_conf(settings))),
        secrets=(certificate(settings), certificate_key(settings)),
    )
