"""In which encoding the text of a Shapefile stands, whatever the file says about it."""

from pathlib import Path
from typing import Final

import numpy as np

from etl.confined.answer import Note
from gis.errors import SourceError

_FIELD: Final = 32
_END_OF_FIELDS: Final = 0x0D
_MOST_TEXTS: Final = 5_000
_CHINESE: Final = "GB18030"
_DEFAULT: Final = "UTF-8"
_LEAST_TEXTS: Final = 4
_BY_LANGUAGE_DRIVER: Final = {0x4D: _CHINESE, 0x7A: _CHINESE, 0x4F: "BIG5", 0x78: "BIG5"}
_BY_NAME: Final = {
    "utf-8": _DEFAULT, "utf8": _DEFAULT, "65001": _DEFAULT,
    "gbk": _CHINESE, "gb2312": _CHINESE, "gb18030": _CHINESE, "936": _CHINESE, "cp936": _CHINESE,
    "ansi 936": _CHINESE, "oem 936": _CHINESE, "ansi936": _CHINESE, "euc-cn": _CHINESE,
    "big5": "BIG5", "950": "BIG5", "cp950": "BIG5",
    "iso-8859-1": "ISO-8859-1", "88591": "ISO-8859-1", "1252": "CP1252", "cp1252": "CP1252",
}  # fmt: skip


def shapefile_encoding(
    dbf: Path, cpg: Path | None, *, layer: str, file: str
) -> tuple[str, list[Note]]:
    """The encoding that the texts are written in, and a note when the file states another.

    A .cpg is often copied from another layer, or left out; so it is believed only when the texts
    bear it out. UTF-8 is told from Chinese double bytes by its form, which no Chinese text of
    some length has by accident.

    Raises:
        SourceError: The attribute table is damaged.
    """
    stated = _stated(cpg)
    content = np.memmap(dbf, np.uint8, mode="r") if dbf.stat().st_size else np.empty(0, np.uint8)
    if len(content) < _FIELD:
        raise SourceError("load.truncated", file=file, sheet=layer)
    by_driver = _BY_LANGUAGE_DRIVER.get(int(content[29]))
    texts = _texts(content)
    if not texts:
        return stated or by_driver or _DEFAULT, []
    found = _fitting(texts, stated or by_driver)
    if stated and stated != found:
        note = Note("shapefile.wrong_encoding", sheet=layer, original=stated, suggestion=found)
        return found, [note]
    return found, []


def _stated(cpg: Path | None) -> str | None:
    if cpg is None:
        return None
    written = cpg.read_bytes()[:64].decode("latin-1").strip().strip("\x00").casefold()
    return _BY_NAME.get(written)


def _fitting(texts: list[bytes], stated: str | None) -> str:
    if _failures(texts, _DEFAULT) == 0 and (len(texts) >= _LEAST_TEXTS or stated != _CHINESE):
        return _DEFAULT
    candidates = [stated, _CHINESE, "BIG5", "CP1252"]
    known = [one for one in dict.fromkeys(candidates) if one and one != _DEFAULT]
    return min(known, key=lambda one: _failures(texts, one))


def _failures(texts: list[bytes], encoding: str) -> int:
    count = 0
    for text in texts:
        try:
            text.decode(encoding)
        except UnicodeDecodeError as error:
            # A field cut off at its last byte breaks a character in any encoding.
            count += error.end < len(text) and error.start < len(text) - 3
    return count


def _texts(content: np.ndarray) -> list[bytes]:
    """Distinct field names and text cells that are not plain ASCII; of a long table, some."""
    header_length = int(content[8]) | int(content[9]) << 8
    record_length = int(content[10]) | int(content[11]) << 8
    names: list[bytes] = []
    cells: set[bytes] = set()
    records = _records(content, header_length, record_length)
    at, position = _FIELD, 1
    while at + _FIELD <= header_length and content[at] != _END_OF_FIELDS:
        names.append(content[at : at + 11].tobytes().split(b"\x00")[0])
        kind, length = chr(content[at + 11]), int(content[at + 16])
        if kind == "C" and length:
            column = records[:, position : position + length]
            wide = column[(column >= 0x80).any(axis=1)][:_MOST_TEXTS]
            cells |= {row.tobytes().rstrip(b" \x00") for row in wide}
        position += length
        at += _FIELD
    return [text for text in (*names, *cells) if not text.isascii()]


def _records(content: np.ndarray, header_length: int, record_length: int) -> np.ndarray:
    body = content[header_length:]
    if not record_length:
        return np.empty((0, 0), np.uint8)
    count = len(body) // record_length
    return body[: count * record_length].reshape(count, record_length)
