"""A layer as a collection: its properties, its rows on a day, and where they lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Double,
    FromClause,
    Text,
    and_,
    column,
    func,
    or_,
    select,
    table,
    text,
    union_all,
)

from gis.clock import today
from gis.layers import SCHEMA, STANDARD_COLUMNS, Layer, shown_by
from gis.places.then import PRESENT, Places, places_as_of

GEOMETRY: Final = "geometry"
"""What queries call a feature's shape."""


@dataclass(frozen=True)
class Property:
    """What a feature says, and what can be asked of it.

    Args:
        name: Column of the layer's view.
        type: `text`, `number`, `integer`, `boolean` or `date`.
        title_key: Message key of its title.
        unit: `m2`, `m`; null where there is none.
        term_list: The vocabulary of its codes; null where it has none.
    """

    name: str
    type: str
    title_key: str
    unit: str | None = None
    term_list: str | None = None


_STANDARD_TYPES: Final = {"place_id": "integer", "valid_from": "date", "valid_to": "date"}
_TYPES: Final[Mapping[str, Any]] = {
    "text": Text(),
    "number": Double(),
    "integer": BigInteger(),
    "boolean": Boolean(),
    "date": Date(),
}
_PLACE: Final = table("place", column("place_id"), column("geom"), column("anchor"), schema="place")
_SHAPES: Final = (
    Property("geom", "text", "layer.column.geom"),
    Property("anchor", "text", "layer.column.anchor"),
)


def properties_of(layer: Layer) -> tuple[Property, ...]:
    """What features of a layer say, in order; without the shape."""
    standard = (
        Property(name, _STANDARD_TYPES.get(name, "text"), f"layer.column.{name}")
        for name in STANDARD_COLUMNS
        if name not in {"geom", "anchor"} and (layer.arms or name != "place_id")
    )
    own = (
        Property(
            one.name,
            "text" if one.type == "term" else one.type,
            one.title_key,
            one.unit,
            one.term_list,
        )
        for one in layer.attributes
    )
    return (*standard, *own)


def key_of(layer: Layer) -> str:
    """The column whose value is a feature's id, and by which pages follow one another."""
    return "place_id" if layer.arms else "code"


@dataclass(frozen=True)
class Span:
    """The days asked about; those between both are too. Null: open.

    Args:
        first: The first day.
        last: The last day.
    """

    first: date | None
    last: date | None

    @property
    def told_on(self) -> date:
        """The day whose names and shapes are told: the last one, at most today."""
        return min(self.last or today(), today())

    def covers(self, begins: ColumnElement[Any], ends: ColumnElement[Any]) -> ColumnElement[bool]:
        """Condition that what is in being from one day until another is so on one of these."""
        conditions: list[ColumnElement[bool]] = []
        if self.last is not None:
            conditions.append(or_(begins.is_(None), begins <= self.last))
        if self.first is not None:
            conditions.append(or_(ends.is_(None), ends > self.first))
        return and_(True, *conditions)


def on_day(day: date) -> Span:
    """One day."""
    return Span(day, day)


@dataclass(frozen=True)
class Rows:
    """The rows of a layer as they were on a day, to select from.

    Args:
        layer: Whose rows.
        source: What stands after FROM.
        places: Of that day.
        span: Which of them count.
    """

    layer: Layer
    source: FromClause
    places: Places
    span: Span

    def column(self, name: str) -> ColumnElement[Any]:
        """A column of the layer's view."""
        return self.source.c[name]

    @property
    def key(self) -> ColumnElement[Any]:
        """What a feature is known by."""
        return self.source.c[key_of(self.layer)]

    @property
    def shape(self) -> ColumnElement[Any]:
        """Where a feature lies: its shape, else its point; null where nobody has located it."""
        told = self.source.c
        is_point = self.layer.geometry == "point"
        return told.anchor if is_point else func.coalesce(told.geom, told.anchor)

    @property
    def is_in_span(self) -> ColumnElement[bool]:
        """Whether it is in being on one of the days asked about."""
        return self.span.covers(self.source.c.valid_from, self.source.c.valid_to)

    def near(self, area: ColumnElement[Any]) -> ColumnElement[bool] | None:
        """Condition that the spatial index answers; null where no index helps.

        What does not meet the box of the area is out; the rest is to be tried.

        Args:
            area: SQL of a kept shape.
        """
        if not self.places.is_present or not self.layer.arms:
            return None
        in_box = select(_PLACE.c.place_id).where(_PLACE.c.anchor.op("&&")(area))
        if self.layer.geometry == "point":
            return self.key.in_(in_box)
        if self.layer.drawn is None:
            return None
        schema, name = self.layer.drawn.split(".")
        drawn = table(name, column("place_id"), column("shape"), schema=schema)
        found = select(drawn.c.place_id).where(drawn.c.shape.op("&&")(area))
        if self.layer.has_unshaped:
            return self.key.in_(found)
        # Those that are no shape on the map, and still lie somewhere.
        return self.key.in_(union_all(found, in_box.where(_PLACE.c.geom.is_(None))))


def rows_of(conn: Connection, layer: Layer, span: Span) -> Rows:
    """The rows of a layer for the days asked about, as they were on the last of them.

    Args:
        conn: Within a session.
        layer: A registered layer.
        span: Of days.
    """
    places = places_as_of(conn, span.told_on) if layer.arms else PRESENT
    columns = [
        column(one.name, _TYPES[one.type])
        for one in (*properties_of(layer), *_SHAPES)
        if one.name in layer.columns()
    ]
    if places.is_present:
        source: FromClause = table(layer.name, *columns, schema=SCHEMA).alias("shown")
    else:
        rows = f"SELECT * FROM {shown_by(layer, places)} AS every"
        source = text(rows).columns(*columns).subquery("shown")
    return Rows(layer, source, places, span)
