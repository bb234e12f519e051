"""What the map may show: only registered layers are published, each through one view.

A layer is a view in schema `map` plus how to draw it. Views run with the asking role's rights
(`security_invoker`), so row security decides what a tile holds. They are generated from the layers
and re-created after every migration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gis.i18n import translate
from gis.places.then import ROOM_TABLE, Places
from gis.places.vocabulary import IS_OPEN

SCHEMA: Final = "map"
MAX_ZOOM: Final = 22
NO_LABELS: Final = MAX_ZOOM + 1


@dataclass(frozen=True)
class Attribute:
    """A property every feature of a layer carries.

    Args:
        name: Column of the view and key in tiles; units in the name.
        title_key: Message key of its title.
        type: `text`, `number`, `integer`, `boolean` or `term`; of the past also `geometry`, `place`
            and `body`.
        unit: `m2`, `m`; null where there is none.
        term_list: For `term`: the vocabulary its codes belong to.
    """

    name: str
    title_key: str
    type: str = "text"
    unit: str | None = None
    term_list: str | None = None


@dataclass(frozen=True)
class ThemeClass:
    """One colour of a theme that no vocabulary names."""

    value: str
    title_key: str
    colour: str


@dataclass(frozen=True)
class Theme:
    """A way to colour a layer: by the terms of a vocabulary, or by classes of its own."""

    name: str
    title_key: str
    attribute: str
    term_list: str | None = None
    classes: tuple[ThemeClass, ...] = ()


@dataclass(frozen=True)
class Join:
    """What stands beside a place (alias `p`) in another table; at most one row.

    Args:
        table: With its schema.
        columns: What is taken from it.
        on: Whose row: `p.place_id`, or `p.parent_id`.
        alias: How values name it; null means the table's own name.
        where: Further condition on the table's row (alias `k`).
    """

    table: str
    columns: tuple[str, ...]
    on: str = "p.place_id"
    alias: str | None = None
    where: str = "true"

    def sql(self, rooms: str = ROOM_TABLE) -> str:
        """The join, read row by row; `rooms` stands for the table of rooms (`Places.rooms`).

        The planner overestimates what row security lets through and would otherwise read the whole
        table for a few places (59 ms against 16 ms).
        """
        listed = ", ".join(f"k.{column}" for column in self.columns)
        alias = self.alias or self.table.rsplit(".", maxsplit=1)[-1]
        table = rooms if self.table == ROOM_TABLE else self.table
        return (
            f"LEFT JOIN LATERAL (SELECT {listed} FROM {table} AS k"
            f" WHERE k.place_id = {self.on} AND {self.where} OFFSET 0) AS {alias} ON true"
        )


def of_kind(table: str, *columns: str, on: str = "p.place_id") -> Join:
    """The join of the kind table of a place."""
    return Join(table, columns, on)


@dataclass(frozen=True, eq=False)
class Arm:
    """One source of a layer's features: rows of `place.place` (alias `p`).

    Args:
        where: Condition on `p`.
        values: SQL of each attribute by name; what is missing is null. `name` may stand here too.
        joins: What is read beside the place.
    """

    where: str
    values: Mapping[str, str] = field(default_factory=dict)
    joins: tuple[Join, ...] = ()

    def value(self, name: str) -> str:
        """SQL of a column of the layer's view."""
        return self.values.get(name, _STANDARD.get(name, "NULL"))

    @property
    def condition(self) -> str:
        """What stands after WHERE: a secret place is on no map."""
        return f"({self.where}) AND {IS_OPEN.format('p')}"

    def source(self, places: str = "place.place", rooms: str = ROOM_TABLE) -> str:
        """What stands after FROM; `places` is a table or query with the columns of places."""
        return " ".join([f"{places} AS p", *(join.sql(rooms) for join in self.joins)])


