"""What known places were before: the periods that a dated file ends, divides or puts right.

A value that a file states holds from its day to the next day for which the column was stated, the
first one for the days before too. So in whatever order files are handed in, each day is answered
alike. What a file says for a day between two others divides the period it falls into.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from etl.merge import stated
from gis.db import run_script
from gis.places.stating import EARLIER

_BEFORE_ALL: Final = "DATE '-infinity'"
_AFTER_ALL: Final = "DATE 'infinity'"
_ANY_KNOWN: Final = "SELECT EXISTS (SELECT FROM pg_temp.target WHERE NOT is_new)"
_ANY_SAID: Final = "SELECT EXISTS (SELECT FROM pg_temp.said)"


_KEPT: Final = {
    "place.place_version": (("name", "address", "use_status", "geom"), ("steward_id",)),
    "place.former_parent": (("parent_id",), ()),
}
"""Tables of ended periods: columns that files state, and others that go with a period."""


def keep_former(conn: Connection, day: date | None, said: Mapping[str, stated.Stated]) -> None:
    """Keep what the places of `target` were, before the register is changed.

    Args:
        conn: In the load's transaction, with `target`, `stage` and `parent`.
        day: The file's; null ends nothing: it corrects.
        said: By column.
    """
    if day is None or not conn.execute(text(_ANY_KNOWN)).scalar_one():
        return
    for table, (columns, others) in _KEPT.items():
        known = {name: said[name] for name in columns if name in said}
        if known:
            run_script(conn, _said(table, day, known))
            if conn.execute(text(_ANY_SAID)).scalar_one():
                run_script(conn, _segments(table, (*columns, *others)))
                run_script(conn, _pieces(known))
                run_script(conn, _write(table, (*columns, *others), known))


def _said(table: str, day: date, said: Mapping[str, stated.Stated]) -> str:
    """`said`: places of which something is said otherwise, each value with its period."""
    wanted, differs = [], []
    for name, one in said.items():
        known = f"(p.{name} IS NOT NULL OR (t.old_days ->> '{name}') IS NOT NULL)"
        newest = stated.stands_for(name, days="t.old_days", since="t.old_since")
        newest = f"coalesce({newest}, {_BEFORE_ALL})"
        earlier = (
            "(SELECT min(CAST(said.day AS date)) FROM jsonb_array_elements_text("
            f"t.old_days -> '{EARLIER}{name}') AS said (day)"
        )
        wanted.append(
            f"CASE WHEN {one.counts} THEN {one.value} END AS {name},"
            f" CASE WHEN NOT {known} OR DATE '{day}' <= least({newest}, {earlier}))"
            f" THEN {_BEFORE_ALL} ELSE DATE '{day}' END AS {name}_from,"
            f" CASE WHEN NOT {known} OR DATE '{day}' >= {newest} THEN {_AFTER_ALL}"
            f" ELSE least({newest}, {earlier} WHERE CAST(said.day AS date) > '{day}')) END"
            f" AS {name}_to"
        )
        differs.append(f"(({one.counts}) AND p.{name} IS DISTINCT FROM {one.value})")
    return f"""
DROP TABLE IF EXISTS pg_temp.said, pg_temp.segment, pg_temp.piece;
CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT t.place_id, {", ".join(wanted)}
FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
JOIN place.place AS p ON p.place_id = t.place_id
LEFT JOIN pg_temp.parent AS parent ON parent.row_number = t.row_number
WHERE NOT t.is_new AND p.security_class < 3 AND DATE '{day}' > coalesce(p.valid_from, '-infinity')
  AND ({" OR ".join(differs)}
       OR p.place_id IN (SELECT o.place_id FROM {table} AS o));
ANALYZE pg_temp.said (place_id)"""


def _segments(table: str, columns: Sequence[str]) -> str:
    """`segment`: the periods of these places, the present one last and without an id."""
    former, present = (", ".join(f"{one}.{name}" for name in columns) for one in ("o", "p"))
    return f"""
CREATE TEMP TABLE segment ON COMMIT DROP AS
SELECT o.{_key(table)} AS id, o.place_id, o.valid_from,
       coalesce(o.valid_from, {_BEFORE_ALL}) AS since, o.valid_to AS until, {former}
