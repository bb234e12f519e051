"""What the map can show: the layer tree with counts and themes, and the districts to ask about."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, text

from assets.registry import DOMAINS, LAYERS
from gis.breakdown import DISTRICT, Bar, Box, break_down
from gis.clock import today
from gis.drawn_then import count_drawn
from gis.errors import InputError, NotFound
from gis.filters import count_matching, parse_filter, stated_filter, stated_filters
from gis.layers import Attribute, Layer, Theme
from gis.legend import legend_classes
from gis.narrowing import keep_matching
from gis.places.queries import admin_areas, count_by_layer, days_of_change, register_extent
from gis.places.terms import Terms, read_terms
from gis.questions import asked_area, collect_places, drawn_point, parse_question
from gis.versions import read_versions
from webmap.asked import as_of_date, json_object, whole_number
from webmap.language import language, say
from webmap.session import asking
from webmap.views.basemaps import described_basemaps
from webmap.web_settings import kept_settings

blueprint = Blueprint("layers", __name__)


@blueprint.get("/api/layers")
def list_layers() -> Response:
    """The layer tree, as the asking account sees it."""
    as_of = as_of_date()
    with asking() as conn:
        described = _described(conn, {"as_of": as_of})
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "today": today().isoformat(),
            "review_number": kept_settings().map_review_number,
            "basemaps": described_basemaps(),
            "first_list": _first_list(),
            **described,
        }
    )


def _first_list() -> str | None:
    """The list that the table shows until another is chosen."""
    return next((name for one in DOMAINS if one.area_facts for name in one.area_facts.lists), None)


def _described(conn: Connection, values: Mapping[str, Any]) -> dict[str, Any]:
    versions = read_versions(conn)
    terms = read_terms(conn, language())
    counts = count_by_layer(conn, LAYERS, values["as_of"])
    groups: dict[str, list[dict[str, Any]]] = {}
    for layer in LAYERS:
        groups.setdefault(layer.group, []).append(_layer(layer, terms, counts[layer.name]))
    return {
        "data_version": versions.data,
        "may_write": conn.execute(
            text("SELECT EXISTS (SELECT FROM rights.my_write_cells)")
        ).scalar_one(),
        "extent": register_extent(conn),
        "groups": [
            {"name": name, "title": say(f"layer.group.{name}"), "layers": layers}
            for name, layers in groups.items()
        ],
    }


def _layer(layer: Layer, terms: Terms, count: int) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": say(layer.title_key),
        "geometry": layer.geometry,
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "detailzoom": None if layer.is_always_counted else layer.detail_zoom,
        "count": count,
        "visible": layer.is_visible,
        "tiles": f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt",
        "label_attribute": "name",
        "lies_beside": layer.lies_beside,
        "floor_aware": layer.level_attribute is not None,
        "notice": say(layer.notice_key) if layer.notice_key and count else None,
        "themes": [
            theme for theme in (_theme(one, terms) for one in layer.themes) if theme["classes"]
        ],
        "attributes": [_attribute(one, terms) for one in layer.attributes],
        "kinds": [{"value": kind, "title": say(f"place.kind.{kind}")} for kind in layer.kinds],
        "is_held": layer.held_sql is not None,
        "is_charted": bool(layer.arms),
    }


def _theme(theme: Theme, terms: Terms) -> dict[str, Any]:
    return {
        "name": theme.name,
        "title": say(theme.title_key),
        "attribute": theme.attribute,
        "classes": [asdict(one) for one in legend_classes(theme, terms, language())],
    }


def _attribute(attribute: Attribute, terms: Terms) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": attribute.name,
        "title": say(attribute.title_key),
        "unit": attribute.unit,
        "type": attribute.type,
    }
    if attribute.term_list:
        named = terms.of(attribute.term_list)
        described["values"] = {code: term.title for code, term in named.items()}
    return described


@blueprint.get("/api/layers/<name>/count")
def count_filtered(name: str) -> Response:
    """How many places of a layer pass a filter, and of how many."""
    layer = next((one for one in LAYERS if one.name == name), None)
    if layer is None:
        raise NotFound("layer.no_such_layer", layer=name[:40])
    as_of = as_of_date()
    chosen = parse_filter(layer, request.args.get("filter"))
    if chosen is None:
        raise InputError("filter.not_understood")
    with asking() as conn:
        count, total = count_matching(conn, layer, chosen, as_of)
    return jsonify({"as_of": as_of.isoformat(), "count": count, "total": total})


@blueprint.post("/api/layers/<name>/breakdown")
def break_layer_down(name: str) -> Response:
    """How the places of a layer spread over districts and attributes, in an area or a view."""
    layer = next((one for one in LAYERS if one.name == name and one.arms), None)
    if layer is None:
        raise NotFound("layer.no_such_layer", layer=name[:40])
    body = json_object()
    question = parse_question(body, as_of_date(body.get("as_of") or ""), LAYERS)
    chosen = stated_filter(layer, body.get("filter"))
    # Its own filter narrows each chart but the one that shows what it asks.
    others = [one for one in stated_filters(LAYERS, body.get("filters")) if one[0] is not layer]
    box = _box(body.get("box"))
    with asking() as conn:
        asked = collect_places(conn, question, asked_area(conn, question))
        asked = keep_matching(conn, asked, others)
        found = break_down(conn, layer, chosen, box, asked)
        districts = {one["code"]: one["name"] for one in admin_areas(conn)}
        terms = read_terms(conn, language())
    return jsonify(
        {
            "as_of": asked.as_of.isoformat(),
            "matching": found.matching,
            "total": found.total,
            "charts": [
                _chart(layer, dimension, bars, terms, districts)
                for dimension, bars in found.bars.items()
            ],
        }
    )


@blueprint.get("/api/drawn")
def count_shapes() -> Response:
    """How many shapes a sheet of some layers would draw one by one."""
    named = (request.args.get("layers") or "").split(",")
    layers = [layer for layer in LAYERS if layer.name in named]
    try:
        box = _box([float(part) for part in (request.args.get("box") or "").split(",")])
    except ValueError as error:
        raise InputError("question.position") from error
    assert box is not None  # noqa: S101 -- a list was given
    level = whole_number("floor", least=-99, most=999)
    as_of = as_of_date()
    with asking() as conn:
        count = count_drawn(conn, layers, box, as_of=as_of, level=level)
    return jsonify({"count": count})


def _box(stated: object) -> Box | None:
    if stated is None:
        return None
    if not isinstance(stated, list) or len(stated) != 4:
        raise InputError("question.position")
    (west, south), (east, north) = drawn_point(stated[:2]), drawn_point(stated[2:])
    return west, south, east, north


def _chart(
    layer: Layer,
    dimension: str,
    bars: Sequence[Bar],
    terms: Terms,
    districts: Mapping[str, str],
) -> dict[str, Any]:
    """One chart with its bars worded; classes of a theme stand in their own order and colours."""
    attribute = next((one for one in layer.attributes if one.name == dimension), None)
    theme = next((one for one in layer.themes if one.attribute == dimension), None)
    classes = {
        one.value: one for one in (legend_classes(theme, terms, language()) if theme else ())
    }
    named: dict[str, str] = {value: one.title for value, one in classes.items()}
    if dimension == DISTRICT:
        named, title = dict(districts), say("breakdown.district")
    elif attribute is None:
        named, title = (
            {kind: say(f"place.kind.{kind}") for kind in layer.kinds},
            say("breakdown.kind"),
        )
    else:
        title = say(attribute.title_key)
        if attribute.term_list:
            named = {code: term.title for code, term in terms.of(attribute.term_list).items()}
    order = {value: at for at, value in enumerate(classes)} if theme and theme.classes else {}
    return {
        "name": dimension,
        "title": title,
        "bars": [
            {
                "value": bar.value,
                "title": named.get(bar.value, bar.value) if bar.value else None,
                "colour": classes[bar.value].colour if bar.value in classes else None,
                "count": bar.place_count,
                "area_m2": round(bar.area_m2, 2) if bar.area_m2 is not None else None,
            }
            for bar in sorted(
                bars, key=lambda one: (not one.value, order.get(one.value, len(order)))
            )
        ],
    }


@blueprint.get("/api/dates")
def list_dates() -> Response:
    """The days on which what the account sees changed, oldest first; today stands last."""
    with asking() as conn:
        days, first = days_of_change(conn, today())
    return jsonify(
        {
            "items": [day.isoformat() for day in days],
            "first": first.isoformat() if first else None,
        }
    )


@blueprint.get("/api/admin-areas")
def list_admin_areas() -> Response:
    """The districts one can ask about, with their extents."""
    with asking() as conn:
        return jsonify({"items": admin_areas(conn)})