@dataclass(frozen=True, eq=False)
class Layer:
    """A published layer.

    Args:
        name: Name of the view, of the layer in tiles and in addresses.
        title_key: Message key of its title.
        group: Which group of the layer tree it stands in.
        geometry: What is drawn: `point`, `line` or `polygon`.
        min_zoom: Below that zoom tiles are empty.
        max_zoom: Deeper views stretch tiles of this zoom.
        detail_zoom: From that zoom on places are drawn one by one; below, as counts by grid.
        arms: Where its features come from; empty for a layer with a view of its own.
        attributes: What features carry beside `place_id`, `code`, `name`, `kind`.
        themes: Ways to colour it; the first is the default.
        label_zoom: From that zoom on a shape says `has_label` in the one tile that names it.
        is_visible: Whether the map starts with it on.
        has_unshaped: Whether a place with a point but no shape is drawn as that point.
        lies_beside: Whether its shapes stand beside those of the layers below it, not on them.
        level_attribute: The attribute `floor` selects on; null when floors do not matter.
        drawn: Table its places are drawn from (`gis.drawings`), with its schema; null for a layer
            that draws no places one by one.
        view_sql: Query of a view that does not come from `place.place`.
        notice_key: Message shown as long as the layer is.
        kinds: Kinds of its places, where they are more than one.
        held_sql: Condition on a place by alias: body `:holder` has it on day `:as_of`; null where
            that does not narrow the layer.
    """

    name: str
    title_key: str
    group: str
    geometry: str
    min_zoom: int
    max_zoom: int = 18
    detail_zoom: int = 0
    arms: tuple[Arm, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    themes: tuple[Theme, ...] = ()
    label_zoom: int = 15
    is_visible: bool = True
    has_unshaped: bool = False
    lies_beside: bool = False
    level_attribute: str | None = None
    drawn: str | None = None
    view_sql: str | None = None
    notice_key: str | None = None
    kinds: tuple[str, ...] = ()
    held_sql: str | None = None

    @property
    def is_always_counted(self) -> bool:
        """Points that may stand on one another: counted by grid at every zoom."""
        return self.geometry == "point"

    @property
    def place_condition(self) -> str | None:
        """Condition on `place.place AS p` for the layer's places; null where there are none."""
        return " OR ".join(f"({arm.where})" for arm in self.arms) if self.arms else None

    def columns(self) -> tuple[str, ...]:
        """Columns of the view, in order."""
        return (*STANDARD_COLUMNS, *(attribute.name for attribute in self.attributes))


_STANDARD: Final = {
    "place_id": "p.place_id",
    "kind": "p.kind",
    "code": "p.code",
    "name": "p.name",
    "admin_area_code": "p.admin_area_code",
    "valid_from": "p.valid_from",
    "valid_to": "p.valid_to",
    "geom": "p.geom",
    "anchor": "p.anchor",
}
STANDARD_COLUMNS: Final = tuple(_STANDARD)


def _arm_sql(layer: Layer, arm: Arm, places: str, rooms: str) -> str:
    listed = ",\n    ".join(f"{arm.value(name)} AS {name}" for name in layer.columns())
    return f"SELECT\n    {listed}\n  FROM {arm.source(places, rooms)}\n  WHERE {arm.condition}"


def query_of(layer: Layer, places: str = "place.place", rooms: str = ROOM_TABLE) -> str:
    """What the view of a layer says, of the rows of other tables or queries of places and rooms."""
    return layer.view_sql or "\n  UNION ALL\n  ".join(
        _arm_sql(layer, arm, places, rooms) for arm in layer.arms
    )


def shown_by(layer: Layer, places: Places) -> str:
    """What stands after FROM for the rows of a layer's view, with what held of places on a day."""
    is_kept = places.is_present or not layer.arms
    return (
        f"{SCHEMA}.{layer.name}" if is_kept else f"({query_of(layer, places.by_id, places.rooms)})"
    )


def view_ddl(layer: Layer) -> list[str]:
    """Statements that create the view of a layer, with a comment on it and on every column."""
    query = query_of(layer)
    name = f"{SCHEMA}.{layer.name}"
    comments = {column: translate("en", f"layer.column.{column}") for column in STANDARD_COLUMNS}
    comments |= {a.name: translate("en", a.title_key) for a in layer.attributes}
    return [
        f"CREATE VIEW {name} WITH (security_invoker = true) AS\n  {query}",
        f"COMMENT ON VIEW {name} IS {_literal(translate('en', layer.title_key))}",
        *(
            f"COMMENT ON COLUMN {name}.{column} IS {_literal(text)}"
            for column, text in comments.items()
        ),
    ]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def views_ddl(layers: Iterable[Layer]) -> list[str]:
    """Statements for the views of all layers, in order."""
    return [statement for layer in layers for statement in view_ddl(layer)]
