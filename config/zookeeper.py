"""Where FATE-Flow registers itself and its models for FATE-Serving: a ZooKeeper, which is not made here."""

from typing import Self

from pydantic import Field, model_validator

from config.faults import refusal
from config.secrets import SecretReference
from config.settings import Settings
from config.text import HostName, NonEmptyText, Port


class ZooKeeperServer(Settings):
    """One server of a ZooKeeper."""

    host: HostName = Field(description="the server's host")
    port: Port = Field(default=2181, description="the server's port")


class ZooKeeper(Settings):
    """A ZooKeeper that FATE-Flow registers at. With an account, only that may change what it writes there."""

    servers: tuple[ZooKeeperServer, ...] = Field(description="its servers, one at least")
    user: NonEmptyText | None = Field(default=None, description="the account; none asks for one if absent")
    password: SecretReference | None = Field(default=None, description="the account's password")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.servers:
            raise refusal("names no server", "write - host: zk.bank.example", ["servers"])
        if (self.user is None) is not (self.password is None):
            missing = "user" if self.user is None else "password"
            raise refusal("is missing: an account has both", f"write {missing}", [missing])
        return self
