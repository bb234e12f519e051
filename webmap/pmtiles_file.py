"""Reading one tile of a PMTiles archive (version 3): a header, directories, tiles, one file."""

import gzip
import struct
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_HEADER: Final = struct.Struct("<7sB11Q6B")
_NONE, _GZIP = 1, 2
_VECTOR: Final = 1
_DEEPEST_LEAF: Final = 4
_LONGEST: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Header:
    """Where things are in an archive, and what its tiles are."""

    root: tuple[int, int]
    leaves_at: int
    tiles_at: int
    is_squeezed: bool
    are_tiles_squeezed: bool
    is_vector: bool


@dataclass(frozen=True)
class _Entry:
    tile_id: int
    run: int
    """So many tiles from this on are the same; none: a further directory."""
    offset: int
    length: int


def read_header(file: BinaryIO) -> Header:
    """The header of an open archive.

    Raises:
        ValueError: It is no such archive, or packed in a way that is not read.
    """
    written = file.read(127)
    if len(written) < _HEADER.size:
        raise ValueError("PMTiles")
    magic, version, *rest = _HEADER.unpack_from(written)
    root_at, root_length, _, _, leaves_at, _, tiles_at = rest[:7]
    inner, packed, kind = rest[12:15]
    if magic != b"PMTiles" or version != 3 or {inner, packed} - {_NONE, _GZIP}:
        raise ValueError("PMTiles 3, gzip")
    return Header(
        (root_at, root_length), leaves_at, tiles_at, inner == _GZIP, packed == _GZIP,
        kind == _VECTOR,
    )  # fmt: skip


def read_tile(path: Path, z: int, x: int, y: int) -> bytes | None:
    """The bytes of a tile, unpacked; null where the archive has none.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no such archive, or damaged.
    """
    wanted = tile_id(z, x, y)
    with path.open("rb") as file:
        header = read_header(file)
        at, length = header.root
        for _ in range(_DEEPEST_LEAF):
            entries = _directory(_part(file, at, length, header.is_squeezed))
            place = bisect_right([one.tile_id for one in entries], wanted) - 1
            if place < 0:
                return None
            entry = entries[place]
            if entry.run:
                if wanted - entry.tile_id >= entry.run:
                    return None
                start = header.tiles_at + entry.offset
                return _part(file, start, entry.length, header.are_tiles_squeezed)
            at, length = header.leaves_at + entry.offset, entry.length
    return None


def tile_id(z: int, x: int, y: int) -> int:
    """The number of a tile: all coarser ones first, then along a Hilbert curve."""
    number: int = (4**z - 1) // 3
    step = 1 << z >> 1
    while step:
        right, low = int(bool(x & step)), int(bool(y & step))
        number += step * step * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = step - 1 - x, step - 1 - y
            x, y = y, x
        step >>= 1
    return number


def _part(file: BinaryIO, at: int, length: int, is_squeezed: bool) -> bytes:
    if length > _LONGEST:
        raise ValueError("PMTiles")
    file.seek(at)
    content = file.read(length)
    if len(content) < length:
        raise ValueError("PMTiles")
    try:
        return gzip.decompress(content) if is_squeezed else content
    except (EOFError, gzip.BadGzipFile) as error:
        raise ValueError("PMTiles") from error


def _directory(written: bytes) -> list[_Entry]:
    """Columns of numbers: ids as steps, runs, lengths, offsets (0: right behind the one before)."""
    numbers = _numbers(written)
    count = numbers[0] if numbers else 0
    if len(numbers) < 1 + 4 * count:
        raise ValueError("PMTiles")
    ids, runs, lengths, offsets = (
        numbers[1 + part * count : 1 + (part + 1) * count] for part in range(4)
    )
    entries: list[_Entry] = []
    last = 0
    for step, run, length, offset in zip(ids, runs, lengths, offsets, strict=True):
        last += step
        follows = not offset and entries
        start = entries[-1].offset + entries[-1].length if follows else offset - 1
        entries.append(_Entry(last, run, start, length))
    return entries


def _numbers(written: bytes) -> list[int]:
    """Numbers of seven bits a byte, the lowest first."""
    found, value, shift = [], 0, 0
    for byte in written:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value, shift = 0, 0
    return found
