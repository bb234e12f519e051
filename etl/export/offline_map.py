"""A layer as one HTML file: a map that opens from a USB stick, with no network and no server."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import MacroElement
from jinja2 import Template
from shapely.geometry import shape
from sqlalchemy import Connection, text

from etl.export.columns import Wording, column_title
from gis.crs import WGS84_SRID
from gis.i18n import translate
from gis.layers import Layer, shown_by
from gis.legend import UNSTATED_COLOUR, LegendClass, legend_classes
from gis.places.terms import Terms, read_terms
from gis.places.then import places_as_of

MOST_DRAWN: Final = 10_000
"""A browser draws so many at once in about two seconds; the rest are counted by district."""
_NAMED: Final = ("code", "name")
_PAGE: Final = Path(__file__).with_name("offline_map.html")
_IMAGES: Final = re.compile(r"url\(images/[^)]*\)")
_DISTRICTS: Final = (
    "SELECT code, name, is_indicative, ST_AsGeoJSON(ST_Transform(geom, :wgs84), 5) AS shape"
    " FROM map.admin_area WHERE geom IS NOT NULL"
    " AND (valid_from IS NULL OR valid_from <= :as_of) AND (valid_to IS NULL OR valid_to > :as_of)"
)


@dataclass(frozen=True)
class _Class:
    """An entry of the legend and the features it colours."""

    title: str
    colour: str
    features: list[dict[str, Any]]
    map_name: str = ""


class _Page(MacroElement):
    """Libraries, title, legend and search of the page, from the template beside this file."""

    _template = Template(_PAGE.read_text(encoding="utf-8"))

    def __init__(self, said: Mapping[str, Any], classes: list[_Class], libraries: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        style = (libraries / "leaflet.css").read_text(encoding="utf-8")
        self.leaflet_script = (libraries / "leaflet.js").read_text(encoding="utf-8")
        # Pictures of controls that the page does not have.
        self.leaflet_style = _IMAGES.sub("none", style)
        self.said = said
        self.classes = classes
        self.plain = plain


def write_offline_map(
    conn: Connection,
    layer: Layer,
    *,
    as_of: date,
    condition: str,
    path: Path,
    language: str,
    libraries: Path,
) -> int:
    """Writes the map of what the session's account sees.

    At most `MOST_DRAWN` places are drawn one by one, the largest outlines first, equal ones by
    code; the page counts the others by district, and beside them those without location.

    Args:
        conn: Within a session; row security decides the rows.
        layer: Which.
        as_of: Places that exist on that day.
        condition: SQL of which rows of the layer's view, with `:as_of`.
        path: Of the file; replaced.
        language: Of all words.
        libraries: Folder with `leaflet.js` and `leaflet.css`.

    Returns:
        How many places the file draws.
    """
    rows = f"{shown_by(layer, places_as_of(conn, as_of))} AS shown"
    drawn = _drawn(conn, layer, as_of, rows, condition)
    classes = _classes(layer, drawn, read_terms(conn, language), language)
    undrawn, unlocated = _not_drawn(conn, as_of, drawn, rows, condition)
    districts = conn.execute(text(_DISTRICTS), {"as_of": as_of, "wgs84": WGS84_SRID}).all()
    names: dict[str | None, str] = {row.code: row.name for row in districts}

    made = folium.Map(tiles=None, prefer_canvas=True, attribution_control=False)
    # Folium asks public servers for its libraries; here the page itself carries them.
    made.default_js, made.default_css = [], []
    _add_districts(made, districts)
    shown = [_add_class(made, one, layer, language) for one in classes if one.features]
    west, south, east, north = _extent(conn, as_of, rows, condition)
    if west is not None:
        made.fit_bounds([(south, west), (north, east)], padding=(24, 24))
    said = {
        "map": made.get_name(),
        "title": translate(language, layer.title_key),
        "summary": translate(language, "offline_map.summary", day=as_of, count=f"{len(drawn):,}"),
        "search": translate(language, "offline_map.search"),
        "nothing": translate(language, "offline_map.nothing"),
        "districts": [_label(row) for row in districts],
        "notes": list(_notes(language, names, undrawn, unlocated, districts)),
    }
    _Page(said, shown, libraries).add_to(made)
    page = made.get_root().render().replace("<html>", f'<html lang="{language}">', 1)
    path.write_text(page, encoding="utf-8")
    return len(drawn)


def _drawn(
    conn: Connection, layer: Layer, as_of: date, rows_of: str, condition: str
) -> list[Mapping[str, Any]]:
    listed = ", ".join([*_NAMED, "admin_area_code", *(one.name for one in layer.attributes)])
    rows = conn.execute(
        text(
            f"SELECT {listed},"
            " ST_AsGeoJSON(ST_Transform(coalesce(geom, anchor), :wgs84), 6) AS shape"
            f" FROM {rows_of} WHERE {condition}"
            " AND coalesce(geom, anchor) IS NOT NULL"
            " ORDER BY ST_Area(geom) DESC NULLS LAST, code LIMIT :most"
        ),
        {"as_of": as_of, "most": MOST_DRAWN, "wgs84": WGS84_SRID},
    )
    return [dict(row) for row in rows.mappings()]


def _extent(
    conn: Connection, as_of: date, rows_of: str, condition: str
) -> tuple[float, float, float, float]:
    """West, south, east, north of what is located; nulls where nothing is."""
    west, south, east, north = conn.execute(
        text(
            "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM"
            f" (SELECT ST_Extent(coalesce(geom, anchor)) AS box FROM {rows_of}"
            f" WHERE {condition}) AS every"
        ),
        {"as_of": as_of},
    ).one()
    return west, south, east, north


def _not_drawn(
    conn: Connection,
    as_of: date,
    drawn: Iterable[Mapping[str, Any]],
    rows_of: str,
    condition: str,
) -> tuple[Counter[str | None], int]:
    """Located places that are not drawn, by district; and how many have no location."""
    rows = conn.execute(
        text(
            "SELECT admin_area_code, count(coalesce(geom, anchor)) AS located, count(*) AS every"
            f" FROM {rows_of} WHERE {condition}"
            " GROUP BY admin_area_code ORDER BY admin_area_code"
        ),
        {"as_of": as_of},
    ).all()
    undrawn = Counter({row.admin_area_code: row.located for row in rows})
    undrawn.subtract(row["admin_area_code"] for row in drawn)
    return +undrawn, sum(row.every - row.located for row in rows)


def _classes(
    layer: Layer, drawn: Iterable[Mapping[str, Any]], terms: Terms, language: str
) -> list[_Class]:
    """Features by class of the layer's first theme; last those that say nothing."""
    theme = layer.themes[0] if layer.themes else None
    known = legend_classes(theme, terms, language) if theme else []
    unstated = translate(language, "offline_map.unstated" if theme else layer.title_key)
    entries = [*known, LegendClass("", unstated, UNSTATED_COLOUR)]
    wording = Wording(layer, terms, language)
    classes = {one.value: _Class(one.title, one.colour, []) for one in entries}
    for row in drawn:
        value = str(row[theme.attribute]) if theme and row[theme.attribute] is not None else ""
        classes.get(value, classes[""]).features.append(_feature(layer, row, wording))
    return list(classes.values())


