"""FATE-Flow's `model_store`: where trained models lie.

Keys: FATE-Flow 2.2.0, `entity/spec/flow/_storage.py`, `manager/outputs/model/engine`.
"""

from collections.abc import Mapping

from components.services.context import PartyContext
from components.services.service import Secret
from config.model_store import MysqlModelStore, TencentCosModelStore

PASSWORD, ID, KEY = "model-store-password", "model-store-id", "model-store-key"


def for_flow(context: PartyContext) -> dict[str, object]:
    """Return the section of `service_conf.yaml`: a folder on the party's volume unless it names another."""
    match context.settings.model_store:
        case None:
            return _engine("file", {"path": None})
        case MysqlModelStore() as store:
            return _engine("mysql", _database(store))
        case TencentCosModelStore() as store:
            return _engine("tencent_cos", _bucket(store))


def secrets(context: PartyContext) -> tuple[Secret, ...]:
    """Return the secrets that the section needs: all of them were given."""
    match context.settings.model_store:
        case MysqlModelStore(password=password):
            return (Secret(PASSWORD, "fateflow", given=password.secret),)
        case TencentCosModelStore(secret_id=id, secret_key=key):
            return (
                Secret(ID, "fateflow", given=id.secret),
                Secret(KEY, "fateflow", given=key.secret),
            )
        case None:
            return ()


def addresses(context: PartyContext) -> tuple[tuple[str, int], ...]:
    """Return the hosts and ports that FATE-Flow dials for models."""
    match context.settings.model_store:
        case MysqlModelStore(host=host, port=port):
            return ((host, port),)
        case TencentCosModelStore(bucket=bucket, region=region):
            return ((f"{bucket}.cos.{region}.myqcloud.com", 443),)
        case None:
            return ()


def _engine(name: str, keys: Mapping[str, object]) -> dict[str, object]:
    return {"engine": name, "decrypt_key": None, name: keys}


def _database(store: MysqlModelStore) -> Mapping[str, object]:
    return {
        "name": store.database,
        "user": store.user,
        "passwd": f"@@secret:{PASSWORD}@@",
        "host": store.host,
        "port": store.port,
        "max_connections": 10,
        "stale_timeout": 30,
    }


def _bucket(store: TencentCosModelStore) -> Mapping[str, object]:
    return {
        "Region": store.region,
        "SecretId": f"@@secret:{ID}@@",
        "SecretKey": f"@@secret:{KEY}@@",
        "Bucket": store.bucket,
    }
