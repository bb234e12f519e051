"""Sums kept by squares of a grid, so that a question about an area adds up what is known already.

A place counts where its anchor lies, so what a domain sums over places can be kept by square, in
three sizes that nest. A question takes the largest squares that lie wholly inside by their sums and
asks place by place in the others.

Kept sums are never trusted blindly. Whoever changes what they rest on notes the squares in his own
transaction (`stale_square`, by statement triggers; rows are only ever added, so nobody waits), and
a noted square is asked place by place. `refresh_sums` reads the notes it sees, makes these squares
anew and removes exactly these notes, all in one snapshot: the note of a writer who has not
committed by then is not seen, so it stays. Sums hold for some days: until the next one on which
something in the square begins or ends.

They tell earlier days too: beside the sums of today (`day` is infinite) stand rows that a question
about a day before theirs adds, positive or negative, so that the sum of an earlier day is the sum
of all rows of later days. Places that were otherwise then are asked singly, with the squares they
stand in. What single places counted on earlier days is kept likewise, for squares at an edge.

Sums are kept by rights cell, and once more over all cells of a district and class, whichever body's
(`is_whole`): these are for accounts that reach every such cell there is (`rights.my_groups`), which
would otherwise add up as many rows as there are bodies.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)

from gis.crs import STORAGE_SRID
from gis.db import Role
from gis.places.vocabulary import IN_FORCE
from gis.rights.policies import READERS
from gis.tables import metadata

SIZES: Final = (25, 100, 400, 1600)
"""Squares a degree, the largest squares first; each has sixteen of the next."""
FINEST: Final = SIZES[-1]
"""About 65 m: a few lots. What an edge cuts is asked place by place."""
_STEPS: Final = tuple(zip(SIZES, (6, 4, 2, 0), strict=True))
"""With the binary digits that a finest square's numbers have more."""


def _square_columns() -> tuple[Column[Any], ...]:
    return (
        Column("per_degree", SmallInteger, primary_key=True, comment="Squares a degree"),
        Column("x", Integer, primary_key=True, comment="Longitude times that, rounded down"),
        Column("y", Integer, primary_key=True, comment="Latitude times that, rounded down"),
    )


summed_square = Table(
    "summed_square",
    metadata,
    *_square_columns(),
    Column("holds_from", Date, nullable=False),
    Column("holds_until", Date, nullable=False, comment="First day its sums no longer hold"),
    Column("past_from", Date, nullable=False, comment="First past day they tell; infinity: none"),
    Column(
        "shapes_hold",
        Boolean,
        nullable=False,
        comment="Whether every shape in it holds its anchor",
    ),
    Column(
        "reach",
        Geometry("POLYGON", STORAGE_SRID, spatial_index=False),
        nullable=False,
        comment="Box of the square and of all shapes whose anchors lie in it",
    ),
    Column(
        "trees_mix",
        SmallInteger,
        nullable=False,
        comment="Each place and its parts are 0: of one cell, 1: of one district and class, 2: not",
    ),
    schema="place",
    info={"history": False},
    comment="Derived: squares with located places, whose sums are kept, and for which days",
)

stale_square = Table(
    "stale_square",
    metadata,
    Column("transaction_id", BigInteger, primary_key=True, autoincrement=False),
    *_square_columns()[1:],
    schema="place",
    info={"history": False},
    comment="Finest squares in which something changed since their sums were made",
)


def sum_table(schema: str, name: str, *columns: Column[Any], comment: str) -> Table:
    """A table of sums by square and rights; `columns` are what it sums by, and the sums."""
    return Table(
        name,
        metadata,
        *(Column(one.name, one.type, nullable=False) for one in _square_columns()),
        Column(
            "day",
            Date,
            nullable=False,
            comment="Counts on all days before it; infinity: today's sum, else a difference",
        ),
        Column(
            "is_whole",
            Boolean,
            nullable=False,
            comment="Over all cells of the district and class, for who reaches all; else of one",
        ),
        # No foreign keys, as with all that is derived; what a row says stays true without them.
        Column("rights_cell", Integer, comment="Null: is_whole"),
        Column("admin_area_code", Text, comment="Of its cells"),
        Column("security_class", SmallInteger, nullable=False, comment="Of its cells"),
        *columns,
        CheckConstraint("is_whole = (rights_cell IS NULL)", name="is_whole"),
        # A question reads the sums of its squares, of one of both kinds.
        Index(f"ix_{name}_square", "per_degree", "x", "y", "is_whole", "day"),
        schema=schema,
        info={"history": False, "is_sum": True},
        comment=comment,
    )


OF_PLACE: Final = "r.x, r.y, r.since, r.until, r.rights_cell, r.admin_area_code, r.security_class"
"""What the source of every sum says of a place `r`."""


