"""The Docker engine that a stack names, asked before anything is made, and what is told where it fails."""

from clients import ssh
from clients.docker import TIMEOUT, Engine
from clients.failures import Failure, NotPermitted, NotRunning, Refused
from config import ConfigurationFault, DockerSettings, Fault


def engine_of(settings: DockerSettings, patience: float = TIMEOUT) -> Engine:
    """Return the engine; it is asked over one connection until it is closed."""
    return Engine(settings.host, settings.ssh_options, patience)


def fault_of(host: str, failure: Failure) -> ConfigurationFault:
    """Return the fault of an engine that does not answer, or not what it was asked."""
    match failure:
        case Refused():
            problem = f"the Docker engine at {host} answers {failure.status}: {failure}"
            remedy = "Look at the engine's own log, or name another host"
        case NotPermitted():
            problem = f"{host} may not be opened by this user"
            remedy = "Join the group that owns the socket, then log in again: sudo usermod -aG docker $USER"
        case NotRunning():
            problem = f"no Docker engine runs at {host}"
            remedy = "Start it: `make docker`, or sudo systemctl start docker; or name another host"
        case _:
            problem = f"the Docker engine at {host} does not answer: {failure}"
            remedy = (
                "Log in once by hand, `ssh` with the same options, and see that `docker ps` works there"
                if host.startswith(ssh.SCHEME)
                else "Look at the engine's own log, or name another host"
            )
    return ConfigurationFault([Fault("fate:runtime.host", problem, remedy)])
