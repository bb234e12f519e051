"""What known places and bodies were before: periods that a dated file ends, divides or puts right.

A value that a file states holds from its day to the next day for which the column was stated, the
first one for the days before too. So in whatever order files are handed in, each day is answered
alike. What a file says for a day between two others divides the period it falls into.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from etl.merge import stated
from gis.db import run_script
from gis.places.stating import EARLIER
from gis.places.then import OF_ROOM, ROOM_TABLE

_BEFORE_ALL: Final = "DATE '-infinity'"
_AFTER_ALL: Final = "DATE 'infinity'"
_ANY_KNOWN: Final = "SELECT EXISTS (SELECT FROM pg_temp.target WHERE NOT is_new)"
_ANY_SAID: Final = "SELECT EXISTS (SELECT FROM pg_temp.said)"


@dataclass(frozen=True)
class Kept:
    """A table of ended periods, and what it is of.

    Args:
        table: Schema and name.
        of: Table or query of what is so today.
        key: Its key, in both.
        columns: Columns that files state.
        others: Columns that go with a period.
    """

    table: str
    of: str
    key: str
    columns: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def own_key(self) -> str:
        """The key of a period."""
        return self.table.partition(".")[2] + "_id"


_WITH_ROOMS: Final = (
    f"SELECT own.*, {', '.join(f'room.{name}' for name in OF_ROOM)} FROM place.place AS own"
    f" LEFT JOIN {ROOM_TABLE} AS room ON room.place_id = own.place_id"
)
_OF_PLACES: Final = (
    Kept("place.place_version", f"({_WITH_ROOMS})", "place_id",
         ("name", "address", "use_status", "geom", *OF_ROOM), ("steward_id", "rights_cell")),
    Kept("place.former_parent", "place.place", "place_id", ("parent_id",), ("rights_cell",)),
)  # fmt: skip
_SAID_OF_PLACES: Final = """
FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
JOIN place.place AS p ON p.place_id = t.place_id
LEFT JOIN pg_temp.parent AS parent ON parent.row_number = t.row_number
WHERE NOT t.is_new AND p.security_class < 3"""


def keep_former(conn: Connection, day: date | None, said: Mapping[str, stated.Stated]) -> None:
    """Keep what the places of `target` were, before the register is changed.

    Args:
        conn: In the load's transaction, with `target`, `stage` and `parent`.
        day: The file's; null ends nothing: it corrects.
        said: By column.
    """
    if day is None or not conn.execute(text(_ANY_KNOWN)).scalar_one():
        return
    for kept in _OF_PLACES:
        keep_periods(conn, kept, day, said, source=_SAID_OF_PLACES, days="t.old_days",
                     since="t.old_since")  # fmt: skip


def keep_periods(
    conn: Connection,
    kept: Kept,
    day: date,
    said: Mapping[str, stated.Stated],
    *,
    source: str,
    days: str,
    since: str,
) -> None:
    """Keep in one table what was, before the register is changed.

    Args:
        conn: In the load's transaction.
        kept: Where.
        day: The file's.
        said: By column; others than those of the table are left.
        source: SQL from FROM to a condition, with `p` for what is so today.
        days: SQL of the days of its columns (`etl.merge.stated`).
        since: SQL of the day of those that have none.
    """
    known = {name: said[name] for name in kept.columns if name in said}
    if not known:
        return
    run_script(conn, _said(kept, day, known, source=source, days=days, since=since))
    if conn.execute(text(_ANY_SAID)).scalar_one():
        for statement in (_segments(kept), _pieces(kept, known), _write(kept, known)):
            run_script(conn, statement)


def _said(
    kept: Kept, day: date, said: Mapping[str, stated.Stated], *, source: str, days: str, since: str
) -> str:
    """`said`: things of which something is said otherwise, each value with its period."""
    wanted, differs = [], []
    for name, one in said.items():
        stands = one.known or f"p.{name}"
        known = f"({stands} IS NOT NULL OR ({days} ->> '{name}') IS NOT NULL)"
        newest = f"coalesce({stated.stands_for(name, days=days, since=since)}, {_BEFORE_ALL})"
        earlier = (
            "(SELECT min(CAST(said.day AS date)) FROM jsonb_array_elements_text("
            f"{days} -> '{EARLIER}{name}') AS said (day)"
        )
        wanted.append(
            f"CASE WHEN {one.counts} THEN {one.value} END AS {name},"
            f" CASE WHEN NOT {known} OR DATE '{day}' <= least({newest}, {earlier}))"
            f" THEN {_BEFORE_ALL} ELSE DATE '{day}' END AS {name}_from,"
            f" CASE WHEN NOT {known} OR DATE '{day}' >= {newest} THEN {_AFTER_ALL}"
            f" ELSE least({newest}, {earlier} WHERE CAST(said.day AS date) > '{day}')) END"
            f" AS {name}_to"
        )
        differs.append(f"(({one.counts}) AND {stands} IS DISTINCT FROM {one.value})")
    return f"""
