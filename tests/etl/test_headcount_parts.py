"""Posts by sort beside a total that a row states, leaves out, or contradicts."""

from pathlib import Path
from typing import Any

from conftest import Operator
from handed_in import hand_in, rows_of

from etl.load import LoadResult
from gis.db import Database

HEAD = "单位名称,统一社会信用代码,机构类型,编制人数,行政编制,事业编制\n"
CENSUS = "院落编号,地址坐落,建筑面积,使用单位,编制人数,行政编制,事业编制\n"


def totals(city: Database) -> dict[str, int]:
    query = (
        "SELECT o.name, c.people FROM organization.headcount AS c"
        " JOIN organization.organization AS o USING (organization_id) WHERE c.kind = 'quota'"
    )
    return dict(rows_of(city, query))


def told(city: Database, result: LoadResult) -> list[tuple[Any, ...]]:
    return rows_of(
        city,
        "SELECT row_number, column_header, original, suggestion FROM staging.issue"
        " WHERE load_id = :id AND rule LIKE 'headcount.%' ORDER BY row_number",
        id=result.load_id,
    )


def test_a_blank_total_is_the_sum_of_its_row_and_a_stated_one_counts_and_is_compared(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    bodies = (
        "甲局,,机关本级,,12,30\n"  # no total
        "乙局,,机关本级,50,12,30\n"  # fewer, and all are filled
        "丙局,,机关本级,40,12,30\n"  # more
        "丁局,,机关本级,50,12,\n"  # the rest is of sorts that are not filled
        "戊局,,机关本级,42,12,30\n"
        "己局,,机关本级,,,\n"
        "庚局,,机关本级,10,12,\n"  # one alone is more
    )
    result = hand_in(city, operator, tmp_path / "机构.csv", HEAD + bodies)
    assert (result.inserted, result.rejected, result.waiting) == (7, 0, 0)
    assert totals(city) == {
        "甲局": 42, "乙局": 50, "丙局": 40, "丁局": 50, "戊局": 42, "庚局": 10,
    }  # fmt: skip
    assert told(city, result) == [
        (3, "编制人数", "50", "42"),
        (4, "编制人数", "40", "42"),
        (8, "编制人数", "10", "12"),
    ]
    again = hand_in(city, operator, tmp_path / "机构.csv", HEAD + bodies)
    assert again.unchanged == 7


def test_a_stated_total_of_a_body_goes_before_the_sum_in_another_of_its_rows(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "机构.csv", "单位名称,机构类型\n甲局,机关本级\n")
    census = CENSUS + "C1,甲路1号,1000,甲局,,12,30\nC2,乙路2号,1000,甲局,45,12,30\n"
    result = hand_in(city, operator, tmp_path / "census.csv", census)
    assert result.inserted == 2
    assert totals(city) == {"甲局": 45}
    assert told(city, result) == [(3, "编制人数", "45", "42")]


def test_of_a_row_that_names_no_body_only_what_the_sheet_states_is_told_as_lost(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "机构.csv", "单位名称,机构类型\n甲局,机关本级\n")
    census = CENSUS.replace(",编制人数", "") + "C1,甲路1号,1000,,12,30\n"
    result = hand_in(city, operator, tmp_path / "census.csv", census)
    lost = rows_of(
        city,
        "SELECT column_header FROM staging.issue WHERE load_id = :id"
        " AND rule LIKE 'column.not_kept%' ORDER BY column_number",
        id=result.load_id,
    )
    assert lost == [("行政编制",), ("事业编制",)]
    assert totals(city) == {}


def test_a_list_that_fills_gaps_has_every_cell_listed_that_stands_otherwise(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    head = "地址坐落,行政区划代码,总建筑面积（m²）,使用单位,建设年代\n"
    census = head + "".join(f"甲路{at}号,320402,1000,文化馆,199{at}\n" for at in range(1, 7))
    hand_in(city, operator, tmp_path / "census.csv", census)
    lines = head.replace("总建筑面积（m²）", "建筑面积").replace("使用单位", "主要使用单位")
    lines += "".join(f"甲路{at}号,320402,300,文化馆,1980\n" for at in range(1, 7))
    profile = "technical_premises"
    result = hand_in(city, operator, tmp_path / "technical.csv", lines, profile=profile)
    cells = rows_of(
        city,
        "SELECT row_number, column_header, original, suggestion FROM staging.issue"
        " WHERE load_id = :id AND rule = 'merge.kept_known' ORDER BY row_number",
        id=result.load_id,
    )
    assert cells == [(at + 1, "建设年代", "1980", f"199{at}") for at in range(1, 7)]
