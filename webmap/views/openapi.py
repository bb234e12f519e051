"""`/openapi.json`: what programs may ask, kept by hand; a test compares it with the addresses."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify

from webmap.views.openapi_archive import ARCHIVE_PATHS
from webmap.views.openapi_cases import CASE_PATHS
from webmap.views.openapi_certificates import CERTIFICATE_PATHS
from webmap.views.openapi_editing import EDITING_PATHS, PHOTO_PATHS
from webmap.views.openapi_imports import IMPORT_PATHS
from webmap.views.openapi_inspections import INSPECTION_PATHS
from webmap.views.openapi_occupancy import OCCUPANCY_PATHS
from webmap.views.openapi_ogc import OGC_PATHS
from webmap.views.openapi_pages import PAGE_PATHS
from webmap.views.openapi_parts import ANY_FILE, DOCX, XLSX, operation, parameter
from webmap.views.openapi_redeployment import REDEPLOYMENT_PATHS
from webmap.views.openapi_requests import REQUEST_PATHS
from webmap.views.openapi_space import SPACE_PATHS
from webmap.views.openapi_themes import FILTER, THEME_PATHS

blueprint = Blueprint("openapi", __name__)


_AS_OF: Final = parameter("as_of", "query", "string", "Day the answer holds for, YYYY-MM-DD.")
_REPORT: Final = (
    parameter("name", "path", "string", "Its name."),
    _AS_OF,
    parameter("since", "query", "string", "First day of its period, of reports that have one."),
    parameter("body", "query", "string", "Code of a body, of reports that can be of one."),
    parameter("filed_by", "query", "string", "Who hands it in, for a form's head."),
)
_PLACE: Final = parameter("place_id", "path", "integer", "Our number of the place.")
_WAITING: Final = (
    parameter("kind", "query", "string", "Only this kind."),
    parameter("area", "query", "string", "Only this district, by code."),
    parameter("holder", "query", "integer", "Only this organization's."),
    parameter("load", "query", "integer", "Only what this load brought or changed last."),
    parameter("q", "query", "string", "Only with this in name, address or code."),
)
VERSION: Final = "1"
"""Of the interface, not of the program: rises when an answer changes its meaning."""
_WITHIN: Final = {
    "type": "object",
    "description": "One of: geometry (GeoJSON polygon, at most 20,000 points), place_id,"
    " admin_area, point with radius_m; empty for the whole register.",
    "properties": {
        "geometry": {"type": "object"},
        "place_id": {"type": "integer"},
        "admin_area": {"type": "string"},
        "point": {"type": "array", "items": {"type": "number"}},
        "radius_m": {"type": "number"},
    },
}
_QUESTION: Final = {
    "within": _WITHIN,
    "buffer_m": {"type": "number"},
    "invert": {"type": "boolean"},
    "touching": {"type": "boolean", "description": "Also what the area only touches."},
    "as_of": {"type": "string", "format": "date"},
    "domains": {"type": "array", "items": {"type": "string"}},
    "filters": {
        "type": "object",
        "description": "By layer, as the layer's filter: places that do not pass are left out,"
        " with all that is part of them.",
    },
}


PATHS: Final[dict[str, dict[str, Any]]] = {
    "/healthz": {"get": operation("Whether the server answers")},
    "/metrics": {
        "get": operation(
            "Counts and times of requests, and what waits, for Prometheus; only to this machine, to"
            " stated addresses, and to the token of a system administrator",
            media="text/plain",
        )
    },
    "/openapi.json": {"get": operation("This document")},
    "/api/layers": {"get": operation("The layer tree with counts and themes", _AS_OF)},
    "/api/layers/{layer_name}/export": {
        "post": operation(
            "A file of a layer; of an area's places only, or of those that pass filters",
            parameter("layer_name", "path", "string", "Name of the layer."),
            body={
                **_QUESTION,
                "format": {
                    "type": "string",
                    "enum": ["gpkg", "geojson", "parquet", "shp", "csv", "xlsx", "html"],
                },
            },
            media=ANY_FILE,
        )
    },
    "/api/admin-areas": {"get": operation("Districts one can ask about")},
    "/api/search": {
        "get": operation(
            "Bodies, then places, by name, code, address, number, certificate, holder or initials",
            parameter("q", "query", "string", "What was typed."),
            parameter("limit", "query", "integer", "At most 50."),
        )
    },
    "/api/places/{place_id}": {"get": operation("The card of a place", _PLACE, _AS_OF)},
    "/api/unlocated": {
        "get": operation(
            "Places that wait for a location, and how many of each kind, district and holder",
            *_WAITING,
            parameter("limit", "query", "integer", "At most 500."),
            parameter("offset", "query", "integer", "Rows before."),
        )
    },
    "/api/unlocated/exact": {
        "get": operation(
            "How many of them have an address, with a number, that only one spot on the map has",
            *_WAITING,
        ),
        "post": operation(
            "Put these on the map in one step",
            *_WAITING,
            body={"count": {"type": "integer", "description": "As counted; else nothing happens"}},
        ),
    },
    "/api/unlocated/steps/{step_id}": {
        "delete": operation(
            "Take off the map again what one put there in one step, as far as it still stands",
            parameter("step_id", "path", "integer", "As the step answered."),
        )
    },
    "/api/unlocated/{place_id}/candidates": {
        "get": operation("Where the place may lie, best first, with the reasons", _PLACE)
    },
    "/api/places/{place_id}/location": {
        "post": operation(
            "Put a place without location on the map",
            _PLACE,
            body={
                "point": {"type": "array", "items": {"type": "number"}},
                "method": {"type": "string", "description": "click, or a candidate's method"},
                "accuracy_m": {"type": "number"},
                "reason": {"type": "string"},
                "moves": {"type": "boolean", "description": "It was put on the map by hand"},
            },
        ),
        "delete": operation("Take a place that was put on the map by hand off it again", _PLACE),
    },
    "/api/area-summary": {"post": operation("Figures about an area", body=_QUESTION)},
    "/api/area-list": {
        "post": operation(
            "The list behind a figure: a page of it, the number of all rows and the sums of all",
            body={
                **_QUESTION,
                "list": {"type": "string"},
                "limit": {"type": "integer"},
                "offset": {"type": "integer"},
            },
        )
    },
    "/api/reports": {"get": operation("Which reports there are")},
    "/api/reports/survey": {
        "get": operation(
            "The national survey: one filer's workbook, or all in a zip",
            _AS_OF,
            parameter("area", "query", "string", "Code of the filer."),
            parameter("filled_by", "query", "string", "Office and name, for the cover."),
            parameter("telephone", "query", "string", "Telephone, for the cover."),
            media=(XLSX, "application/zip"),
        )
    },
    "/api/reports/analysis": {
        "get": operation(
            "The analysis report as a Word file or PDF",
            _AS_OF,
            parameter("format", "query", "string", "docx or pdf."),
            media=(DOCX, "application/pdf"),
        )
    },
    "/api/reports/{name}.json": {"get": operation("A report as plain tables", *_REPORT)},
    **EDITING_PATHS,
    **PHOTO_PATHS,
    **CASE_PATHS,
    **ARCHIVE_PATHS,
    "/api/reports/{name}.xlsx": {
        "get": operation("A report as a workbook, a sheet a table", *_REPORT, media=XLSX)
    },
    "/api/reports/{name}.docx": {
        "get": operation("A report as a Word file on landscape pages", *_REPORT, media=DOCX)
    },
    "/api/reports/{name}.pdf": {
        "get": operation("The same pages as PDF", *_REPORT, media="application/pdf")
    },
    **IMPORT_PATHS,
    **THEME_PATHS,
    **OGC_PATHS,
    **PAGE_PATHS,
    **SPACE_PATHS,
    **CERTIFICATE_PATHS,
    **INSPECTION_PATHS,
    **OCCUPANCY_PATHS,
    **REDEPLOYMENT_PATHS,
    **REQUEST_PATHS,
    "/tiles/{layer_name}/{z}/{x}/{y}.mvt": {
        "get": operation(
            "A vector tile; a shape says `has_label` in the one tile that should name it",
            parameter("layer_name", "path", "string", "Name of the layer."),
            parameter("z", "path", "integer", "Zoom, 0 to 22."),
            parameter("x", "path", "integer", "Column."),
            parameter("y", "path", "integer", "Row."),
            _AS_OF,
            parameter("floor", "query", "integer", "Signed level, for layers with floors."),
            FILTER,
            media="application/vnd.mapbox-vector-tile",
        )
    },
}


@blueprint.get("/openapi.json")
def describe() -> Response:
    """The application interface in OpenAPI 3.1."""
    return jsonify(
        {
            "openapi": "3.1.0",
            "info": {"title": "onemap", "version": VERSION},
            "paths": PATHS,
        }
    )
