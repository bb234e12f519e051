"""Filters: which features of a layer are looked at, by their attributes and by who has them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.columns import is_id
from gis.errors import InputError
from gis.layers import SCHEMA, Layer, shown_by
from gis.places.then import PRESENT, Places, places_as_of
from gis.places.vocabulary import IN_FORCE
from gis.prepared import typed

_LONGEST: Final = 4_000
"""Characters of a written filter; some fifty values of each of ten attributes."""
_FAR: Final = 1e15
"""Stands for an open end of a range."""
_NUMERIC: Final = ("number", "integer")


@dataclass(frozen=True)
class Filter:
    """Conditions that all hold; texts, so that tiles can be kept by them.

    Args:
        choices: JSON of attribute to its allowed values; an empty text stands for unknown.
        ranges: JSON of attribute to its smallest and largest value; what is unknown is out.
        holder: Body that has the place; null: any or none.
    """

    choices: str
    ranges: str
    holder: int | None


def parse_filter(layer: Layer, written: str | None) -> Filter | None:
    """The filter of an address; null where there is none.

    Args:
        layer: Whose attributes.
        written: JSON such as `{"use_status": ["idle", ""], "year_built": [1980, null],
            "holder": 12}`.

    Raises:
        InputError: It cannot be understood, or names what the layer does not carry.
    """
    if not written:
        return None
    try:
        stated = json.loads(written) if len(written) <= _LONGEST else None
        # Half of a character pair is JSON to Python, and text to nobody.
        json.dumps(stated, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        stated = None
    if not isinstance(stated, Mapping) or not layer.arms:
        raise InputError("filter.not_understood")
    types = {"kind": "text", **{one.name: one.type for one in layer.attributes}}
    choices, ranges, holder = {}, {}, None
    for name, value in sorted(stated.items()):
        if name == "holder" and layer.held_sql:
            holder = _body(value)
        elif types.get(name) in _NUMERIC:
            ranges[name] = _range(value)
        elif name in types:
            choices[name] = _values(value)
        else:
            raise InputError("filter.no_such_attribute", attribute=str(name)[:40])
    return Filter(json.dumps(choices), json.dumps(ranges), holder)


def stated_filter(layer: Layer, stated: object) -> Filter | None:
    """The filter of a request's body, as `parse_filter` reads it; null where there is none.

    Raises:
        InputError: As there.
    """
    return parse_filter(layer, json.dumps(stated)) if stated else None


def stated_filters(layers: Sequence[Layer], stated: object) -> list[tuple[Layer, Filter]]:
    """Filters by the name of their layer, as a request's body states them.

    Args:
        layers: All there are.
        stated: JSON object of layer to filter; null or empty: none.

    Raises:
        InputError: One cannot be understood, or there is no such layer of places.
    """
    if stated is None or stated == []:
        return []
    if not isinstance(stated, Mapping):
        raise InputError("filter.not_understood")
    by_name = {layer.name: layer for layer in layers if layer.arms}
    if set(stated) - set(by_name):
        raise InputError("filter.not_understood")
    read = [(by_name[name], stated_filter(by_name[name], one)) for name, one in stated.items()]
    return [(layer, chosen) for layer, chosen in read if chosen is not None]


def written_filters(layers: Sequence[Layer], written: str | None) -> list[tuple[Layer, Filter]]:
    """Filters by the name of their layer, as an address states them in JSON; none: none.

    Raises:
        InputError: As `stated_filters`.
    """
    try:
        stated = json.loads(written) if written and len(written) <= _LONGEST else None
    except (ValueError, RecursionError) as error:
        raise InputError("filter.not_understood") from error
    if written and stated is None:
        raise InputError("filter.not_understood")
    return stated_filters(layers, stated)


def _body(value: object) -> int:
    if not is_id(value):
        raise InputError("filter.not_understood")
    return value


def _values(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError("filter.not_understood")
    if any("\0" in one for one in value):
        raise InputError("filter.not_understood")
    return sorted(set(value))


def _range(value: object) -> list[float]:
    if not isinstance(value, list) or len(value) != 2:
        raise InputError("filter.not_understood")
    ends = [far if one is None else one for one, far in zip(value, (-_FAR, _FAR), strict=True)]
    for one in ends:
        is_number = isinstance(one, int | float) and not isinstance(one, bool)
        # Compared, not reckoned with: no number of any length fails, and what is none is no less.
        if not is_number or not -_FAR <= one <= _FAR:
            raise InputError("filter.not_understood")
    if ends[0] > ends[1]:
        raise InputError("filter.ends_reversed", least=ends[0], most=ends[1])
    return ends


def condition(layer: Layer, alias: str) -> str:
    """SQL condition on a row that is drawn (`gis.drawings`), or of a view where none is.

    Binds `choices`, `ranges` and `holder`, as `Filter` holds them.
    """
    said = (
        f"({alias}.attributes || jsonb_build_object('kind', {alias}.kind))"
        if layer.drawn
        else f"to_jsonb({alias})"
    )
    if layer.held_sql is None:
        return fits(said)
    return f"{fits(said)} AND (:holder IS NULL OR {layer.held_sql.format(alias)})"


def fits(said: str, but: str = "''") -> str:
    """SQL condition on what a row says, as a JSON object; binds `choices` and `ranges`.

    Args:
        said: SQL of the object.
        but: SQL of the name of an attribute whose own condition is passed over.
    """
    return (
        "NOT EXISTS (SELECT FROM jsonb_each(:choices) AS c (field, chosen)"
        f" WHERE c.field <> {but}"
        f" AND NOT c.chosen @> coalesce(nullif({said} -> c.field, 'null'), '\"\"'))"
        " AND NOT EXISTS (SELECT FROM jsonb_each(:ranges) AS r (field, ends)"
        f" WHERE (({said} ->> r.field)::float8 BETWEEN (r.ends ->> 0)::float8"
        " AND (r.ends ->> 1)::float8) IS NOT TRUE)"
    )


def of_place(layer: Layer, alias: str) -> str:
    """SQL condition on a row of `place.place`: what the layer says of it passes the filter."""
    source = layer.drawn or f"{SCHEMA}.{layer.name}"
    # OFFSET keeps it place by place: a tile needs a few of very many.
    return (
        f"EXISTS (SELECT FROM {source} AS f WHERE f.place_id = {alias}.place_id"
        f" AND {condition(layer, 'f')} OFFSET 0)"
    )


def told_of(layer: Layer, places: Places = PRESENT) -> str:
    """SQL of what a layer says of each of its places, drawn or not: `place_id`, `kind`, attributes.

    Many rooms are on no plan: they are in no drawing, and on every list.
    """
    names = ", ".join(("place_id", "kind", *(one.name for one in layer.attributes)))
    return f"(SELECT {names} FROM {shown_by(layer, places)} AS shown)"


def of_told_place(layer: Layer, alias: str, places: Places = PRESENT) -> str:
    """As `of_place`, of places without a shape too; binds `as_of` where a holder may be asked."""
    passing = fits("to_jsonb(f)")
    if layer.held_sql is not None:
        passing += f" AND (:holder IS NULL OR {layer.held_sql.format('f')})"
    return (
        f"EXISTS (SELECT FROM {told_of(layer, places)} AS f WHERE f.place_id = {alias}.place_id"
        f" AND {passing} OFFSET 0)"
    )


def is_drawn_whole(layer: Layer) -> bool:
    """Whether every located place of a layer is in its drawing."""
    return layer.drawn is not None and layer.has_unshaped


def values_of(chosen: Filter | None) -> dict[str, Any]:
    """The parameters of `condition`; without a filter those that let everything pass."""
    if chosen is None:
        return {"choices": "{}", "ranges": "{}", "holder": None}
    return {"choices": chosen.choices, "ranges": chosen.ranges, "holder": chosen.holder}


def count_matching(conn: Connection, layer: Layer, chosen: Filter, as_of: Any) -> tuple[int, int]:
    """How many located places of a layer pass, and of how many, as of a day.

    Args:
        conn: Within a session.
        layer: One that shows places.
        chosen: The filter.
        as_of: The day.
    """
    held = {} if layer.held_sql is None else {"holder": chosen.holder}
    places = places_as_of(conn, as_of)
    is_drawn = places.is_present and is_drawn_whole(layer)
    passing = of_place(layer, "p") if is_drawn else of_told_place(layer, "p", places)
    statement = typed(
        f"SELECT count(*) FILTER (WHERE {passing}), count(*) FROM {places.by_id} AS p"
        f" WHERE ({layer.place_condition}) AND p.anchor IS NOT NULL AND {IN_FORCE.format('p')}"
    )
    values = {"choices": chosen.choices, "ranges": chosen.ranges, "as_of": as_of, **held}
    row = conn.execute(text(statement), values).one()
    return row[0], row[1]