DROP TABLE IF EXISTS pg_temp.said, pg_temp.segment, pg_temp.piece;
CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT p.{kept.key}, {", ".join(wanted)}
{source} AND DATE '{day}' > coalesce(p.valid_from, '-infinity')
  AND ({" OR ".join(differs)}
       OR EXISTS (SELECT FROM {kept.table} AS o WHERE o.{kept.key} = p.{kept.key}));
ANALYZE pg_temp.said ({kept.key})"""


def _segments(kept: Kept) -> str:
    """`segment`: the periods of these things, the present one last and without an id."""
    columns = (*kept.columns, *kept.others)
    former, present = (", ".join(f"{one}.{name}" for name in columns) for one in ("o", "p"))
    # Looked up one by one: few of very many periods are meant.
    own = f"SELECT o.* FROM {kept.table} AS o WHERE o.{kept.key} = w.{kept.key} OFFSET 0"
    return f"""
CREATE TEMP TABLE segment ON COMMIT DROP AS
SELECT o.{kept.own_key} AS id, o.{kept.key}, o.valid_from,
       coalesce(o.valid_from, {_BEFORE_ALL}) AS since, o.valid_to AS until, {former}
FROM pg_temp.said AS w CROSS JOIN LATERAL ({own}) AS o
UNION ALL
SELECT NULL, p.{kept.key}, began.valid_from, coalesce(began.valid_from, {_BEFORE_ALL}),
       {_AFTER_ALL}, {present}
FROM pg_temp.said AS w JOIN {kept.of} AS p ON p.{kept.key} = w.{kept.key}
CROSS JOIN LATERAL (
  SELECT coalesce(max(o.valid_to), p.valid_from) AS valid_from FROM ({own}) AS o) AS began;
ANALYZE pg_temp.segment ({kept.key}, until)"""


def _pieces(kept: Kept, said: Iterable[str]) -> str:
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
  SELECT w.{kept.key}, {differing}
  FROM pg_temp.said AS w JOIN pg_temp.segment AS g USING ({kept.key}) GROUP BY w.{kept.key}
),
cut AS MATERIALIZED (
  SELECT DISTINCT w.{kept.key}, one.day
  FROM pg_temp.said AS w JOIN differing AS d USING ({kept.key})
  CROSS JOIN LATERAL (VALUES {ends}) AS one (day) WHERE isfinite(one.day)
),
bound AS (
  SELECT g.{kept.key}, g.until AS segment_until, g.since AS day FROM pg_temp.segment AS g
  UNION
  SELECT g.{kept.key}, g.until, cut.day FROM pg_temp.segment AS g JOIN cut USING ({kept.key})
  WHERE cut.day > g.since AND cut.day < g.until
),
bounded AS (
  SELECT {kept.key}, segment_until, day AS since,
         lead(day, 1, segment_until) OVER (PARTITION BY {kept.key}, segment_until ORDER BY day)
           AS until
  FROM bound
)
SELECT g.*, b.since AS piece_since, b.until AS piece_until, {values}
FROM bounded AS b JOIN pg_temp.segment AS g
  ON g.{kept.key} = b.{kept.key} AND g.until = b.segment_until
JOIN differing AS d ON d.{kept.key} = b.{kept.key}
JOIN pg_temp.said AS w ON w.{kept.key} = b.{kept.key}"""


def _write(kept: Kept, said: Collection[str]) -> str:
    """The last piece of an ended period is that period; the last of the present one is present."""
    since = "CASE WHEN n.piece_since = n.since THEN n.valid_from ELSE n.piece_since END"
    sets = ", ".join(f"{name} = n.new_{name}" for name in said)
    old = ", ".join(f"o.{name}" for name in said)
    new = ", ".join(f"n.new_{name}" for name in said)
    columns = (*kept.columns, *kept.others)
    values = ", ".join(f"n.{'new_' if name in said else ''}{name}" for name in columns)
    return f"""
UPDATE {kept.table} AS o SET valid_from = {since}, {sets}
FROM pg_temp.piece AS n
WHERE o.{kept.own_key} = n.id AND n.piece_until = n.until
  AND (o.valid_from, {old}) IS DISTINCT FROM ({since}, {new});
INSERT INTO {kept.table} ({kept.key}, {", ".join(columns)}, valid_from, valid_to)
SELECT n.{kept.key}, {values}, {since}, n.piece_until
FROM pg_temp.piece AS n WHERE n.piece_until < n.until
ON CONFLICT DO NOTHING"""
