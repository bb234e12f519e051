"""KML and OSM as XML: without document types, in UTF-8, whatever they came in."""

import html
import re
import zipfile
from pathlib import Path
from typing import Final

from gis.errors import SourceError

_DECLARED: Final = re.compile(r"^\s*<\?xml\s(?:[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"'])?[^>]*\?>")
_FORBIDDEN: Final = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_KML_FIELD: Final = re.compile(r"(<(?:\w+:)?Data\b[^<>]*?\sname\s*=\s*)(\"[^\"<>]*\"|'[^'<>]*')")
_ENCODINGS: Final = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-16": "utf-16", "ascii": "utf-8-sig",
    "us-ascii": "utf-8-sig", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
}  # fmt: skip


def written_as_utf8(content: bytes, file: str, target: Path) -> Path:
    """Writes markup where a parser may have it: as UTF-8, and without a document type.

    A document type is where entity bombs and links to other files stand; no register needs one.

    Raises:
        SourceError: It has a document type, or its text is in none of the known encodings.
    """
    return written_in_utf8(safe_markup(content, file), target)


def written_in_utf8(body: str, target: Path) -> Path:
    """Writes markup that has been found safe under a declaration that is true."""
    target.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{body}', encoding="utf-8")
    return target


def safe_markup(content: bytes, file: str) -> str:
    """The text of markup without its declaration of an encoding.

    Raises:
        SourceError: As for `written_as_utf8`.
    """
    text = _text(content, file)
    if _FORBIDDEN.search(text):
        raise SourceError("load.document_type", file=file)
    return _DECLARED.sub("", text, count=1)


def kml_fields_by_number(body: str) -> tuple[str, dict[str, str]]:
    """A KML whose untyped fields are named by number, and the name behind each number.

    The reading library keeps their names as those of XML elements: of 建筑面积 it leaves `____`.
    """
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        name = html.unescape(found[2][1:-1])
        return f'{found[1]}"{numbers.setdefault(name, f"field_number_{len(numbers)}")}"'

    body = _KML_FIELD.sub(numbered, body)
    return body, {number: name for name, number in numbers.items()}


def unpacked_kmz(path: Path, file: str) -> bytes:
    """The main document of a KMZ: `doc.kml`, or the first .kml.

    Raises:
        SourceError: There is none.
    """
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
        if not names:
            raise SourceError("load.no_layer", file=file)
        main = "doc.kml" if "doc.kml" in names else names[0]
        return archive.read(main)


def _text(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding: str | None = "utf-16"
    else:
        declared = _DECLARED.match(content[:200].removeprefix(b"\xef\xbb\xbf").decode("latin-1"))
        named = declared[1] if declared else None
        encoding = _ENCODINGS.get(named.casefold()) if named else "utf-8-sig"
    if encoding is None:
        raise SourceError("load.unknown_encoding", file=file)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            raise SourceError("load.unknown_encoding", file=file) from error
    # A Chinese program's file may say UTF-8 and be GBK.
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise SourceError("load.unknown_encoding", file=file) from error
