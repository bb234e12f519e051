"""Collections: the layers, with what their features say and in which coordinates they are given."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, Response, jsonify

from assets.registry import LAYERS
from gis.features.reference import LONGITUDE_FIRST, REFERENCES, STORAGE
from gis.layers import Layer
from gis.places.queries import register_extent
from webmap.language import say
from webmap.session import asking
from webmap.views.ogc import links
from webmap.views.ogc.parameters import layer_named, refuse_unknown

blueprint = Blueprint("ogc_collections", __name__)
_REFERENCES: Final = [one.uri for one in REFERENCES]


@blueprint.get(f"{links.ROOT}/collections")
def list_collections() -> Response:
    """Every layer."""
    refuse_unknown(("f",))
    with asking() as conn:
        extent = register_extent(conn)
    return jsonify(
        {
            "links": [links.self_link(links.JSON)],
            "crs": _REFERENCES,
            "collections": [_described(layer, extent, ["#/crs"]) for layer in LAYERS],
        }
    )


@blueprint.get(f"{links.ROOT}/collections/<name>")
def show_collection(name: str) -> Response:
    """One layer."""
    refuse_unknown(("f",))
    layer = layer_named(name)
    with asking() as conn:
        extent = register_extent(conn)
    described = _described(layer, extent, _REFERENCES)
    described["links"].insert(0, links.self_link(links.JSON))
    return jsonify(described)


def _described(layer: Layer, extent: Sequence[float], references: list[str]) -> dict[str, Any]:
    here = f"{links.ROOT}/collections/{layer.name}"
    title = say(layer.title_key)
    return {
        "id": layer.name,
        "title": title,
        "description": say("ogc.collection", title=title),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [extent], "crs": LONGITUDE_FIRST.uri},
            "temporal": {
                "interval": [[None, None]],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        },
        "crs": references,
        "storageCrs": STORAGE.uri,
        "links": [
            links.link("items", f"{here}/items", links.GEOJSON, title),
            links.link("collection", here, links.JSON, title),
            links.link("tilesets-vector", f"/tiles/{layer.name}.json", links.JSON, "TileJSON"),
        ],
    }