@dataclass(frozen=True)
class SumTable:
    """How a table of sums is filled.

    Args:
        table: Schema and name.
        keys: Columns it sums by, beside area and class.
        sums: Columns that are summed; the first counts rows, so that none is left where it is 0.
        source: SELECT, over `pg_temp.renewed_place AS r`, of `OF_PLACE`, the keys, and the value of
            each sum, on day `r.day`. Counted areas stand in `pg_temp.renewed_counted`, by
            `place_id` and `day`. Reads no other data of the session.
        is_of_changes: Only what counts on earlier days, by cell, in the finest squares: it is added
            to what is kept of single places today, not to a sum.
    """

    table: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    source: str
    is_of_changes: bool = False


@dataclass(frozen=True)
class KeptSums:
    """What a domain keeps by squares, and on what it rests.

    Args:
        tables: Its sums.
        rests_on: Tables beside `place.place`, each with SQL of the `place_id` that rows
            `{rows} AS k` of it belong to.
        dated: SELECTs of `x, y, valid_from, valid_to` of the dated rows it goes by, over
            `pg_temp.renewed_place AS r`.
    """

    tables: tuple[SumTable, ...]
    rests_on: tuple[tuple[str, str], ...]
    dated: tuple[str, ...] = ()


_ROLES: Final = ", ".join((*READERS, Role.LOADER))
BY_OWNER: Final = "SECURITY DEFINER SET search_path = pg_catalog, public"


def _noted(anchors: str) -> str:
    """SQL that notes the squares of some anchors."""
    return (
        "INSERT INTO place.stale_square (transaction_id, x, y)"
        " SELECT DISTINCT pg_current_xact_id()::text::bigint,"
        f" floor(ST_X(p.anchor) * {FINEST})::integer, floor(ST_Y(p.anchor) * {FINEST})::integer"
        f" FROM ({anchors}) AS p WHERE p.anchor IS NOT NULL ON CONFLICT DO NOTHING"
    )


def _anchors_of(places: str) -> str:
    # Looked up one by one: the plan is made once a session, perhaps for a load, and an edit later
    # in it would read the whole register.
    return (
        f"SELECT own.anchor FROM ({places}) AS k CROSS JOIN LATERAL (SELECT p.anchor"
        " FROM place.place AS p WHERE p.place_id = k.place_id OFFSET 0) AS own"
    )


# Notes of a restored backup bear numbers that transactions here are yet to have.
NOTE_EVERYTHING: Final = (
    "DELETE FROM place.stale_square; "
    + _noted("SELECT anchor FROM place.place")
    + f"""; INSERT INTO place.stale_square (transaction_id, x, y)
SELECT pg_current_xact_id()::text::bigint, x, y FROM place.summed_square
WHERE per_degree = {FINEST} ON CONFLICT DO NOTHING"""
)


_ABOVE_PLACES: Final = """WITH RECURSIVE up AS (
  {0}
  UNION
  SELECT above.parent_id FROM up CROSS JOIN LATERAL (
    SELECT p.parent_id FROM place.place AS p WHERE p.place_id = up.place_id OFFSET 0
  ) AS above WHERE above.parent_id IS NOT NULL
) SELECT place_id FROM up"""
MEASURED_PLACES: Final = _ABOVE_PLACES.format("SELECT k.place_id FROM {rows} AS k")
"""Places of measures and all above them: what counted of these on an earlier day may be another."""
_TREE_COLUMNS: Final = "place_id, parent_id, valid_from, valid_to, rights_cell"
# No join of both: planned for one edit, it would compare each of a load's rows with each.
_FORMER_TREES: Final = _ABOVE_PLACES.format(
    f"""SELECT parent_id AS place_id FROM (
    (SELECT {_TREE_COLUMNS} FROM new_rows EXCEPT SELECT {_TREE_COLUMNS} FROM old_rows)
    UNION ALL
    (SELECT {_TREE_COLUMNS} FROM old_rows EXCEPT SELECT {_TREE_COLUMNS} FROM new_rows)
  ) AS changed WHERE parent_id IS NOT NULL"""
)


