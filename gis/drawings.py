"""Places ready for drawing: one narrow table a layer, from which tiles are cut.

A tile read from the tables of the register checks rights twice, joins, and orients every shape. A
drawn table holds what a tile says of a place in one row. It is derived: statement triggers on what
it is made from note the places whose rows may be stale, and before the transaction commits they are
made again, set-based. So nobody ever reads a drawing that is not what the register says, and no
writer has to think of it.
"""

from collections.abc import Iterable
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gis.crs import STORAGE_SRID
from gis.layers import Arm, Join, Layer
from gis.places.then import ROOM_TABLE
from gis.rights.model import rights_cell_column
from gis.tables import metadata

stale_drawing = Table(
    "stale_drawing",
    metadata,
    Column("stale_drawing_id", BigInteger, Identity(always=True), primary_key=True),
    Column("transaction_id", BigInteger, nullable=False),
    Column("place_ids", ARRAY(BigInteger), nullable=False),
    schema="place",
    info={"history": False},
    comment="Places a running transaction must draw again before it commits; else empty",
)


def drawn_table(schema: str, layer_name: str) -> Table:
    """The table a layer is drawn from; its layer names it as `drawn`."""
    name = f"drawn_{layer_name}"
    return Table(
        name,
        metadata,
        Column("place_id", BigInteger, primary_key=True, autoincrement=False),
        # No foreign key, as with all that is derived.
        rights_cell_column(),
        Column("kind", Text, nullable=False),
        Column("code", Text, nullable=False),
        Column("name", Text),
        Column("level", SmallInteger, comment="Floor, where the layer is asked by floor"),
        Column("attributes", JSONB, nullable=False, comment="What else tiles say; nothing null"),
        Column(
            "shape",
            Geometry("GEOMETRY", STORAGE_SRID, spatial_index=False),
            nullable=False,
            comment="Rings clockwise; the place's point where it has no shape",
        ),
        Column("is_unshaped", Boolean, nullable=False),
        Column("anchor_lon", Double, comment="Degrees; null: not located"),
        Column("anchor_lat", Double, comment="Degrees; null: not located"),
        Column("valid_from", Date, nullable=False, comment="-infinity: since ever"),
        Column("valid_to", Date, nullable=False, comment="infinity: open"),
        # Tiles find what lies in them.
        Index(f"ix_{name}_shape", "shape", postgresql_using="gist"),
        schema=schema,
        info={"history": False, "is_drawn": True},
        comment=f"Derived: layer {layer_name}, ready for drawing",
    )


COLUMNS: Final = (
    "place_id", "rights_cell", "kind", "code", "name", "level", "attributes", "shape",
    "is_unshaped", "anchor_lon", "anchor_lat", "valid_from", "valid_to",
)  # fmt: skip
"""Of every drawn table."""
_FUNCTION: Final = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public"


def drawings_ddl(layers: Iterable[Layer]) -> list[str]:
    """Statements that (re-)create functions and triggers that keep the drawn tables true."""
    drawn = [layer for layer in layers if layer.drawn]
    statements = [_renew_ddl(drawn), *_COMMIT_DDL]
    for table in sorted({join.table for join in _joins(drawn)} | {"place.place"}):
        statements += _watch_ddl(table, drawn)
    return [*statements, "SELECT place.renew_drawings(NULL)"]


def _joins(layers: Iterable[Layer]) -> list[Join]:
    return [join for layer in layers for arm in layer.arms for join in arm.joins]


def _renew_ddl(layers: list[Layer]) -> str:
    """Makes the drawings of the asked places what the register says; of all places for null."""
    known = "".join(f" UNION SELECT place_id FROM {layer.drawn}" for layer in layers)
    body = "".join(_renew_layer_sql(layer) for layer in layers)
    # By index, whatever the planner knew of sizes when it made its plan: a scan of a table that has
    # grown since, once a place, would never end.
    return f"""CREATE OR REPLACE FUNCTION place.renew_drawings(asked bigint[]) RETURNS void
{_FUNCTION} SET enable_seqscan = off AS $$
DECLARE known bigint[]; fresh bigint[];
BEGIN
  IF asked IS NULL THEN
    asked := ARRAY(SELECT place_id FROM place.place{known});
  END IF;
{body}END $$"""


def _has_shape(layer: Layer) -> str:
    own = "p.geom IS NOT NULL"
    return f"({own} OR p.anchor IS NOT NULL)" if layer.has_unshaped else own


def _is_drawn(layer: Layer) -> str:
    """Condition on a place (alias `p`): the layer draws it."""
    wheres = " OR ".join(f"({arm.condition})" for arm in layer.arms)
    return f"({wheres}) AND {_has_shape(layer)}"


def _renew_layer_sql(layer: Layer) -> str:
    changed = [name for name in COLUMNS if name != "place_id"]
    here, there = (", ".join(f"{alias}.{name}" for name in changed) for alias in ("d", "n"))
    # Rows are locked before they are made anew, so that of two transactions the later sees what the
    # earlier wrote. New rows are inserted in the order of space: neighbours lie together on disk.
    return f"""
  known := ARRAY(SELECT d.place_id FROM {layer.drawn} AS d
                 WHERE d.place_id IN (SELECT unnest(asked)) ORDER BY d.place_id FOR UPDATE);
  fresh := asked;
  IF cardinality(known) > 0 THEN
    fresh := ARRAY(SELECT unnest(asked) EXCEPT SELECT unnest(known));
    DELETE FROM {layer.drawn} AS d USING unnest(known) AS a (place_id)
    WHERE d.place_id = a.place_id AND NOT EXISTS (SELECT FROM place.place AS p
      WHERE p.place_id = d.place_id AND {_is_drawn(layer)});
    UPDATE {layer.drawn} AS d SET {", ".join(f"{name} = n.{name}" for name in changed)}
    FROM ({_drawings_sql(layer, "known")}) AS n
    WHERE n.place_id = d.place_id AND ({here}) IS DISTINCT FROM ({there});
  END IF;
  INSERT INTO {layer.drawn} ({", ".join(COLUMNS)})
  {_drawings_sql(layer, "fresh")}
  ORDER BY shape;
"""


