"""Features of a collection, page by page, and one by its id."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, request

from gis.audit.accesses import AccessKind, note_access
from gis.errors import NotFound
from gis.features.collection import properties_of, rows_of
from gis.features.reading import Page, Wanted, count_features, read_feature, read_page
from gis.features.reference import Reference
from gis.layers import Layer
from webmap.language import say
from webmap.session import asking
from webmap.views.ogc import links
from webmap.views.ogc.parameters import (
    asked_box,
    asked_filters,
    asked_limit,
    asked_position,
    asked_properties,
    asked_reference,
    asked_span,
    key_written,
    layer_named,
    position_text,
    refuse_unknown,
)

blueprint = Blueprint("ogc_items", __name__)
PARAMETERS: Final = (
    "limit", "page", "bbox", "bbox-crs", "crs", "datetime", "properties", "filter", "filter-lang",
    "filter-crs", "f",
)  # fmt: skip


_IN_BULK: Final = 500
"""Features in one answer from which on it is noted as taking the layer away: once, at page one."""


@blueprint.get(f"{links.ROOT}/collections/<name>/items")
def list_items(name: str) -> Response:
    """A page of a layer's features."""
    layer = layer_named(name)
    refuse_unknown((*PARAMETERS, *(one.name for one in properties_of(layer))))
    asked = asked_filters(layer)
    wanted = Wanted(
        limit=asked_limit(),
        reference=asked_reference("crs"),
        position=asked_position(layer),
        box=asked_box(),
        properties=asked_properties(layer),
    )
    span = asked_span()
    with asking() as conn:
        rows = rows_of(conn, layer, span)
        wanted = replace(wanted, conditions=[one.on(rows) for one in asked])
        page = read_page(conn, rows, wanted)
        matched = count_features(conn, rows, wanted)
        if len(page.features) >= _IN_BULK and "page" not in request.args:
            note_access(
                conn, AccessKind.EXPORT, layer.name, matched=matched, asked=dict(request.args)
            )
    head = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": matched,
        "numberReturned": len(page.features),
        "links": _page_links(layer, page),
    }
    return _given(_with(head, f'"features":[{",".join(page.features)}]'), wanted.reference)


@blueprint.get(f"{links.ROOT}/collections/<name>/items/<written>")
def show_item(name: str, written: str) -> Response:
    """One feature."""
    layer = layer_named(name)
    refuse_unknown(("crs", "datetime", "f"))
    wanted = Wanted(limit=1, reference=asked_reference("crs"))
    span = asked_span()
    with asking() as conn:
        rows = rows_of(conn, layer, span)
        feature = read_feature(conn, rows, key_written(layer, written), wanted)
    if feature is None:
        raise NotFound("ogc.no_such_feature", id=written[:60], layer=layer.name)
    here = f"{links.ROOT}/collections/{layer.name}"
    told = {
        "links": [
            links.self_link(links.GEOJSON),
            links.link("collection", here, links.JSON, say(layer.title_key)),
        ]
    }
    return _given(_with(told, feature[1:-1]), wanted.reference)


def _with(head: Mapping[str, Any], rest: str) -> str:
    """A JSON object of what we say, and of what the database has put together."""
    return f"{json.dumps(head, ensure_ascii=False)[:-1]},{rest}}}"


def _given(content: str, reference: Reference) -> Response:
    response = Response(content, mimetype=links.GEOJSON)
    response.headers["Content-Crs"] = f"<{reference.uri}>"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Authorization"
    return response


def _page_links(layer: Layer, page: Page) -> list[dict[str, Any]]:
    here = f"{links.ROOT}/collections/{layer.name}"
    asked = request.args.to_dict()
    made = [links.self_link(links.GEOJSON)]
    for rel, key in (("next", page.after), ("prev", page.before)):
        if key is not None:
            spot = position_text(layer, key, is_before=rel == "prev")
            parameters = {**asked, "page": spot}
            made.append(
                links.link(rel, f"{here}/items", links.GEOJSON, say(f"ogc.{rel}"), parameters)
            )
    made.append(links.link("collection", here, links.JSON, say(layer.title_key)))
    return made