def watch_ddl(table: str, places: list[str]) -> list[str]:
    """Function and triggers that note the squares whose sums a change of a table makes stale."""
    function = f"place.note_squares_of_{table.replace('.', '_')}"

    def anchors(rows: str) -> str:
        if table == "place.place":
            return f"SELECT anchor FROM {rows}"
        return _anchors_of(" UNION ".join(f"({one.format(rows=rows)})" for one in places))

    new, old = _noted(anchors("new_rows")), _noted(anchors("old_rows"))
    trees = ""
    if table == "place.place":
        trees = f"""
  IF TG_OP = 'UPDATE' THEN
    {_noted(_anchors_of(_FORMER_TREES))};
  END IF;"""
    statements = [
        f"""CREATE OR REPLACE FUNCTION {function}() RETURNS trigger
LANGUAGE plpgsql {BY_OWNER} AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    {new};
  END IF;
  IF TG_OP <> 'INSERT' THEN
    {old};
  END IF;{trees}
  RETURN NULL;
END $$"""
    ]
    for operation, tables in (
        ("INSERT", "NEW TABLE AS new_rows"),
        ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("DELETE", "OLD TABLE AS old_rows"),
    ):
        statements.append(
            f"CREATE OR REPLACE TRIGGER note_squares_{operation.lower()} AFTER {operation}"
            f" ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    return statements


def forget_sums_sql(tables: Iterable[Table], places: str) -> Iterator[str]:
    """Statements that delete the sums of whatever squares some places stand in.

    Args:
        tables: Among them those of sums.
        places: Condition on `place_id`.
    """
    sizes = ", ".join(f"({size}, {step})" for size, step in _STEPS)
    for table in tables:
        if not table.info.get("is_sum") or "per_degree" not in table.columns:
            continue
        yield (
            f"DELETE FROM {table.fullname} AS t WHERE (t.per_degree, t.x, t.y) IN ("
            f"SELECT one.per_degree, floor(public.ST_X(p.anchor) * {FINEST})::integer >> one.step,"
            f" floor(public.ST_Y(p.anchor) * {FINEST})::integer >> one.step"
            f" FROM place.place AS p CROSS JOIN (VALUES {sizes}) AS one (per_degree, step)"
            f" WHERE p.{places} AND p.anchor IS NOT NULL);"
        )
        if "place_id" in table.columns:
            yield f"DELETE FROM {table.fullname} AS t WHERE t.{places};"


BOX: Final = (
    "ST_MakeEnvelope({0}.x / {1}::float8 - 1e-9, {0}.y / {1}::float8 - 1e-9,"
    " ({0}.x + 1) / {1}::float8 + 1e-9, ({0}.y + 1) / {1}::float8 + 1e-9, 4490)"
)
"""A square, a tenth of a millimetre wider on each side: rounding puts no anchor outside it."""
# What an outline only touches is in the area too: then a square is left out only where no shape of
# its places reaches.
_FATE: Final = f"""
    CROSS JOIN LATERAL (SELECT {BOX.format("{0}", "{0}.per_degree")} AS box OFFSET 0) AS b
    CROSS JOIN LATERAL (SELECT
      NOT ST_Intersects(shape, CASE WHEN is_touching THEN {{0}}.reach ELSE b.box END) AS is_apart,
      ST_Contains(shape, b.box) AND ({{0}}.shapes_hold OR NOT is_touching) AS is_covered
      OFFSET 0) AS spread
    CROSS JOIN LATERAL (SELECT
      shape IS NULL OR CASE WHEN is_inverted THEN is_apart ELSE is_covered END AS is_inside,
      shape IS NOT NULL AND CASE WHEN is_inverted THEN is_covered ELSE is_apart END AS is_outside
      OFFSET 0) AS lies"""
_ABOVE: Final = "\n    UNION ".join(
    f"SELECT {size} AS per_degree, n.x >> {step} AS x, n.y >> {step} AS y FROM noted AS n"
    for size, step in _STEPS
)
_IS_BROKEN: Final = "(s.per_degree, s.x, s.y) IN (SELECT b.per_degree, b.x, b.y FROM broken AS b)"
_KNOWN: Final = f"""
    CROSS JOIN LATERAL (SELECT
      CASE WHEN is_past THEN s.past_from <= on_day AND s.trees_mix <= may_mix
      ELSE s.holds_from <= on_day END
      AND s.holds_until > on_day AND NOT {_IS_BROKEN} AS is_known OFFSET 0) AS known"""
# How far the shapes of a noted square reach is not known.
_IS_OUTSIDE: Final = f"(lies.is_outside AND NOT (is_touching AND {_IS_BROKEN}))"
_HUNG: Final = "is_past AND " + IN_FORCE.format("o").replace(":as_of", "on_day")
# All in which places hung then that hang elsewhere now, and all in which they hang: they counted
# another area then.
_REHUNG: Final = f"""
  SELECT o.parent_id AS place_id FROM place.former_parent AS o WHERE {_HUNG}
  UNION
  SELECT p.parent_id FROM place.former_parent AS o JOIN place.place AS p USING (place_id)
  WHERE {_HUNG}
  UNION
  SELECT above.parent_id FROM rehung CROSS JOIN LATERAL (
    SELECT p.parent_id FROM place.place AS p WHERE p.place_id = rehung.place_id
    UNION ALL
    SELECT o.parent_id FROM place.former_parent AS o
    WHERE o.place_id = rehung.place_id AND {_HUNG}
  ) AS above"""
SQUARES_OF: Final = (
    "place.squares_of(shape geometry, on_day date, is_inverted boolean, is_past boolean,"
    " is_touching boolean, also_x integer[], also_y integer[])"
)
# Areas of earlier days are worked out from what the account sees. Sums took off all parts, so they
# hold for who sees no place without its parts, however its trees are mixed.
_MAY_MIX: Final = """CASE
    WHEN EXISTS (SELECT FROM rights.my_groups AS g WHERE NOT g.is_whole) THEN 0
    WHEN EXISTS (SELECT FROM rights.cell AS c
                 WHERE (coalesce(c.admin_area_code, ''), c.security_class) NOT IN (
                   SELECT g.admin_area_code, g.security_class FROM rights.my_groups AS g)) THEN 1
    ELSE 2 END"""
# Each square once: known ones from the largest down, as far as they can be taken neither whole nor
# left out; then noted ones, of which nothing may be known.
SPLIT_DDL: Final = f"""
CREATE OR REPLACE FUNCTION {SQUARES_OF}
RETURNS TABLE (per_degree smallint, x integer, y integer, is_summed boolean, is_known boolean,
  box geometry)
LANGUAGE plpgsql STABLE ROWS 500 {BY_OWNER} SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE may_mix smallint := 0;
BEGIN
  IF is_past THEN
    may_mix := {_MAY_MIX};
  END IF;
  RETURN QUERY
  WITH RECURSIVE rehung AS ({_REHUNG}),
  noted AS MATERIALIZED (
    SELECT s.x, s.y FROM place.stale_square AS s
    UNION SELECT also.x, also.y FROM unnest(also_x, also_y) AS also (x, y)
    UNION
    SELECT floor(ST_X(p.anchor) * {FINEST})::integer, floor(ST_Y(p.anchor) * {FINEST})::integer
    FROM rehung JOIN place.place AS p USING (place_id) WHERE p.anchor IS NOT NULL
  ),
  broken AS MATERIALIZED (
    {_ABOVE}
  ),
  walked AS (
    SELECT s.per_degree, s.x, s.y, known.is_known, known.is_known AND lies.is_inside AS is_summed,
      {_IS_OUTSIDE} AS is_outside, b.box
    FROM place.summed_square AS s {_FATE.format("s")} {_KNOWN}
    WHERE s.per_degree = {SIZES[0]}
    UNION ALL
    SELECT s.per_degree, s.x, s.y, known.is_known, known.is_known AND lies.is_inside,
      {_IS_OUTSIDE}, b.box
    FROM walked AS w JOIN place.summed_square AS s
      ON s.per_degree = w.per_degree * 4 AND s.y BETWEEN w.y * 4 AND w.y * 4 + 3
     AND s.x = ANY (ARRAY[w.x * 4, w.x * 4 + 1, w.x * 4 + 2, w.x * 4 + 3])
    {_FATE.format("s")} {_KNOWN}
    WHERE NOT w.is_summed AND NOT w.is_outside
  )
  SELECT w.per_degree, w.x, w.y, w.is_summed, w.is_known, w.box FROM walked AS w
  WHERE w.is_summed OR w.per_degree = {FINEST} AND NOT w.is_outside
  UNION ALL
  SELECT {FINEST}::smallint, s.x, s.y, false, false, b.box
  FROM (SELECT *, NULL::geometry AS reach, false AS shapes_hold FROM (
          SELECT n.x, n.y, {FINEST} AS per_degree FROM noted AS n
          EXCEPT SELECT k.x, k.y, k.per_degree FROM place.summed_square AS k) AS new) AS s
  {_FATE.format("s")} WHERE is_touching OR NOT lies.is_outside;
END $$;
GRANT EXECUTE ON FUNCTION
  place.squares_of(geometry, date, boolean, boolean, boolean, integer[], integer[]) TO {_ROLES}"""


STALE_DDL: Final = f"""
CREATE OR REPLACE FUNCTION place.sums_are_stale(on_day date) RETURNS boolean
LANGUAGE sql STABLE {BY_OWNER} AS $$
  SELECT EXISTS (SELECT FROM place.stale_square) OR EXISTS (
    SELECT FROM place.summed_square
    WHERE per_degree = {FINEST} AND NOT (holds_from <= on_day AND holds_until > on_day))
$$;
GRANT EXECUTE ON FUNCTION place.sums_are_stale(date) TO {Role.LOADER}"""
