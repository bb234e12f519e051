"""How the places of a layer spread over districts and the values of their attributes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.filters import Filter, fits, is_drawn_whole, told_of, values_of
from gis.layers import Layer
from gis.prepared import typed
from gis.questions import Asked

DISTRICT: Final = "district"
_KIND: Final = "kind"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Bar:
    """One value and the places that have it; an empty value stands for unknown."""

    value: str
    place_count: int
    area_m2: float | None
    """Of the attribute in square metres that the layer carries; null where it carries none."""


@dataclass(frozen=True)
class Breakdown:
    """The charts of a layer: each counts what passes all of the filter but what it shows itself.

    Args:
        bars: By `district` and by attribute, the most frequent first.
        matching: Places that pass the whole filter.
        total: Places of the layer that were asked about.
    """

    bars: Mapping[str, list[Bar]]
    matching: int
    total: int


def dimensions(layer: Layer) -> list[str]:
    """What a layer's places are told apart by: its vocabularies, and the classes of its themes."""
    themed = {theme.attribute for theme in layer.themes}
    return [
        DISTRICT,
        *([_KIND] if len(layer.kinds) > 1 else []),
        *(one.name for one in layer.attributes if one.term_list or one.name in themed),
    ]


def break_down(
    conn: Connection, layer: Layer, chosen: Filter | None, box: Box | None, asked: Asked
) -> Breakdown:
    """The charts of the asked places (`pg_temp.asked_place`) that are the layer's.

    Args:
        conn: Within a session, after `collect_places`.
        layer: One that shows places.
        chosen: The layer's filter; who has a place narrows every chart.
        box: West, south, east, north in degrees: only places in it; null: wherever they are.
        asked: What stands in `pg_temp.asked_place`.
    """
    _collect(conn, layer, chosen, box, asked)
    values = values_of(chosen)
    bars = {name: _bars(conn, name, values) for name in dimensions(layer)}
    matching, total = conn.execute(
        text(
            typed(
                f"SELECT count(*) FILTER (WHERE {fits('charted.said')}), count(*)"
                " FROM pg_temp.charted"
            )
        ),
        {"choices": values["choices"], "ranges": values["ranges"]},
    ).one()
    return Breakdown(bars, matching, total)


def _collect(
    conn: Connection, layer: Layer, chosen: Filter | None, box: Box | None, asked: Asked
) -> None:
    """Fills `pg_temp.charted`, so that rights are asked once for all charts."""
    is_drawn = asked.places.is_present and is_drawn_whole(layer)
    said = "f.attributes || jsonb_build_object('kind', f.kind)" if is_drawn else "to_jsonb(f)"
    area = next((one.name for one in layer.attributes if one.unit == "m2"), None)
    held = ""
    values: dict[str, Any] = {"as_of": asked.as_of}
    if layer.held_sql is not None and chosen is not None and chosen.holder is not None:
        held = f" AND {layer.held_sql.format('f')}"
        values["holder"] = chosen.holder
    inside = ""
    if box is not None:
        inside = " AND p.anchor && ST_MakeEnvelope(:west, :south, :east, :north, :srid)"
        values |= dict(zip(("west", "south", "east", "north"), box, strict=True))
        values["srid"] = STORAGE_SRID
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.charted")
    conn.execute(
        text(
            "CREATE TEMP TABLE charted ON COMMIT DROP AS"
            f" SELECT a.admin_area_code, {said} AS said,"
            f" {f'({said} ->> {area!r})::double precision' if area else 'NULL::float8'} AS area_m2"
            f" FROM pg_temp.asked_place AS a JOIN {asked.places.by_id} AS p USING (place_id)"
            f" JOIN {layer.drawn if is_drawn else told_of(layer, asked.places)} AS f"
            " USING (place_id)"
            f" WHERE ({layer.place_condition}){inside}{held}"
        ),
        values,
    )


def _bars(conn: Connection, name: str, values: Mapping[str, Any]) -> list[Bar]:
    """One chart; its own dimension does not narrow it."""
    # The name is the registry's own.
    passes = fits("charted.said", f"'{name}'")
    stated = "admin_area_code" if name == DISTRICT else f"said ->> '{name}'"
    rows = conn.execute(
        text(
            typed(
                f"SELECT coalesce({stated}, '') AS value, count(*) AS places, sum(area_m2) AS area"
                " FROM pg_temp.charted"
                f" WHERE {passes} GROUP BY 1 ORDER BY 2 DESC, 1"
            )
        ),
        {"choices": values["choices"], "ranges": values["ranges"]},
    ).all()
    return [Bar(row.value, row.places, row.area) for row in rows]
