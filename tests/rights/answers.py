"""Answers as text, whatever they came as: so that what they say can be searched and compared."""

import html
import io
import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow.parquet as pq
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.rights.askers import Asker
from tests.rights.spots import Spot
from webmap.session import COOKIE

_MEMBERS_OF_THE_MOMENT = re.compile(r"docProps/|\.rels$|\[Content_Types\]")
_NONCE = re.compile(r'nonce(="|-)[\w-]+')
_MADE_UP = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""Names of things in the page of an offline map."""
_THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3}(?:\D|$))")
_IDS = re.compile(r"73(?<![\w.]73)(\d)\d{4}(?!\w)")
_AREAS = re.compile(r"81(?<!\d81)(\d\d)(?:123\.45|456\.78|789\.12|111\.11|222\.22)")
_DEGREES = "119"
_PLACES = re.compile(rf"{_DEGREES}(?=.(\d{{3}}))")
"""The three figures of a longitude behind the point, or behind what stands for one."""
_MOMENTS = re.compile(r'"timeStamp": "[^"]*"')


@dataclass(frozen=True)
class Probe:
    """One question.

    Args:
        channel: What kind of way out of the register it is.
        shows: Of each spot, what an account that sees everything finds there.
        is_compared: Whether the answer says nothing of the moment, and so can be compared.
        target: The spot it is about; null where it is about none.
    """

    endpoint: str
    channel: str
    method: str
    path: str
    body: Any = None
    form: Any = None
    shows: frozenset[str] = frozenset()
    is_compared: bool = True
    target: str | None = None

    def __str__(self) -> str:
        said = "" if self.body is None else f" {json.dumps(self.body, ensure_ascii=False)[:200]}"
        return f"{self.method} {self.path}{said}"


@dataclass(frozen=True)
class Answer:
    status: int
    mimetype: str
    text: str


def ask(client: FlaskClient, asker: Asker, probe: Probe, **headers: str) -> Answer:
    """What an asker is answered."""
    said = {"Accept": "application/json", **headers}
    if asker.is_program:
        said["Authorization"] = f"Bearer {asker.token}"
    elif asker.token:
        client.set_cookie(COOKIE, asker.token)
    more: dict[str, Any] = {"json": probe.body} if probe.body is not None else {}
    if probe.form is not None:
        more = {"data": dict(probe.form), "content_type": "multipart/form-data"}
    answer = client.open(probe.path, method=probe.method, headers=said, **more)
    client.delete_cookie(COOKIE)
    return Answer(answer.status_code, answer.mimetype or "", decoded(answer))


def decoded(answer: TestResponse) -> str:
    """The content of an answer as text."""
    content = answer.data
    if answer.mimetype == "application/vnd.mapbox-vector-tile":
        return "\n".join(str(value) for value in _tile(content))
    if answer.mimetype == "text/html":
        return _MADE_UP.sub("", _NONCE.sub("nonce", html.unescape(content.decode())))
    if "json" in (answer.mimetype or "") and content:
        return _MOMENTS.sub("", json.dumps(json.loads(content), ensure_ascii=False))
    return _file(content)


def _file(content: bytes) -> str:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(
                f"{name}\n{html.unescape(_file(archive.read(name)))}"
                for name in sorted(archive.namelist())
                if not _MEMBERS_OF_THE_MOMENT.search(name)
            )
    if content.startswith(b"SQLite format 3"):
        return "\n".join(_package(content))
    if content.startswith(b"PAR1"):
        return "\n".join(str(row) for row in pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode("utf-8", "backslashreplace")


def _package(content: bytes) -> Iterator[str]:
    with sqlite3.connect(":memory:") as database:
        database.deserialize(content)
        tables = database.execute("SELECT table_name FROM gpkg_contents").fetchall()
        for (table,) in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                yield str(row)


def _tile(content: bytes) -> Iterator[object]:
    """Names, keys and values of a vector tile, and the raw geometry of each feature."""
    for number, layer in _fields(content):
        if number == 3:
            for inner, value in _fields(layer):
                if inner in (1, 3):
                    yield bytes(value).decode()
                elif inner == 4:
                    yield from (_value(kind, said) for kind, said in _fields(value))
                elif inner == 2:
                    yield value.hex() if isinstance(value, bytes) else value


def _value(kind: int, said: bytes | int) -> object:
    if kind == 1:
        return bytes(said).decode()  # type: ignore[arg-type]
    if kind in (2, 3):
        return struct.unpack("<f" if kind == 2 else "<d", said)[0]  # type: ignore[arg-type]
    if kind == 6:
        return (int(said) >> 1) ^ -(int(said) & 1)
    return said


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        length, at = (8, at) if kind == 1 else (4, at) if kind == 5 else _varint(message, at)
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


@lru_cache(maxsize=2)
def _marks(answer: str) -> tuple[str, frozenset[str], frozenset[str], frozenset[str]]:
    """An answer without separators of thousands, and what it holds of each kind of mark.

    It is searched once for the marks of all spots, and patterns begin with what they look for:
    answers are large, and most of them hold nothing.
    """
    plain = _THOUSANDS.sub("", answer)
    ids, areas, places = (
        frozenset(found[1] for found in mark.finditer(plain)) for mark in (_IDS, _AREAS, _PLACES)
    )
    return plain, ids, areas, places


def found_in(answer: str, spot: Spot) -> set[str]:
    """Which marks of a spot an answer holds, by what they are."""
    plain, ids, areas, places = _marks(answer)
    number = f"{spot.number:02d}"
    degrees, parts = f"{spot.longitude:.3f}".split(".")
    assert degrees == _DEGREES
    held = {
        "text": spot.mark in plain or json.dumps(spot.mark)[1:-1] in plain,
        "id": number[1] in ids,
        "area": number in areas,
        "place": parts in places,
    }
    return {name for name, is_held in held.items() if is_held}


def told_by(answer: Answer, probe: Probe, spots: Iterable[Spot]) -> set[str]:
    """What an answer tells of spots beside the numbers and codes that were asked about."""
    asked = re.findall(r"\d{7}|Q.\d\d-\w+", f"{probe.path} {probe.body}")
    said = answer.text
    for number in asked:
        said = said.replace(number, "")
    return {f"{spot.name} {mark}" for spot in spots for mark in found_in(said, spot)}
