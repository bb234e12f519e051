"""The formats onemap opens, and the file names they may come under."""

from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """File formats told by content."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    XML_SHEETS = "xml"
    """XML Spreadsheet 2003, which other systems hand out under the name of an xls."""
    WEB_TABLE = "html"
    """Tables of a web page, which other systems hand out under the name of an xls."""
    CSV = "csv"
    GPKG = "gpkg"
    GEOJSON = "geojson"
    SHAPEFILE = "shp"
    ZIPPED_SHAPEFILE = "zip"
    KML = "kml"
    KMZ = "kmz"
    OSM = "osm"
    OSM_PBF = "osm.pbf"
    DXF = "dxf"
    """A drawing; it is opened by a process of its own (`etl.confined.drawing`)."""


SUFFIXES: Final[dict[Format, tuple[str, ...]]] = {
    Format.XLSX: (".xlsx", ".xlsm"),
    Format.XLS: (".xls", ".et"),
    Format.ODS: (".ods",),
    Format.XML_SHEETS: (".xls", ".xml"),
    Format.WEB_TABLE: (".xls", ".html", ".htm"),
    Format.CSV: (".csv", ".txt", ".tsv"),
    Format.GPKG: (".gpkg",),
    Format.GEOJSON: (".geojson", ".json"),
    Format.SHAPEFILE: (".shp",),
    Format.ZIPPED_SHAPEFILE: (".zip",),
    Format.KML: (".kml",),
    Format.KMZ: (".kmz",),
    Format.OSM: (".osm",),
    Format.OSM_PBF: (".pbf",),
    Format.DXF: (".dxf",),
}

WORKBOOKS: Final = frozenset({Format.XLSX, Format.XLS, Format.ODS})
MARKUP: Final = frozenset({Format.XML_SHEETS, Format.WEB_TABLE})
