"""`/tiles/<layer>.json`: how a layer's tiles are read, as TileJSON 3.0."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify

from gis.errors import NotFound
from gis.features.collection import properties_of
from gis.layers import Layer
from gis.places.queries import register_extent
from webmap.language import say
from webmap.session import asking
from webmap.views.ogc.links import address
from webmap.views.tiles import LAYER_BY_NAME

blueprint = Blueprint("tilejson", __name__)
_DATES: Final = ("valid_from", "valid_to", "admin_area_code")
"""What features say and tiles do not."""


@blueprint.get("/tiles/<layer_name>.json")
def show_tilejson(layer_name: str) -> Response:
    """Where the tiles are, at which zooms, and what their features say."""
    layer = LAYER_BY_NAME.get(layer_name)
    if layer is None:
        raise NotFound("layer.no_such_layer", layer=layer_name[:40])
    with asking() as conn:
        extent = register_extent(conn)
    return jsonify(
        {
            "tilejson": "3.0.0",
            "name": say(layer.title_key),
            "scheme": "xyz",
            # By name: an encoded brace is none to a client.
            "tiles": [address(f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt")],
            "minzoom": layer.min_zoom,
            "maxzoom": layer.max_zoom,
            "bounds": extent,
            "vector_layers": [_described(layer)],
        }
    )


def _described(layer: Layer) -> dict[str, Any]:
    said = [one for one in properties_of(layer) if one.name not in _DATES]
    fields = {one.name: say(one.title_key) for one in said}
    return {
        "id": layer.name,
        "description": say(layer.title_key),
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "fields": {**fields, "count": say("ogc.tile_count")},
    }
