"""The one door for files."""

import hashlib
from pathlib import Path

from etl.limits import Limits
from etl.read.delimited import read_csv
from etl.read.geographic import read_layers, shapefile_parts
from etl.read.sniff import sniff
from etl.read.source import Format, Source
from etl.read.workbook import read_workbook
from gis.errors import SourceError

_WORKBOOKS = (Format.XLSX, Format.XLS, Format.ODS)


def read_source(path: Path, *, file: str | None = None, limits: Limits | None = None) -> Source:
    """Read a file by its content.

    Args:
        path: Where the bytes are.
        file: Name as the person knows it; null takes the path's.
        limits: Ceilings; null takes the defaults.

    Raises:
        SourceError: The file breaks its promise: empty, truncated, encrypted, wrongly named,
            a zip bomb, over a ceiling. Nothing else was touched.
    """
    name = file or path.name
    ceilings = limits or Limits()
    if not path.is_file():
        raise SourceError("load.no_such_file", file=name)
    found = sniff(path, name, ceilings)
    digest = file_digest(path, found)
    if found in _WORKBOOKS:
        grids, place_codes = read_workbook(path, name, ceilings)
        return Source(name, digest, found, grids=grids, place_codes=place_codes)
    if found is Format.CSV:
        return Source(name, digest, found, grids=(read_csv(path, name, ceilings),))
    return Source(name, digest, found, layers=read_layers(path, name, found, ceilings))


def file_digest(path: Path, found: Format) -> str:
    """SHA-256 of a file's bytes, hexadecimal; of all parts in name order for a Shapefile."""
    digest = hashlib.sha256()
    parts = shapefile_parts(path) if found is Format.SHAPEFILE else [path]
    for part in parts:
        with part.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
