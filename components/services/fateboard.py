"""The party's FATEBoard: jobs, their logs and models in a browser.

It asks for the one account of its `conf/application.properties`, which it looks for in its working folder
and, where that has none, in its own jar, where name and password are empty (FATE-Board 2.1.0, UserService).
So it works in a folder of its own, into which that file is filled and all else of the image is linked.
"""

from components.services.catalogued import catalogued
from components.services.context import PartyContext
from components.services.page import password_of
from components.services.properties import rendered
from components.services.service import File, Http, Probe, Service
from components.services.start import START, started
from config import catalogue
from config.pages import AccountPage

HOME = "/tmp/fateboard"
PROPERTIES = f"{HOME}/conf/application.properties"
MAIN = "org.fedai.fate.board.bootstrap.Bootstrap"
LINKED = """\
cd {home} && mkdir -p logs ssh && : >ssh/ssh.properties || exit
for from in {homes}; do
    [ -d "$from" ] && ln -s "$from"/* . 2>/dev/null
done
exec "$@"
"""
"""What is there already, the folder of the filled file among it, is not replaced by a link."""


def application_properties(context: PartyContext) -> str:
    """Render `application.properties`, in the order of its keys."""
    return rendered(_own(context), context.configuration("fateboard", "application.properties"))


def service(context: PartyContext) -> Service:
    """Make the FATEBoard of one party. It ends no TLS, and its page tells nothing of FATE-Flow's health."""
    return catalogued(
        "fateboard",
        context,
        command=started({"/etc/fate/application.properties": PROPERTIES}, _program(context)),
        probe=Probe(Http(catalogue().port("fateboard", "http"), "/", "html"), start_period=150),
        environment={"HOME": "/tmp"},
        files=(START, File.named("/etc/fate/application.properties", application_properties(context))),
        secrets=(password_of("board", context),),
    )


def _own(context: PartyContext) -> dict[str, object]:
    page = context.settings.pages["board"]
    assert isinstance(page, AccountPage), "the catalogue says that it asks for an account"
    return {
        "server.port": catalogue().port("fateboard", "http"),
        "fateflow.url": f"http://fateflow:{catalogue().port('fateflow', 'http')}",
        "fateflow.url-list": "",
        "fateflow.http_app_key": "",
        "fateflow.http_secret_key": "",
        "server.servlet.encoding.charset": "UTF-8",
        "server.servlet.encoding.enabled": True,
        "server.tomcat.uri-encoding": "UTF-8",
        "fateboard.front_end.cors": False,
        "fateboard.front_end.url": "http://localhost:8028",
        "server.tomcat.max-threads": 20,
        "server.tomcat.max-connections": 1000,
        "spring.servlet.multipart.max-file-size": "10MB",
        "spring.servlet.multipart.max-request-size": "100MB",
        "server.compression.enabled": True,
        "server.compression.mime-types": "application/json,application/xml,text/html,text/xml,text/plain",
        "server.board.login.username": page.user,
        "server.board.login.password": "@@secret:board-password@@",
        "server.board.encrypt.private_key": "",
        "server.board.encrypt.enable": False,
        "server.servlet.session.timeout": "4h",
        "server.servlet.session.cookie.max-age": "4h",
        "management.endpoints.web.exposure.exclude": "*",
        "feign.client.config.default.connectTimeout": 10000,
        "feign.client.config.default.readTimeout": 10000,
    }


def _program(context: PartyContext) -> tuple[str, ...]:
    """Return the command: a quarter of the memory is heap (facts/official-layout.md, "fateboard")."""
    paths = context.layout("fateboard").paths
    run = ("-jar", paths["jar"]) if "jar" in paths else ("-cp", paths["jars"], MAIN)
    return (
        "sh",
        "-c",
        LINKED.format(home=HOME, homes=paths["homes"]),
        "fateboard",
        *context.program("fateboard"),
        "-Xms32m",
        f"-Xmx{context.memory('fateboard') // 4}m",
        "-XX:MaxMetaspaceSize=112m",
        "-XX:ReservedCodeCacheSize=48m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xss512k",
        f"-Dspring.config.location={PROPERTIES}",
        f"-Dssh_config_file={HOME}/ssh/",
        *run,
    )
