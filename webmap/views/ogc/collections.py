"""Collections: the layers, with what their features say and in which coordinates they are given."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, Response, jsonify

from assets.registry import LAYERS
from gis.features.collection import GEOMETRY, Property, properties_of
from gis.features.reference import LONGITUDE_FIRST, REFERENCES, STORAGE
from gis.layers import Layer
from gis.places.queries import register_extent
from gis.places.terms import Terms, read_terms
from webmap.language import language, say
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


@blueprint.get(f"{links.ROOT}/collections/<name>/queryables")
def list_queryables(name: str) -> Response:
    """What can be asked of a layer's features, as a JSON schema."""
    refuse_unknown(("f",))
    layer = layer_named(name)
    with asking() as conn:
        terms = read_terms(conn, language())
    shape = {
        "title": say("ogc.geometry"),
        "format": "geometry-any",
        "x-ogc-role": "primary-geometry",
    }
    asked = {one.name: _queryable(one, terms) for one in properties_of(layer)}
    response = jsonify(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": links.address(f"{links.ROOT}/collections/{layer.name}/queryables"),
            "type": "object",
            "title": say(layer.title_key),
            "properties": {**asked, GEOMETRY: shape},
            "additionalProperties": False,
        }
    )
    response.mimetype = links.SCHEMA
    return response


def _queryable(one: Property, terms: Terms) -> dict[str, Any]:
    described: dict[str, Any] = {"title": say(one.title_key)}
    if one.type == "date":
        described |= {"type": "string", "format": "date"}
    else:
        described["type"] = "string" if one.type == "text" else one.type
    if one.unit:
        described["x-ogc-unit"] = one.unit
    listed = terms.of(one.term_list)
    if listed:
        described["oneOf"] = [{"const": code, "title": term.title} for code, term in listed.items()]
    return described


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
            links.link(
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                f"{here}/queryables",
                links.SCHEMA,
                say("ogc.queryables"),
            ),
            links.link("collection", here, links.JSON, title),
            links.link("tilesets-vector", f"/tiles/{layer.name}.json", links.JSON, "TileJSON"),
        ],
    }
