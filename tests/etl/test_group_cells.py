"""Several rows of one property: what a further row says otherwise is told at its cell."""

from pathlib import Path

import openpyxl
from conftest import Operator
from handed_in import hand_in_twice, rows_of
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role

HEAD = "序号,地址坐落,院落名称,总建筑面积（m²）,办公室使用面积,建设年代,使用单位,机构类型,备注\n"
Told = list[tuple[object, ...]]


def told(city: Database, operator: Operator, path: Path) -> Told:
    result = load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, profile=None)
    )
    with city.engine(Role.OWNER).connect() as conn:
        return [
            tuple(row)
            for row in conn.execute(
                text(
                    "SELECT row_number, column_header, rule, original, suggestion"
                    " FROM staging.issue WHERE load_id = :load AND rule IN"
                    " ('column.group_differs', 'area.changed_in_group')"
                    " ORDER BY row_number, column_header"
                ),
                {"load": result.load_id},
            )
        ]


def test_what_a_further_row_of_a_property_says_otherwise_is_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        HEAD + "1,示例路1号,甲院,1000,400,1998,财政局,机关本级,完好\n"
        ",,,1000.00,380,1998,税务局,机关本级,待修\n"
        ",,,,,,审计局,机关本级,\n"
        "2,示例路2号,乙院,500,200,2001,档案局,机关本级,\n"
        ",,,,150,,史志办,机关本级,\n",
        "utf-8",
    )
    assert told(city, operator, path) == [
        (3, "办公室使用面积", "area.changed_in_group", "380", "400"),
        (3, "备注", "column.group_differs", "待修", "完好"),
        (6, "办公室使用面积", "area.changed_in_group", "150", "200"),
    ]


def test_a_second_address_under_one_merged_number_is_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in HEAD.splitlines():
        sheet.append(line.split(","))
    sheet.append(["1", "示例路1号", "甲院", 1000, 400, 1998, "财政局", "机关本级", None])
    sheet.append([None, "示例路3号", None, None, None, None, "税务局", "机关本级", None])
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "a.xlsx")
    assert told(city, operator, tmp_path / "a.xlsx") == [
        (3, "地址坐落", "column.group_differs", "示例路3号", "示例路1号"),
    ]


def test_a_row_with_an_asset_card_of_its_own_is_another_property(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    words = (
        "序号,地址坐落,资产卡片编号,总建筑面积（m²）,使用单位,机构类型\n"
        "1,示例路1号,K1,1000,财政局,机关本级\n"
        ",,K1,,税务局,机关本级\n"
        ",,无,,审计局,机关本级\n"
        ",,K2,300,档案局,机关本级\n"
        ",,,,史志办,机关本级\n"
    )
    first, second = hand_in_twice(city, operator, tmp_path / "a.csv", words)
    assert (first.inserted, second.unchanged) == (5, 5)
    places = (
        "SELECT i.value, c.area_m2::integer, count(DISTINCT n.holder_id) FROM place.identifier AS i"
        " JOIN place.counted_area AS c ON c.place_id = i.place_id AND c.area_kind = 'gross'"
        " JOIN estate.holding AS h ON h.place_id = i.place_id AND h.kind = 'occupies'"
        " JOIN estate.holding_party AS n USING (holding_id) GROUP BY 1, 2 ORDER BY 1"
    )
    assert rows_of(city, places) == [("K1", 1000, 3), ("K2", 300, 2)]
