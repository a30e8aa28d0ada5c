"""What of an object is secret, and keeping it out of messages."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from diff.values import Plain, as_secret, contains_secret, encoded, is_secret, plain, secret
from offline.kubernetes.kinds import ObjectType
from protocol.wire import Struct

SECRET_KIND = ObjectType("v1", "Secret")
CONTENT = ("data", "stringData")
SHORTEST = 5
"""A shorter text is not searched for: it would blot out half of every message."""


def with_marks(kind: ObjectType, value: Plain, like: Struct) -> Struct:
    """Return an object as the engine gets it: secret where `like` is, and the content of a Secret always.

    A list is secret as a whole where anything in it was: one secret hides all of a pod's containers.
    """
    result: Struct = encoded(value).struct_value
    if kind == SECRET_KIND:
        for name in CONTENT:
            if name in result.fields:
                result.fields[name].CopyFrom(secret(value[name]))
    else:
        _mark(result, like)
    return result


def secrets_of(inputs: Struct) -> set[str]:
    """Return every text of an object that is secret, and what it is in base64 and in clear."""
    return {each for word in _words(inputs) for each in _spellings(word) if len(each) >= SHORTEST}


def redacted(message: str, words: Iterable[str]) -> str:
    """Return a message without secrets."""
    for word in sorted(words, key=len, reverse=True):
        message = message.replace(word, "[secret]")
    return message


def _mark(result: Struct, like: Struct) -> None:
    for name, before in like.fields.items():
        if name not in result.fields:
            continue
        value = result.fields[name]
        if value.HasField("struct_value") and before.HasField("struct_value") and not is_secret(before):
            _mark(value.struct_value, before.struct_value)
        elif contains_secret(before):
            value.CopyFrom(as_secret(value))


def _words(inputs: Struct) -> Iterator[str]:
    for value in inputs.fields.values():
        if is_secret(value):
            yield from _texts(plain(Struct(fields={"value": value})).get("value"))
        elif value.HasField("struct_value"):
            yield from _words(value.struct_value)
        elif value.HasField("list_value") and contains_secret(value):
            for part in value.list_value.values:
                yield from _words(Struct(fields={"part": part}))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 -- a property value is any JSON value
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _spellings(word: str) -> Iterator[str]:
    yield word
    yield base64.b64encode(word.encode()).decode()
    try:
        clear = base64.b64decode(word, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return
    yield clear
    yield clear.strip()
    yield from (line for line in clear.splitlines() if len(line) >= 2 * SHORTEST)
