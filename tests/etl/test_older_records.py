"""What hangs on a place: numbers, managers, owners, lineage, headcounts, meters, counted units.

A file of an earlier day, handed in after a later one, overwrites nothing of these, fills what is
not known, and what it says otherwise is told by its cell.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from handed_in import register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

FIRST, LAST = date(2024, 9, 30), date(2026, 9, 30)
LEDGER = "房产编号,名称,地址坐落,行政区划代码,使用单位,总建筑面积（m²）,使用状况,建成年份"
HALL = "CZ-1,文化馆,天宁区甲路1号,320402,文化馆,1000,在用,1990"

Load = Callable[..., LoadResult]


@pytest.fixture
def load(city: Database, operator: Operator, tmp_path: Path) -> Load:
    """Load a table as of a day, under a name that says what it lists."""

    def loaded(kind: str, header: str, *rows: str, on: date) -> LoadResult:
        path = tmp_path / f"{kind}{len(list(tmp_path.iterdir()))}.csv"
        path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
        options = LoadOptions(any_area=True, as_of=on)
        return load_file(city, path, token=operator.token, options=options)

    return loaded


def rows(city: Database, query: str, **values: object) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        return [tuple(row) for row in conn.execute(text(query), values)]


def told(city: Database, result: LoadResult, rule: str) -> list[tuple[object, ...]]:
    """Header, what the file says and what stands, of the issues of a rule."""
    return rows(
        city,
        "SELECT column_header, coalesce(original, params ->> 'examples'), suggestion"
        " FROM staging.issue WHERE load_id = :id AND rule = :rule ORDER BY column_number",
        id=result.load_id, rule=rule,
    )  # fmt: skip


CARDS = "SELECT value, valid_to FROM place.identifier WHERE scheme = 'asset_card' ORDER BY value"


def test_a_number_of_an_older_file_stands_beside_the_newer_one(city: Database, load: Load) -> None:
    header = f"{LEDGER},卡片编号"
    load("底册", header, f"{HALL},K-2", on=LAST)
    load("底册", header, f"{HALL},K-1", on=FIRST)
    assert rows(city, CARDS) == [("K-1", None), ("K-2", None)]


def test_a_number_that_another_place_has_by_a_later_file_stays_there(
    city: Database, load: Load
) -> None:
    header = f"{LEDGER},卡片编号"
    other = "CZ-2,美术馆,天宁区乙路2号,320402,美术馆,900,在用,1991"
    load("底册", header, f"{HALL},K-1", f"{other},", on=LAST)
    older = load("底册", header, f"{HALL},", f"{other},K-1", on=FIRST)
    assert rows(city, f"SELECT p.code FROM ({CARDS}) AS c JOIN place.identifier USING (value)"
                      " JOIN place.place AS p USING (place_id)") == [("CZ-1",)]  # fmt: skip
    assert told(city, older, "identifier.taken") == [("卡片编号", "K-1", None)]


@pytest.mark.parametrize(("known", "stands"), [("2025-01-31", "2025-01-31"), ("", "2023-05-31")])
def test_the_end_of_a_number_is_that_of_the_later_file(
    city: Database, load: Load, operator: Operator, known: str, stands: str
) -> None:
    header = f"{LEDGER},卡片编号,停用日期"
    load("底册", header, f"{HALL},K-1,{known}", on=LAST)
    before = register_state(city)
    older = load("底册", header, f"{HALL},K-1,2023-05-31", on=FIRST)
    assert rows(city, CARDS) == [("K-1", date.fromisoformat(stands))]
    assert told(city, older, "merge.kept_known") == (
        [("停用日期", "2023-05-31", "2025-01-31")] if known else []
    )
    undo_load(city, older.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_an_end_that_an_older_file_stated_is_moved_by_a_later_one(
    city: Database, load: Load
) -> None:
    header = f"{LEDGER},卡片编号,停用日期"
    load("底册", header, f"{HALL},K-1,", on=LAST)
    load("底册", header, f"{HALL},K-1,2023-05-31", on=FIRST)
    load("底册", header, f"{HALL},K-1,2024-05-31", on=date(2025, 9, 30))
    assert rows(city, CARDS) == [("K-1", date(2024, 5, 31))]


HELD = (
    "SELECT h.kind, o.name, h.stated_on, h.valid_to FROM estate.holding AS h"
    " JOIN estate.holding_party AS p USING (holding_id)"
    " JOIN organization.organization AS o ON o.organization_id = p.holder_id"
    " WHERE h.kind IN ('manages', 'owns') ORDER BY h.kind, h.holding_id"
)


def test_managers_and_owners_of_a_later_file_stand(city: Database, load: Load) -> None:
    header = f"{LEDGER},管理单位,产权单位,不动产权证号"
    title = "苏(2020)常州市不动产权第0000001号"
    bodies = ("财政局,1", "税务局,2", "档案局,3", "民政局,4")
    load("单位名录", "单位名称,编制数", *bodies, on=FIRST)
    load("底册", header, f"{HALL},财政局,档案局,{title}", on=LAST)
    held = rows(city, HELD)
    assert {one[:2] for one in held} == {("manages", "财政局"), ("owns", "档案局")}
    older = load("底册", header, f"{HALL},税务局,民政局,{title}", on=FIRST)
    assert rows(city, HELD) == held
    assert [one[:2] for one in told(city, older, "holding.older")] == [
        ("管理单位", "税务局"), ("产权单位", "民政局"),
    ]  # fmt: skip


def test_managers_and_owners_that_a_later_file_leaves_blank_are_filled(
    city: Database, load: Load
) -> None:
    header = f"{LEDGER},管理单位,产权单位"
    load("底册", LEDGER, "X-1,税务楼,钟楼区丙路1号,320404,税务局,10,在用,1990", on=FIRST)
    load("底册", header, f"{HALL},,", on=LAST)
    load("底册", header, f"{HALL},税务局,税务局", on=FIRST)
    assert [one[:3] for one in rows(city, HELD)] == [
        ("manages", "税务局", FIRST), ("owns", "税务局", FIRST),
    ]  # fmt: skip


OLD_HALLS = [
    "CZ-8,东楼,天宁区乙路8号,320402,文化馆,100,在用,1990",
    "CZ-9,西楼,天宁区乙路9号,320402,文化馆,200,在用,1990",
]
LINEAGE = (
    "SELECT a.code, l.kind, l.happened_on FROM place.lineage AS l"
    " JOIN place.place AS a ON a.place_id = l.from_place_id ORDER BY 1"
)


def test_an_older_file_ends_no_place_that_a_later_one_lists(
    city: Database, load: Load, operator: Operator
) -> None:
    load("底册", LEDGER, HALL, *OLD_HALLS, on=LAST)
    before = register_state(city)
    older = load("底册", f"{LEDGER},合并自", f"{HALL},CZ-8、CZ-9", on=FIRST)
    assert rows(city, "SELECT count(*) FROM place.place WHERE valid_to IS NOT NULL") == [(0,)]
    assert rows(city, LINEAGE) == []
    assert told(city, older, "merge.kept_known") == [
        ("合并自", "CZ-8", str(LAST)), ("合并自", "CZ-9", str(LAST)),
    ]  # fmt: skip
    undo_load(city, older.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_what_an_older_file_split_goes_on_and_is_linked(city: Database, load: Load) -> None:
    load("底册", LEDGER, HALL, *OLD_HALLS, on=LAST)
    load("底册", f"{LEDGER},拆分自", f"{HALL},CZ-8", on=FIRST)
    assert rows(city, LINEAGE) == [("CZ-8", "split", FIRST)]
    assert rows(city, "SELECT count(*) FROM place.place WHERE valid_to IS NOT NULL") == [(0,)]


def test_a_link_stands_as_it_was_stated_and_another_day_is_told(city: Database, load: Load) -> None:
    header = f"{LEDGER},合并自,变更日期"
    load("底册", LEDGER, *OLD_HALLS, on=FIRST)
    load("底册", header, f"{HALL},CZ-8,2026-03-01", on=LAST)
    older = load("底册", header, f"{HALL},CZ-8,2025-03-01", on=date(2025, 9, 30))
    assert rows(city, LINEAGE) == [("CZ-8", "merged", date(2026, 3, 1))]
    assert told(city, older, "merge.kept_known") == [("变更日期", "2025-03-01", "2026-03-01")]


def test_headcounts_are_a_series_of_days(city: Database, load: Load) -> None:
    load("单位名录", "单位名称,编制数", "文化馆,40", on=LAST)
    load("单位名录", "单位名称,编制数", "文化馆,30", on=FIRST)
    counted = "SELECT people, counted_on FROM organization.headcount ORDER BY counted_on"
    assert rows(city, counted) == [(30, FIRST), (40, LAST)]


def test_a_meter_hangs_and_reads_as_the_later_file_says(city: Database, load: Load) -> None:
    load("建筑", "建筑编号,名称", "D1,一号楼", "D2,二号楼", on=FIRST)
    header = "计量点编号,建筑编号,上级计量点编号,能源种类,表号,倍率"
    load("计量点", header, "M1,D1,M0,电,E-1,", on=LAST)
    older = load("计量点", header, "M1,D2,M9,水,E-9,20", on=FIRST)
    assert rows(
        city,
        "SELECT above.code, m.parent_number, m.carrier, m.meter_number, m.multiplier::int"
        " FROM place.metering_point AS m JOIN place.place AS p USING (place_id)"
        " JOIN place.place AS above ON above.place_id = p.parent_id",
    ) == [("D1", "M0", "electricity", "E-1", 20)]
    assert [one[0] for one in told(city, older, "merge.kept_known.column")] == [
        "建筑编号", "上级计量点编号", "能源种类", "表号",
    ]  # fmt: skip


def test_counted_units_of_a_later_file_stand(city: Database, load: Load) -> None:
    load("建筑", "建筑编号,名称", "D1,一号楼", on=FIRST)
    header = "单元编号,建筑编号,单元号,户数"
    load("单元", header, "U1,D1,甲,12", on=LAST)
    older = load("单元", header, "U1,D1,甲,10", on=FIRST)
    assert rows(city, "SELECT unit_count FROM place.section") == [(12,)]
    assert [one[:2] for one in told(city, older, "merge.kept_known.column")] == [
        ("户数", "2: 10 ≠ 12"),
    ]  # fmt: skip
