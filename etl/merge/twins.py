"""Rows of one sheet that may be one thing, written twice.

A list seldom says a thing twice, and its neighbours look alike on purpose: buildings of one
compound, agencies of one building, flats of one plan. So less than between two sources is taken for
a twin (`etl.merge.within`), and two numbers of one list are always two things. The first row of
several goes in; the later ones wait, with what it became beside them.
"""

from typing import Any, Final

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.merge.certificates import MOST_OF_A_NUMBER
from etl.merge.likeness import CLUES, clue_columns, scored
from etl.merge.pairs_sql import twin_pairs_sql
from etl.merge.within import TWIN, only_few, within_asked
from gis.db import run_script
from gis.places.actions import copy_rows

_MOST_AT_ONE_ADDRESS: Final = 30
_MOST_NAMESAKES: Final = 20


def begin_twins(conn: Connection) -> None:
    """`twin_pair`: rows to compare; `twin`: rows that wait, and the row that stands for both."""
    clues = ", ".join(f"{name} numeric" for name in CLUES)
    run_script(
        conn,
        "DROP TABLE IF EXISTS pg_temp.twin_pair, pg_temp.twin;"
        "CREATE TEMP TABLE twin_pair (row_number integer, other_row integer, is_repeat boolean,"
        " PRIMARY KEY (row_number, other_row)) ON COMMIT DROP;"
        f"CREATE TEMP TABLE twin (row_number integer, other_row integer, {clues},"
        " is_same_holder boolean, is_same_title boolean, PRIMARY KEY (row_number, other_row))"
        " ON COMMIT DROP",
    )


def hold_repeats(conn: Connection) -> None:
    """Hold rows with the address of an earlier one and other figures, unless they are decided."""
    run_script(conn, _HOLD_REPEATS)


_HOLD_REPEATS: Final = """
INSERT INTO pg_temp.twin_pair
SELECT s.row_number, s.repeats_row, true FROM pg_temp.stage AS s
WHERE s.repeats_row IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_temp.decided AS d WHERE d.row_number = s.row_number);
INSERT INTO pg_temp.held SELECT row_number, 'duplicate.differs', 'question' FROM pg_temp.twin_pair
"""


def add_twin_pairs(conn: Connection) -> None:
    """Pairs of `mine` that share what twins share; of them at least one has no number."""
    for keys, least, most in _KEYS:
        run_script(conn, _ADD.format(keys=keys, least=least, most=most))


_KEYS: Final = (
    ("street, lane, house, part", "length(street) > 1 AND parent_id IS NULL", _MOST_AT_ONE_ADDRESS),
    ("core, name_numbers", "length(core) > 2 AND parent_id IS NULL", _MOST_NAMESAKES),
    ("lane, house, gross_area_m2", "house <> '' AND gross_area_m2 > 0 AND parent_id IS NULL",
     _MOST_NAMESAKES),
    ("parent_id, label, name_numbers", "name_numbers <> ''", _MOST_NAMESAKES),
    ("house_title", "house_title IS NOT NULL AND parent_id IS NULL", MOST_OF_A_NUMBER),
    ("land_title", "land_title IS NOT NULL AND parent_id IS NULL", MOST_OF_A_NUMBER),
)  # fmt: skip
"""What they share, which rows have it, and of how many rows it tells something."""

_ADD: Final = """
WITH one AS (
  SELECT m.*, unnest(m.houses) AS house FROM pg_temp.mine AS m
), own AS MATERIALIZED (
  SELECT row_number, area, own_number, own_card, {keys} FROM one WHERE {least}
), shared AS (
  SELECT {keys} FROM own GROUP BY {keys} HAVING count(*) BETWEEN 2 AND {most}
), member AS MATERIALIZED (
  SELECT own.* FROM own JOIN shared USING ({keys})
)
INSERT INTO pg_temp.twin_pair
SELECT DISTINCT later.row_number, earlier.row_number, false
FROM member AS earlier JOIN member AS later USING ({keys})
WHERE earlier.row_number < later.row_number
  AND (earlier.area = later.area) IS NOT FALSE
  AND (earlier.own_number <> later.own_number) IS NOT TRUE
  AND (earlier.own_card <> later.own_card) IS NOT TRUE
ON CONFLICT DO NOTHING
"""


