"""What tiles of an earlier day are cut from: today's drawings; what was otherwise, drawn anew."""

from typing import Final

from gis.drawings import COLUMNS, drawings_of
from gis.filters import of_place, of_told_place
from gis.layers import SCHEMA, Layer, query_of
from gis.places.then import OTHERWISE, Places, changed_rows, unchanged_rows

_THEN: Final = "otherwise"
BEFORE: Final = f"WITH {_THEN} AS MATERIALIZED (SELECT * FROM {OTHERWISE})"
"""Stands before a query that reads what the functions below give; binds `as_of`."""
_CHANGED: Final = f"({changed_rows(_THEN)})"


def drawn_then(layer: Layer) -> str:
    """SQL in place of a layer's drawn table: a place is drawn, named and told as it was."""
    listed = ", ".join(COLUMNS)
    return (
        f"(SELECT {listed} FROM {layer.drawn} AS d"
        f" WHERE d.place_id NOT IN (SELECT t.place_id FROM {_THEN} AS t)"
        f" UNION ALL SELECT {listed} FROM ({drawings_of(layer, _CHANGED)}) AS anew)"
    )


def places_then(layer: Layer, *, is_filtered: bool) -> str:
    """SQL in place of the table of places: those of a layer, that pass a filter if there is one."""
    arms = []
    for rows, told in (
        (unchanged_rows(_THEN), of_place(layer, "p")),
        (changed_rows(_THEN), of_told_place(layer, "p", Places(_CHANGED, _CHANGED))),
    ):
        passing = f" AND {told}" if is_filtered else ""
        arms.append(
            "SELECT p.place_id, p.anchor, p.valid_from, p.valid_to"
            f" FROM ({rows}) AS p WHERE ({layer.place_condition}){passing}"
        )
    return f"({' UNION ALL '.join(arms)})"


def told_then(layer: Layer) -> str:
    """SQL in place of the view of a layer, for one place by its `place_id`."""
    names = ", ".join(layer.columns())
    return (
        f"(SELECT {names} FROM {SCHEMA}.{layer.name} AS v"
        f" WHERE v.place_id NOT IN (SELECT t.place_id FROM {_THEN} AS t)"
        f" UNION ALL SELECT {names} FROM ({query_of(layer, _CHANGED)}) AS anew)"
    )
