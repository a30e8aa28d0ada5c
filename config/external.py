"""What of a party others run: a database, a broker, a Spark or an HDFS that is there, and is not made."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from config.exposure import Address
from config.secrets import SecretReference
from config.settings import Settings
from config.text import WILDCARD, BindAddress, HostName, NonEmptyText, Port

ANYWHERE = ""
"""In the place of a host: what tells its own addresses."""


class Elsewhere(Settings):
    """A part that others run, in the place of services of the party."""

    PORTS: ClassVar[Mapping[str, str]]
    """The field that has the number of a port, by the name that the port has in the catalogue."""

    host: HostName

    @property
    def addresses(self) -> dict[str, Address]:
        """Return what is dialled there, by the port's name; the first tells whether it answers."""
        return {port: Address(self.host, getattr(self, field)) for port, field in self.PORTS.items()}

    @property
    def first(self) -> Address:
        """Return what tells whether it answers."""
        return next(iter(self.addresses.values()))

    @property
    def dialled(self) -> tuple[Address, ...]:
        """Return every host and port that services of the party dial there."""
        return tuple(self.addresses.values())


class ExternalDatabase(Elsewhere):
    """A MySQL or MariaDB in the place of the party's own. FATE speaks no TLS to it."""

    PORTS: ClassVar[Mapping[str, str]] = {"mysql": "port"}

    host: HostName = Field(description="the database's host")
    port: Port = Field(default=3306, description="the database's port")
    database: NonEmptyText = Field(
        default="fate_flow", description="the schema, which must be there; each party has its own"
    )
    user: NonEmptyText = Field(description="the account, which may make tables in the schema")
    password: SecretReference = Field(description="the account's password")


class ExternalBroker(Elsewhere):
    """A RabbitMQ in the place of the party's own, with FATE's plugins. FATE speaks no TLS to it."""

    PORTS: ClassVar[Mapping[str, str]] = {"amqp": "port", "management": "management_port"}

    host: HostName = Field(description="the broker's host, which peers dial, too")
    port: Port = Field(default=5672, description="the broker's port for AMQP")
    management_port: Port = Field(default=15672, description="the port of its management API")
    user: NonEmptyText = Field(description="the account, which must be an administrator there")
    password: SecretReference = Field(description="the account's password")


class ExternalPulsar(Elsewhere):
    """A Pulsar in the place of the party's own. FATE logs in to none, and speaks no TLS to it."""

    PORTS: ClassVar[Mapping[str, str]] = {"pulsar": "port", "admin": "http_port"}

    host: HostName = Field(description="the broker's host, which peers' brokers dial, too")
    port: Port = Field(default=6650, description="the broker's port for pulsar://")
    http_port: Port = Field(default=8080, description="the port of its administration")
    cluster: NonEmptyText = Field(default="standalone", description="the name that it has for itself")
    tenant: NonEmptyText = Field(default="fl-tenant", description="the tenant, which all parties share")


class Driver(Settings):
    """Where executors elsewhere dial FATE-Flow back, on Docker: 32 ports of its engine's machine."""

    host: HostName = Field(description="the machine's name or address, as executors dial it")
    port: Port = Field(default=31000, le=65504, description="the first of the 32 ports")
    bind: BindAddress = Field(
        default=WILDCARD, description="the machine's address that the ports are opened on"
    )


CALLBACKS = 32
"""Ports for 16 tasks at a time: one of the driver and one of its block manager each."""


class ExternalSpark(Elsewhere):
    """A standalone Spark 3.5 in the place of the party's own. The image of its workers must have FATE."""

    PORTS: ClassVar[Mapping[str, str]] = {"spark": "port"}

    host: HostName = Field(description="the master's host")
    port: Port = Field(default=7077, description="the master's port")
    secret: SecretReference | None = Field(
        default=None, description="its spark.authenticate.secret; none asks for one if absent"
    )
    driver: Driver | None = Field(
        default=None, description="where executors dial FATE-Flow back; on Docker only, and needed there"
    )

    @property
    def called_back_at(self) -> range:
        """Return the ports of FATE-Flow that executors dial, and those of its engine's machine."""
        first = self.driver.port if self.driver else Driver.model_fields["port"].default
        return range(first, first + CALLBACKS)


class ExternalHdfs(Elsewhere):
    """An HDFS in the place of the party's own, without Kerberos."""

    PORTS: ClassVar[Mapping[str, str]] = {"rpc": "port"}

    host: HostName = Field(description="the name node's host")
    port: Port = Field(default=8020, description="the name node's port")
    datanode_port: Port = Field(default=9866, description="the data nodes' port, wherever they are")
    user: NonEmptyText = Field(default="fate", description="as whom FATE makes folders and writes there")

    @property
    def dialled(self) -> tuple[Address, ...]:
        """Return the name node, and the port of data nodes wherever they are."""
        return (*super().dialled, Address(ANYWHERE, self.datanode_port))


class External(Settings):
    """The parts of a party that others run: the party has no service of its own in their place."""

    database: ExternalDatabase | None = Field(
        default=None, description="a MySQL or MariaDB; the party's own if absent"
    )
    broker: ExternalBroker | None = Field(default=None, description="a RabbitMQ; the party's own if absent")
    pulsar: ExternalPulsar | None = Field(default=None, description="a Pulsar; the party's own if absent")
    spark: ExternalSpark | None = Field(
        default=None, description="a Spark whose workers' image has FATE; the party's own if absent"
    )
    hdfs: ExternalHdfs | None = Field(default=None, description="an HDFS; the party's own if absent")

    @property
    def parts(self) -> dict[str, Elsewhere]:
        """Return those that are given, by key."""
        said: dict[str, Any] = {key: getattr(self, key) for key in type(self).model_fields}
        return {key: part for key, part in said.items() if part is not None}
