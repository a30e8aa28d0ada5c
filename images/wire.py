"""The little of protobuf's wire format that a build's session and progress need."""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_WIDTHS = {FIXED64: 8, FIXED32: 4}


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield each field's number and value: numbers and raw bytes, nested messages unread.

    Raises ValueError for what is no protobuf message.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
                yield tag >> 3, value
                continue
            case 2:
                width, at = _varint(message, at)
            case kind if kind in _WIDTHS:
                width = _WIDTHS[kind]
            case kind:
                raise ValueError(f"field {tag >> 3} has the wire type {kind}, which is none of protobuf's")
        yield tag >> 3, message[at : at + width]
        at += width


def number(field: int, value: int) -> bytes:
    """Return a field that holds a number."""
    return _spelled(field << 3 | VARINT) + _spelled(value)


def text(field: int, value: bytes) -> bytes:
    """Return a field that holds bytes."""
    return _spelled(field << 3 | BYTES) + _spelled(len(value)) + value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("the message ends within a number")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _spelled(value: int) -> bytes:
    spelled = bytearray()
    while value > 0x7F:
        spelled.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*spelled, value])
