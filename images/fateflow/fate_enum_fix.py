"""Makes this interpreter pickle an enum member as a call of its class.

CPython 3.11.2, Debian 12's, pickles it as `getattr(class, name)`, and FATE's unpickler refuses `getattr`:
SecureBoost then fails on the host's side. Imported by fate_enum_fix.pth at each start of the interpreter.
"""

import enum


class _Sample(enum.Enum):
    MEMBER = 1


def _reduce_as_call(self: enum.Enum, protocol: object) -> tuple[type[enum.Enum], tuple[object]]:
    return self.__class__, (self._value_,)


if _Sample.MEMBER.__reduce_ex__(4)[0] is getattr:
    enum.Enum.__reduce_ex__ = _reduce_as_call  # type: ignore[method-assign]