def hold_twins(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Fill `twin` from `twin_pair`, and hold with `match.twin` the later row of what is alike."""
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.twin_pair)")).scalar_one():
        return
    run_script(conn, twin_pairs_sql(contract, rule))
    pairs = pd.DataFrame(conn.execute(text("SELECT * FROM pg_temp.scored_twin")).mappings().all())
    if pairs.empty:
        return
    found = scored(pairs.rename(columns={"other_row": "place_id"}))
    found = found.rename(columns={"place_id": "other_row"})
    is_repeat = pairs["is_repeat"].to_numpy(bool)
    is_asked = within_asked(pairs, found) & ~is_repeat
    is_asked &= only_few(found[["row_number", "other_row"]], is_asked)
    kept = found[is_asked | is_repeat].sort_values(
        ["row_number", "score", "other_row"], ascending=[True, False, True]
    )
    if kept.empty:
        return
    kept = kept.assign(other_row=_first_of_all(kept))
    _copy(conn, kept.drop_duplicates(["row_number", "other_row"]))
    run_script(
        conn,
        f"INSERT INTO pg_temp.held SELECT DISTINCT row_number, '{TWIN}', 'question'"
        " FROM pg_temp.twin AS t"
        " WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = t.row_number)",
    )


def _first_of_all(kept: pd.DataFrame) -> list[int]:
    """Per pair the row that goes in: where the earlier row waits too, the one before that."""
    first: dict[int, int] = {}
    found = []
    for row, other in zip(kept["row_number"], kept["other_row"], strict=True):
        first.setdefault(row, first.get(other, other))
        found.append(first.get(other, other))
    return found


def _copy(conn: Connection, kept: pd.DataFrame) -> None:
    columns: dict[str, Any] = {
        "row_number": pa.array(kept["row_number"], pa.int64()),
        "other_row": pa.array(kept["other_row"], pa.int64()),
        **clue_columns(kept),
    }
    copy_rows(conn, "pg_temp.twin", pa.table(columns))


def keep_twins(conn: Connection, *, sheet: str | None, load_id: int) -> None:
    """Keep as candidates of waiting rows what their twins became; after the places are saved.

    Where the twin waits too, its candidates are theirs.
    """
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.twin)")).scalar_one():
        return
    for statement in (_KEEP, _INHERIT):
        conn.execute(text(statement), {"load_id": load_id, "sheet": sheet or ""})


_COLUMNS: Final = (
    f"load_id, sheet, row_number, place_id, {', '.join(CLUES)}, is_same_holder, is_same_title"
)
_VALUES: Final = ", ".join(f"{{0}}.{name}" for name in (*CLUES, "is_same_holder", "is_same_title"))
_QUESTION: Final = """staging.match_question AS q
  ON q.load_id = :load_id AND q.sheet = :sheet AND q.row_number = t.row_number"""

_KEEP: Final = f"""
INSERT INTO staging.match_candidate ({_COLUMNS}, other_row_key)
SELECT q.load_id, q.sheet, q.row_number, target.place_id, {_VALUES.format("t")}, k.row_key
FROM pg_temp.twin AS t JOIN {_QUESTION}
JOIN pg_temp.target AS target ON target.row_number = t.other_row
JOIN pg_temp.row_key AS k ON k.row_number = t.other_row
ON CONFLICT (load_id, sheet, row_number, place_id)
DO UPDATE SET other_row_key = EXCLUDED.other_row_key
"""

_INHERIT: Final = f"""
INSERT INTO staging.match_candidate ({_COLUMNS})
SELECT q.load_id, q.sheet, q.row_number, c.place_id, {_VALUES.format("c")}
FROM pg_temp.twin AS t JOIN {_QUESTION}
JOIN staging.match_candidate AS c
  ON c.load_id = q.load_id AND c.sheet = q.sheet AND c.row_number = t.other_row
WHERE NOT EXISTS (SELECT FROM pg_temp.target AS g WHERE g.row_number = t.other_row)
ON CONFLICT DO NOTHING
"""