def _drawings_sql(layer: Layer, places: str) -> str:
    """SQL of the drawings of the places of an array, as the register has them."""
    rows = f"unnest({places}) AS a (place_id) JOIN place.place AS p ON p.place_id = a.place_id"
    return "\n  UNION ALL ".join(
        _arm_sql(layer, arm, arm.source().replace("place.place AS p", rows, 1))
        for arm in layer.arms
    )


def drawings_of(layer: Layer, places: str, rooms: str = ROOM_TABLE) -> str:
    """SQL of what a layer's drawing would hold of rows of tables or queries of places and rooms."""
    return "\n  UNION ALL ".join(
        _arm_sql(layer, arm, arm.source(places, rooms)) for arm in layer.arms
    )


def _arm_sql(layer: Layer, arm: Arm, source: str) -> str:
    attributes = ", ".join(f"'{a.name}', {arm.value(a.name)}" for a in layer.attributes)
    values = {
        "place_id": "p.place_id",
        "rights_cell": "p.rights_cell",
        "kind": arm.value("kind"),
        "code": arm.value("code"),
        "name": arm.value("name"),
        "level": arm.value(layer.level_attribute) if layer.level_attribute else "NULL::smallint",
        "attributes": f"jsonb_strip_nulls(jsonb_build_object({attributes}))",
        "shape": "public.ST_ForcePolygonCW(coalesce(p.geom, p.anchor))",
        "is_unshaped": "p.geom IS NULL",
        "anchor_lon": "public.ST_X(p.anchor)",
        "anchor_lat": "public.ST_Y(p.anchor)",
        "valid_from": "coalesce(p.valid_from, '-infinity')",
        "valid_to": "coalesce(p.valid_to, 'infinity')",
    }
    listed = ", ".join(f"{sql} AS {name}" for name, sql in values.items())
    return f"SELECT {listed}\n  FROM {source}\n  WHERE {arm.condition} AND {_has_shape(layer)}"


_COMMIT_DDL: Final = (
    f"""CREATE OR REPLACE FUNCTION place.renew_stale_drawings() RETURNS trigger {_FUNCTION} AS $$
DECLARE stale bigint[];
BEGIN
  WITH noted AS (
    DELETE FROM place.stale_drawing
    WHERE transaction_id = pg_current_xact_id()::text::bigint RETURNING place_ids
  )
  SELECT array_agg(DISTINCT place_id) INTO stale FROM noted, unnest(place_ids) AS place_id;
  IF stale IS NOT NULL THEN
    PERFORM place.renew_drawings(stale);
  END IF;
  RETURN NULL;
END $$""",
    "DROP TRIGGER IF EXISTS renew_stale_drawings ON place.stale_drawing",
    "CREATE CONSTRAINT TRIGGER renew_stale_drawings AFTER INSERT ON place.stale_drawing"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION place.renew_stale_drawings()",
)


def _watch_ddl(table: str, layers: list[Layer]) -> list[str]:
    """Function and triggers that note whose drawings a change of a table makes stale."""
    function = f"place.stale_by_{table.replace('.', '_')}"
    new, old = (_affected_sql(table, layers, rows) for rows in ("new_rows", "old_rows"))
    statements = [
        f"""CREATE OR REPLACE FUNCTION {function}() RETURNS trigger {_FUNCTION} AS $$
DECLARE stale bigint[];
BEGIN
  IF TG_OP = 'INSERT' THEN stale := ARRAY({new});
  ELSIF TG_OP = 'DELETE' THEN stale := ARRAY({old});
  ELSE stale := ARRAY({new} UNION {old});
  END IF;
  IF cardinality(stale) > 0 THEN
    INSERT INTO place.stale_drawing (transaction_id, place_ids)
    VALUES (pg_current_xact_id()::text::bigint, stale);
    -- What is drawn anew is a new version of the data, whatever table it came from.
    INSERT INTO rights.pending_change (transaction_id) VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$"""
    ]
    for operation, tables in (
        ("INSERT", "NEW TABLE AS new_rows"),
        ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("DELETE", "OLD TABLE AS old_rows"),
    ):
        statements.append(
            f"CREATE OR REPLACE TRIGGER stale_drawing_{operation.lower()} AFTER {operation}"
            f" ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    return statements


def _affected_sql(table: str, layers: list[Layer], rows: str) -> str:
    """SQL of the places whose drawings rest on rows of a table, each once."""
    if table == "place.place":
        conditions = " OR ".join(f"({layer.place_condition})" for layer in layers)
        return f"SELECT p.place_id FROM {rows} AS p WHERE {conditions}"
    parts = set()
    for join in _joins(layers):
        if join.table == table:
            parts.add(
                f"SELECT k.place_id FROM {rows} AS k WHERE {join.where}"
                if join.on == "p.place_id"
                else f"SELECT p.place_id FROM {rows} AS k JOIN place.place AS p"
                f" ON {join.on} = k.place_id WHERE {join.where}"
            )
    return " UNION ".join(sorted(parts))
