"""What hundreds of rows and hundreds of places share is counted before it is paired."""

from pathlib import Path

import pytest
from conftest import Operator
from handed_in import hand_in
from sqlalchemy import Connection, text

from etl.merge import alike
from gis.db import Database, Role, run_script, transaction

MANY = 600
HEADER = "房产编号,名称,地址坐落,行政区划代码,使用单位,总建筑面积（m²）\n"
KNOWN = HEADER + "".join(f"F{n},公安警务站,甲路1号,320402,公安局,100\n" for n in range(MANY))
# Rows that say what the places do, of which none was found.
_MINE = """
CREATE TEMP TABLE mine ON COMMIT DROP AS
SELECT t.place_id::integer AS row_number, t.parent_id, t.stated_area AS area, t.steward_id,
       100::numeric AS gross_area_m2, t.houses, t.street, t.lane, t.name_numbers, t.core, t.label
FROM pg_temp.theirs AS t
"""


def _largest_step(conn: Connection, statement: str) -> int:
    """The most rows that any step of a statement goes through."""
    (plan,) = conn.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")).scalar_one()
    steps, most = [plan["Plan"]], 0
    while steps:
        step = steps.pop()
        gone_through = step["Actual Rows"] + step.get("Rows Removed by Join Filter", 0)
        most = max(most, int(gone_through * step["Actual Loops"]))
        steps += step.get("Plans", [])
    return most


@pytest.mark.parametrize(
    ("block", "shown"), [("_BY_ADDRESS", 5), ("_BY_NAME", 0), ("_BY_HOLDER", 0), ("_BY_LABEL", 5)]
)
def test_what_very_many_share_is_counted_before_it_is_paired(
    city: Database, operator: Operator, tmp_path: Path, block: str, shown: int
) -> None:
    assert hand_in(city, operator, tmp_path / "底册.csv", KNOWN).inserted == MANY
    with transaction(city.engine(Role.LOADER), operator.token) as conn:
        alike.begin_pairs(conn)
        run_script(conn, "CREATE TEMP TABLE parent (parent_id bigint) ON COMMIT DROP")
        run_script(conn, alike._theirs(alike._OPEN))
        if block == "_BY_LABEL":
            run_script(conn, "UPDATE pg_temp.theirs SET parent_id = 1, label = '警务站'")
        run_script(conn, _MINE)
        run_script(conn, alike._ADDRESSED)
        assert _largest_step(conn, getattr(alike, block)) <= 40 * MANY
        paired = conn.execute(text("SELECT count(*) FROM pg_temp.pair")).scalar_one()
        assert paired == shown * MANY


def test_few_of_one_name_and_area_are_still_set_beside_each_other(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    known = HEADER + "".join(f"F{n},公安警务站,甲路{n}号,320402,公安局,100\n" for n in (1, 3, 5))
    hand_in(city, operator, tmp_path / "底册.csv", known)
    again = hand_in(
        city, operator, tmp_path / "又.csv", HEADER + ",公安警务站,,320402,公安局,100\n"
    )
    assert again.waiting == 1
