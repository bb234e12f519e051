"""Themes: which indicators there are, and one of them by district or by place with its legend."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from assets.domain import DomainModule
from assets.registry import DOMAINS, LAYERS
from gis.errors import InputError
from gis.filters import written_filters
from gis.narrowing import narrow
from gis.places.then import places_as_of
from gis.themes.classes import (
    FEWEST,
    METHODS,
    MOST,
    NO_FIGURE_COLOUR,
    RAMPS,
    Classified,
    classify,
    ramp_colours,
)
from gis.themes.indicators import Indicator, Measured, measure
from gis.themes.units import PLACE, THEMED, Unit, collect_units, left_units, levels
from gis.uncounted import Uncounted, not_located
from webmap.asked import as_of_date, whole_number
from webmap.language import say
from webmap.session import asking

blueprint = Blueprint("themes", __name__)

_BY_NAME: Final[dict[str, tuple[DomainModule, Indicator]]] = {
    f"{domain.name}.{indicator.name}": (domain, indicator)
    for domain in DOMAINS
    for indicator in domain.indicators
}
_USUAL_COUNT: Final = 5
_PLACE_LAYER: Final = "property"
"""Its shapes are coloured where a theme is by place."""


@blueprint.get("/api/themes")
def list_themes() -> Response:
    """What a theme can be made of: indicators, levels, methods and colours."""
    as_of = as_of_date()
    with asking() as conn:
        found = levels(conn, as_of)
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "indicators": [
                {
                    **_indicator(name, indicator),
                    "domain_title": say(domain.title_key),
                    "is_of_places": indicator.is_of_places,
                }
                for name, (domain, indicator) in _BY_NAME.items()
            ],
            "levels": [
                {"name": one.name, "title": say(f"theme.by.{one.name}"), "count": one.area_count}
                for one in found
            ]
            + [{"name": PLACE, "title": say("theme.by.place"), "count": None}],
            "methods": [{"name": name, "title": say(f"theme.method.{name}")} for name in METHODS],
            "ramps": [
                {"name": name, "title": say(f"theme.ramp.{name}"), "colours": ramp_colours(name, 5)}
                for name in RAMPS
            ],
            "classes": {"least": FEWEST, "most": MOST, "usual": _USUAL_COUNT},
        }
    )


@blueprint.get("/api/theme")
def show_theme() -> Response:
    """One indicator by district or by place: values, classes, colours, and what has no figure."""
    as_of = as_of_date()
    name = request.args.get("indicator", "")
    if name not in _BY_NAME:
        raise InputError("theme.no_such_indicator", indicator=name[:80])
    domain, indicator = _BY_NAME[name]
    by = request.args.get("by", "district")
    if by == PLACE and not indicator.is_of_places:
        raise InputError("theme.not_of_places", indicator=say(indicator.title_key))
    method = request.args.get("method", METHODS[0])
    ramp = request.args.get("ramp", RAMPS[0])
    count = whole_number("classes", least=FEWEST, most=MOST, default=_USUAL_COUNT) or _USUAL_COUNT
    filters = written_filters(LAYERS, request.args.get("filters"))
    with asking() as conn:
        units = collect_units(conn, by, as_of)
        if filters:
            narrow(conn, THEMED, places_as_of(conn, as_of), as_of, filters)
            if by == PLACE:
                units = left_units(conn, units)
        measured = measure(conn, indicator, as_of)
        missing = not_located(conn, as_of)
    known = {key: one.value for key, one in measured.items() if one.value is not None}
    classified = classify(known, method=method, count=count, ramp=ramp)
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "indicator": {**_indicator(name, indicator), "domain_title": say(domain.title_key)},
            "by": by,
            "by_title": say(f"theme.by.{by}"),
            "layer": _PLACE_LAYER if by == PLACE else None,
            "method": method,
            "ramp": ramp,
            "is_filtered": bool(filters),
            **_legend(classified, len(units)),
            "values": [_value(unit, measured.get(unit.key), classified) for unit in units],
            "notice": say("layer.admin_area.notice")
            if any(unit.is_indicative for unit in units)
            else None,
            "not_located": _beside(missing),
        }
    )


def _indicator(name: str, indicator: Indicator) -> dict[str, Any]:
    return {
        "name": name,
        "title": say(indicator.title_key),
        "unit": indicator.unit,
        "per": say(indicator.per_key) if indicator.per_key else None,
        "source": say(indicator.source_key),
    }


def _legend(classified: Classified, units: int) -> dict[str, Any]:
    return {
        "classes": [
            {"lower": one.lower, "upper": one.upper, "count": one.count, "colour": one.colour}
            for one in classified.classes
        ],
        "no_figure": {
            "title": say("theme.no_figure"),
            "count": units - len(classified.class_of),
            "colour": NO_FIGURE_COLOUR,
        },
    }


def _value(unit: Unit, measured: Measured | None, classified: Classified) -> dict[str, Any]:
    """One unit; without a figure, its value and its class are null."""
    said: dict[str, Any] = {
        "unit": unit.key,
        "name": unit.name,
        "value": measured.value if measured else None,
        "class": classified.class_of.get(unit.key),
    }
    if unit.anchor is not None:
        said["lon"], said["lat"] = unit.anchor
    else:
        said |= {
            "amount": measured.amount if measured else None,
            "base": measured.base if measured else None,
            "shape": unit.shape,
        }
    return said


def _beside(found: Uncounted) -> dict[str, float]:
    return {
        "place_count": found.place_count,
        "gross_area_m2": round(found.gross_area_m2, 2),
    }
