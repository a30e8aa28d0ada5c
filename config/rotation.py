"""Which generation of derived passwords a stack uses."""

from pydantic import Field

from config.settings import Settings
from config.text import Rotations


class Rotation(Settings):
    """Numbers to raise when a password is to change. The stack's secret key itself stays."""

    database: Rotations = Field(default=1, description="raise it for new passwords of the databases")
    broker: Rotations = Field(default=1, description="raise it for new passwords of the brokers")