FROM {table} AS o WHERE o.place_id IN (SELECT place_id FROM pg_temp.said)
UNION ALL
SELECT NULL, p.place_id, began.valid_from, coalesce(began.valid_from, {_BEFORE_ALL}),
       {_AFTER_ALL}, {present}
FROM pg_temp.said AS w JOIN place.place AS p ON p.place_id = w.place_id
LEFT JOIN (SELECT o.place_id, max(o.valid_to) AS ended_on FROM {table} AS o
           GROUP BY o.place_id) AS last ON last.place_id = p.place_id
CROSS JOIN LATERAL (SELECT coalesce(last.ended_on, p.valid_from) AS valid_from) AS began;
ANALYZE pg_temp.segment (place_id, until)"""


def _pieces(said: Iterable[str]) -> str:
    """`piece`: the periods, cut where a value that differs begins or ends, as they shall be."""
    names = list(said)
    differing = ", ".join(
        f"bool_or(w.{name} IS NOT NULL AND g.since < w.{name}_to AND g.until > w.{name}_from"
        f" AND g.{name} IS DISTINCT FROM w.{name}) AS {name}"
        for name in names
    )
    ends = ", ".join(
        f"(CASE WHEN d.{name} THEN w.{name}_{end} END)" for name in names for end in ("from", "to")
    )
    values = ", ".join(
        f"CASE WHEN d.{name} AND b.since >= w.{name}_from AND b.until <= w.{name}_to"
        f" THEN w.{name} ELSE g.{name} END AS new_{name}"
        for name in names
    )
    return f"""
CREATE TEMP TABLE piece ON COMMIT DROP AS
WITH differing AS MATERIALIZED (
  SELECT w.place_id, {differing}
  FROM pg_temp.said AS w JOIN pg_temp.segment AS g USING (place_id) GROUP BY w.place_id
),
cut AS MATERIALIZED (
  SELECT DISTINCT w.place_id, one.day FROM pg_temp.said AS w JOIN differing AS d USING (place_id)
  CROSS JOIN LATERAL (VALUES {ends}) AS one (day) WHERE isfinite(one.day)
),
bound AS (
  SELECT g.place_id, g.until AS segment_until, g.since AS day FROM pg_temp.segment AS g
  UNION
  SELECT g.place_id, g.until, cut.day FROM pg_temp.segment AS g JOIN cut USING (place_id)
  WHERE cut.day > g.since AND cut.day < g.until
),
bounded AS (
  SELECT place_id, segment_until, day AS since,
         lead(day, 1, segment_until) OVER (PARTITION BY place_id, segment_until ORDER BY day)
           AS until
  FROM bound
)
SELECT g.*, b.since AS piece_since, b.until AS piece_until, {values}
FROM bounded AS b JOIN pg_temp.segment AS g
  ON g.place_id = b.place_id AND g.until = b.segment_until
JOIN differing AS d ON d.place_id = b.place_id JOIN pg_temp.said AS w ON w.place_id = b.place_id"""


def _write(table: str, columns: Sequence[str], said: Collection[str]) -> str:
    """The last piece of an ended period is that period; the last of the present one is present."""
    since = "CASE WHEN n.piece_since = n.since THEN n.valid_from ELSE n.piece_since END"
    sets = ", ".join(f"{name} = n.new_{name}" for name in said)
    old = ", ".join(f"o.{name}" for name in said)
    new = ", ".join(f"n.new_{name}" for name in said)
    values = ", ".join(f"n.{'new_' if name in said else ''}{name}" for name in columns)
    return f"""
UPDATE {table} AS o SET valid_from = {since}, {sets}
FROM pg_temp.piece AS n
WHERE o.{_key(table)} = n.id AND n.piece_until = n.until
  AND (o.valid_from, {old}) IS DISTINCT FROM ({since}, {new});
INSERT INTO {table} (place_id, {", ".join(columns)}, valid_from, valid_to, rights_cell)
SELECT n.place_id, {values}, {since}, n.piece_until, p.rights_cell
FROM pg_temp.piece AS n JOIN place.place AS p USING (place_id)
WHERE n.piece_until < n.until
ON CONFLICT (place_id, valid_to) DO NOTHING"""


def _key(table: str) -> str:
    return table.partition(".")[2] + "_id"
