"""Where FATE-Flow keeps trained models, if not on the party's own volume. What is named here is not made."""

from typing import Annotated, Literal

from pydantic import Field

from config.secrets import SecretReference
from config.settings import Alternatives, Settings, tagged
from config.text import HostName, NonEmptyText, Port


class MysqlModelStore(Settings):
    """A database of MySQL or MariaDB elsewhere. FATE-Flow makes its table, and speaks no TLS to it."""

    kind: Literal["mysql"] = Field(default="mysql", description="a database of MySQL or MariaDB")
    host: HostName = Field(description="the database's host")
    port: Port = Field(default=3306, description="the database's port")
    database: NonEmptyText = Field(description="the database's name, which must be there")
    user: NonEmptyText = Field(description="the account, which may make tables there")
    password: SecretReference = Field(description="the account's password")


class TencentCosModelStore(Settings):
    """A bucket of Tencent Cloud's object storage, reached over the internet."""

    kind: Literal["tencent-cos"] = Field(default="tencent-cos", description="a bucket of Tencent Cloud")
    region: NonEmptyText = Field(description="the bucket's region, such as ap-guangzhou")
    bucket: NonEmptyText = Field(description="the bucket's name with the account's number, such as fate-125")
    secret_id: SecretReference = Field(description="the id of the key that may read and write there")
    secret_key: SecretReference = Field(description="the key itself")


_ALTERNATIVES = Alternatives("kind", "kind", {"mysql": MysqlModelStore, "tencent-cos": TencentCosModelStore})
ModelStore = Annotated[
    Annotated[MysqlModelStore, tagged(MysqlModelStore)]
    | Annotated[TencentCosModelStore, tagged(TencentCosModelStore)],
    *_ALTERNATIVES.parts,
]
