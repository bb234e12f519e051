"""As much of a vector tile as it takes to prove that two servers drew the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_LAYERS: Final = 3
_NAME: Final = 1
_FEATURES: Final = 2
_KEYS: Final = 3
_BYTES: Final = 2


@dataclass
class DrawnLayer:
    """One layer of a tile."""

    name: str = ""
    features: int = 0
    keys: set[str] = field(default_factory=set)


def layers(tile: bytes) -> dict[str, DrawnLayer]:
    """The layers of a tile by name; none for an empty one."""
    drawn = {}
    for number, content in _fields(tile):
        if number != _LAYERS:
            continue
        layer = DrawnLayer()
        for inner, value in _fields(content):
            if inner == _NAME:
                layer.name = value.decode()
            elif inner == _FEATURES:
                layer.features += 1
            elif inner == _KEYS:
                layer.keys.add(value.decode())
        drawn[layer.name] = layer
    return drawn


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each length-delimited field of a protobuf message, in order."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == _BYTES:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            _, at = _varint(message, at)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
