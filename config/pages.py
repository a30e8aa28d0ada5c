"""The pages that a party opens for its operator in a browser, each behind a password of its own.

Which there are follows from the catalogue: every port that asks for one is opened by a key of the party.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from config.catalogue import catalogue
from config.cluster_exposure import IngressSettings
from config.kubernetes_text import ObjectName
from config.settings import Settings
from config.text import BindAddress, Port, Rotations, UserName


class PageIngress(IngressSettings):
    """An Ingress for one page. The password passes it in plain text unless something ends TLS."""

    host: ObjectName = Field(description="the name that a browser asks for, such as board.bank.example")


class Page(Settings):
    """A page that asks for a password; `pulumi stack output logins --show-secrets` tells."""

    port: Port | None = Field(
        default=None, description="the page's port on the machine; on Docker it must be given"
    )
    bind: BindAddress = Field(
        default="127.0.0.1",
        description="the address that the port is opened on; the page speaks HTTP: beyond this machine, and"
        " with 0.0.0.0 on every network, whoever is on the way reads the password",
    )
    ingress: PageIngress | None = Field(
        default=None, description="its Ingress, on Kubernetes only; kubectl port-forward reaches it if absent"
    )


class AccountPage(Page):
    """A page that asks for a user and a password; `pulumi stack output logins --show-secrets` tells both."""

    user: UserName = Field(default="admin", description="the name that one logs in by")


MODELS: Mapping[str, type[Page]] = {"password": Page, "account": AccountPage}


def page_keys() -> Mapping[str, tuple[Any, Any]]:
    """Return the keys of a party that open pages, by field name."""
    keys: dict[str, tuple[Any, Any]] = {}
    for key, (service, port) in catalogue().pages().items():
        what = f"{service}, which {catalogue().services[service].what}; none if absent"
        keys[key] = (MODELS[port.asks] | None, Field(default=None, description=what))
    return keys


def rotation_keys() -> Mapping[str, tuple[Any, Any]]:
    """Return the keys of `fate:rotation` for the passwords of pages."""
    return {
        key: (Rotations, Field(default=1, description=f"raise it for new passwords of {service}"))
        for key, (service, _) in catalogue().pages().items()
    }
