"""A layer, or the places of a question, as a file to take away."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from flask import Blueprint, Response
from sqlalchemy import Connection, text

from assets.registry import LAYERS
from gis.audit.accesses import AccessKind, note_access
from gis.errors import InputError
from gis.filters import stated_filters
from gis.layers import Layer, shown_by
from gis.narrowing import keep_matching
from gis.places.then import places_as_of
from gis.questions import asked_area, collect_places, collect_register, parse_question
from webmap.asked import as_of_date, json_object
from webmap.attached import attached
from webmap.language import language
from webmap.session import asking
from webmap.static_files import vendor_dir
from webmap.web_settings import kept_settings

blueprint = Blueprint("exports", __name__)
MOST_PLACES: Final = 200_000
"""Written while the browser waits; the command line has no such ceiling."""


@blueprint.post("/api/layers/<layer_name>/export")
def export_places(layer_name: str) -> Response:
    """A file of a layer: of all its places, or of those in an area, or that pass filters."""
    # Writing files needs libraries that no other page does.
    from etl.export.layers import FORMATS, Export, export_layer, layer_named  # noqa: PLC0415

    body = json_object()
    layer = layer_named(layer_name)
    file_format = str(body.get("format"))[:20]
    if file_format not in FORMATS:
        raise InputError("export.no_such_format", format=file_format, known=", ".join(FORMATS))
    question = parse_question(body, as_of_date(body.get("as_of") or ""), LAYERS)
    filters = stated_filters(LAYERS, body.get("filters"))
    is_in_area = bool(body.get("within"))
    export = Export(
        layer,
        question.as_of,
        file_format,
        language(),
        is_selection=is_in_area or bool(filters),
        is_filtered=bool(filters),
        libraries=vendor_dir(kept_settings()) / "leaflet",
    )
    with tempfile.TemporaryDirectory() as scratch:
        with asking(is_long=True) as conn:
            if is_in_area:
                asked = collect_places(conn, question, asked_area(conn, question))
                keep_matching(conn, asked, filters)
            elif filters:
                # Of the whole layer, as without a filter, with what nobody has located yet.
                keep_matching(conn, collect_register(conn, question.as_of), filters)
            _refuse_too_many(conn, layer, export.condition, export.as_of)
            path, count = export_layer(conn, export, Path(scratch))
            note_access(
                conn, AccessKind.EXPORT, layer.name, as_of=export.as_of, format=file_format,
                places=count, within=body.get("within"), filters=body.get("filters"),
            )  # fmt: skip
        return attached(path.read_bytes(), path.name)


def _refuse_too_many(conn: Connection, layer: Layer, condition: str, as_of: date) -> None:
    rows = shown_by(layer, places_as_of(conn, as_of))
    found = conn.execute(
        text(f"SELECT count(*) FROM {rows} AS shown WHERE {condition}"), {"as_of": as_of}
    ).scalar_one()
    if found > MOST_PLACES:
        raise InputError("export.too_many", count=f"{found:,}", most=f"{MOST_PLACES:,}")