def _feature(layer: Layer, row: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    names = (*_NAMED, *(attribute.name for attribute in layer.attributes))
    said = {name: _said(wording.said(name, row[name])) for name in names}
    said["name"] = said["name"] if row["name"] else said["code"]
    return {"type": "Feature", "geometry": json.loads(row["shape"]), "properties": said}


def _said(value: object) -> str:
    if value is None:
        return "—"
    return plain(f"{value:,.2f}" if isinstance(value, float) else str(value))


def plain(text: str) -> str:
    """Text that stays text: Leaflet takes it for HTML, and Folium for a template of its own."""
    return escape(text).replace("{", "&#123;").replace("}", "&#125;")


def _label(row: Any) -> tuple[float, float, str]:
    """Latitude, longitude and name of a district, within it."""
    spot = shape(json.loads(row.shape)).representative_point()
    return round(spot.y, 5), round(spot.x, 5), row.name


def _add_districts(made: folium.Map, districts: Iterable[Any]) -> None:
    shapes = [
        {"type": "Feature", "geometry": json.loads(row.shape), "properties": {}}
        for row in districts
    ]
    if shapes:
        folium.GeoJson(
            {"type": "FeatureCollection", "features": shapes},
            style_function=lambda _: {
                "color": "#8fa3b8", "weight": 1, "fillColor": "#eef3f8", "fillOpacity": 0.6,
                "interactive": False,
            },
            interactive=False,
        ).add_to(made)  # fmt: skip


def _add_class(made: folium.Map, one: _Class, layer: Layer, language: str) -> _Class:
    fields = [*_NAMED, *(attribute.name for attribute in layer.attributes)]
    titles = [plain(column_title(layer, name, language)) for name in fields]
    style = {"color": one.colour, "weight": 2, "fillColor": one.colour, "fillOpacity": 0.55}
    features = folium.GeoJson(
        {"type": "FeatureCollection", "features": one.features},
        style_function=lambda _: style,
        marker=folium.CircleMarker(radius=5),
        tooltip=folium.GeoJsonTooltip(["name"], labels=False),
        popup=folium.GeoJsonPopup(fields, titles, max_width=340),
    )
    features.add_to(made)
    return _Class(one.title, one.colour, one.features, features.get_name())


def _notes(
    language: str,
    names: Mapping[str | None, str],
    undrawn: Mapping[str | None, int],
    unlocated: int,
    districts: Iterable[Any],
) -> Iterable[str]:
    if undrawn:
        elsewhere = translate(language, "offline_map.no_district")
        parts = [f"{names.get(code, code or elsewhere)} {n:,}" for code, n in undrawn.items()]
        yield translate(
            language, "offline_map.undrawn", most=f"{MOST_DRAWN:,}",
            count=f"{sum(undrawn.values()):,}",
            districts=translate(language, "offline_map.separator").join(parts),
        )  # fmt: skip
    if unlocated:
        yield translate(language, "offline_map.unlocated", count=f"{unlocated:,}")
    if any(row.is_indicative for row in districts):
        yield translate(language, "layer.admin_area.notice")
