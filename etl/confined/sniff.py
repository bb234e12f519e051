"""Tell a file's format by its content, and refuse what pretends."""

import re
import zipfile
import zlib
from pathlib import Path
from typing import Final

from etl.confined.formats import SUFFIXES, Format
from etl.limits import Limits
from gis.errors import SourceError

_DOCUMENT_TYPE: Final = b"<!DOCTYPE"
_MARKUP: Final = (".xml", ".rels", ".vml")
_CHUNK: Final = 1 << 20
_CONTROLS: Final = re.compile(r"[\x01-\x08\x0e-\x1f]")
_MOST_NUL: Final = 0.05
"""Share of characters; of UTF-16 without its mark far more are."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHAPE_FILE_CODE: Final = b"\x00\x00\x27\x0a"
_OSM_HEADER: Final = b"\x0a\x09OSMHeader"
BINARY_DXF: Final = b"AutoCAD Binary DXF\r\n\x1a\x00"
_DRAWING: Final = re.compile(r"(?:999\r?\n[^\n]*\n\s*)*0\r?\n\s*SECTION\b")
"""A drawing begins so, after comments."""
_DWG: Final = re.compile(rb"AC(?:10\d\d|[12]\.\d)")
_ROOTS: Final = (
    (re.compile(r"<(?:\w+:)?kml[\s>]"), Format.KML),
    (re.compile(r"<osm[\s>]"), Format.OSM),
    (re.compile(r"urn:schemas-microsoft-com:office:spreadsheet\"[^<]*>|progid=\"Excel\.Sheet\""),
     Format.XML_SHEETS),
    (re.compile(r"<(?:!doctype\s+html|html|head|body|meta|style|div|table)[\s>]", re.IGNORECASE),
     Format.WEB_TABLE),
)  # fmt: skip
_WEB_ARCHIVE: Final = re.compile(r"mime-version:|.{0,2000}?content-type:\s*multipart/related",
                                 re.IGNORECASE | re.DOTALL)  # fmt: skip


def sniff(path: Path, file: str, limits: Limits) -> Format:
    """The format of a file, by content; its name must agree.

    Args:
        path: Where the bytes are.
        file: Name as the person knows it; its suffix is what the content must match.
        limits: Ceilings checked before anything is unpacked.

    Raises:
        SourceError: Empty, too large, encrypted, a zip bomb, damaged, of no known format, or
            named as something it is not.
    """
    size = path.stat().st_size
    if size == 0:
        raise SourceError("load.empty_file", file=file)
    if size > limits.max_file_bytes:
        raise SourceError("load.file_too_large", file=file, limit=limits.max_file_bytes)
    with path.open("rb") as stream:
        head = stream.read(4096)
    found = _by_content(path, file, head, limits)
    suffix = Path(file).suffix.lower()
    if suffix not in SUFFIXES[found]:
        raise SourceError("load.wrong_name", file=file, suffix=suffix, content=found.value)
    return found


def _by_content(path: Path, file: str, head: bytes, limits: Limits) -> Format:
    if head.startswith(b"PK"):
        return _inside_zip(path, file, limits)
    if head.startswith(_OLE):
        return _inside_ole(path, file)
    if head.startswith(b"SQLite format 3\x00"):
        # Bytes 68-71 are the application id; older GeoPackages carry GP10 or GP11.
        if head[68:70] != b"GP":
            raise SourceError("load.not_geopackage", file=file)
        return Format.GPKG
    if head.startswith(_SHAPE_FILE_CODE):
        return Format.SHAPEFILE
    if head[4:15] == _OSM_HEADER:
        return Format.OSM_PBF
    if head.startswith(BINARY_DXF):
        return Format.DXF
    if _DWG.match(head):
        raise SourceError("load.dwg", file=file)
    return _inside_text(head, file)


def _inside_text(head: bytes, file: str) -> Format:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", errors="ignore")
    else:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    text = text.lstrip()
    if not text:
        raise SourceError("load.empty_file", file=file)
    if _DRAWING.match(text):
        return Format.DXF
    if text[0] in "{[":
        return Format.GEOJSON
    if text[0] == "<":
        for root, found in _ROOTS:
            if root.search(text):
                return found
    if _WEB_ARCHIVE.match(text):
        raise SourceError("load.web_archive", file=file)
    if text.startswith(("%PDF", "<")) or ("\x00" in text and not _is_text_with_nul(text)):
        raise SourceError("load.unknown_format", file=file)
    return Format.CSV


def _is_text_with_nul(text: str) -> bool:
    """Whether a NUL is all that is wrong: of no other control character a text would lack."""
    is_marred = _CONTROLS.search(text) is not None
    return not is_marred and "\n" in text and text.count("\x00") <= _MOST_NUL * len(text)


def _inside_ole(path: Path, file: str) -> Format:
    # An encrypted xlsx is an OLE file with this stream; its name is UTF-16 in the directory.
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise SourceError("load.encrypted", file=file)
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return Format.XLS
    raise SourceError("load.unknown_format", file=file)


def _inside_zip(path: Path, file: str, limits: Limits) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            refuse_bomb(archive, file, path.stat().st_size, limits)
    except zipfile.BadZipFile as error:
        raise SourceError("load.truncated", file=file) from error
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return Format.XLSX
    if "content.xml" in names:
        return Format.ODS
    if any(name.lower().endswith(".shp") for name in names):
        return Format.ZIPPED_SHAPEFILE
    if any(name.lower().endswith(".kml") for name in names):
        return Format.KMZ
    raise SourceError("load.unknown_format", file=file)


def refuse_bomb(archive: zipfile.ZipFile, file: str, packed: int, limits: Limits) -> None:
    """Refuse an archive that unpacks to too much, whatever its directory claims.

    The directory is believed only to refuse early; then every member is unpacked once into
    nothing, so a lying directory or a damaged member is found before any parser sees it.

    Raises:
        SourceError: Encrypted, over the ceilings, damaged, or with a document type in its markup:
            that is where entity bombs stand, and no office program writes one.
    """
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise SourceError("load.encrypted", file=file)
    ceiling = limits.max_unpacked_bytes
    ratio_ceiling = max(packed * limits.max_unpack_ratio, limits.ratio_applies_over_bytes)
    allowed = min(ceiling, ratio_ceiling)
    if sum(member.file_size for member in members) > allowed:
        raise SourceError("load.zip_bomb", file=file, limit=allowed)
    seen = 0
    for member in members:
        try:
            with archive.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    if _DOCUMENT_TYPE in chunk and member.filename.endswith(_MARKUP):
                        raise SourceError("load.document_type", file=file)
                    seen += len(chunk)
                    if seen > allowed:
                        raise SourceError("load.zip_bomb", file=file, limit=allowed)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise SourceError("load.truncated", file=file) from error
