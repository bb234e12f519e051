"""Tiles of a PMTiles archive, by the library of those who made the format."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from pmtiles.reader import Reader
from pmtiles.tile import Compression, MagicNumberNotFound, SpecVersionUnsupported, TileType

_LONGEST: Final = 16 * 1024 * 1024
"""Bytes of a directory or a tile; what says it is longer is damaged."""
_VECTORS: Final = (TileType.MVT, TileType.MLT)
_DAMAGED: Final = (
    MagicNumberNotFound, SpecVersionUnsupported, EOFError, IndexError, zlib.error,
)  # fmt: skip


def holds_images(path: Path) -> bool:
    """Whether the tiles of an archive are images, not vectors.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no such archive, or packed in a way that is not read.
    """
    with path.open("rb") as file:
        try:
            header = Reader(_parts(file)).header()
        except _DAMAGED as error:
            raise ValueError("PMTiles") from error
    if header["internal_compression"] != Compression.GZIP:
        raise ValueError("PMTiles: gzip")
    return header["tile_type"] not in _VECTORS


def read_tile(path: Path, z: int, x: int, y: int) -> bytes | None:
    """The bytes of a tile, unpacked; null where the archive has none.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no such archive, or damaged.
    """
    with path.open("rb") as file:
        archive = Reader(_parts(file))
        try:
            found: bytes | None = archive.get(z, x, y)
            is_packed = archive.header()["tile_compression"] == Compression.GZIP
            return gzip.decompress(found) if found and is_packed else found
        except _DAMAGED as error:
            raise ValueError("PMTiles") from error


def _parts(file: BinaryIO) -> Callable[[int, int], bytes]:
    def part(at: int, length: int) -> bytes:
        if length > _LONGEST:
            raise ValueError("PMTiles")
        file.seek(at)
        content = file.read(length)
        if len(content) < length:
            raise ValueError("PMTiles")
        return content

    return part
