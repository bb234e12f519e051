"""What a load takes otherwise than a file says it is told, once a column, a name or a cell."""

from datetime import date
from pathlib import Path

import pytest
from conftest import Operator
from handed_in import hand_in, issues_of, rows_of

from gis.db import Database

BODIES = (
    "单位名称,机构类型,行政区划代码,统一社会信用代码\n"
    "文化馆,事业单位,320402,12320402MB0000001A\n图书馆,事业单位,320402,\n"
    "甲局,机关本级,320402,\n乙局,机关本级,320402,\n"
)


HOLDINGS = (
    "SELECT h.kind, h.source, o.name FROM estate.holding AS h"
    " JOIN estate.holding_party USING (holding_id)"
    " JOIN organization.organization AS o ON o.organization_id = holder_id ORDER BY 1, 3"
)


@pytest.fixture
def register(city: Database, operator: Operator, tmp_path: Path) -> Database:
    hand_in(city, operator, tmp_path / "bodies.csv", BODIES)
    return city


def test_a_survey_that_yields_to_a_census_says_so_once_a_column_with_examples(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    census = "院落编号,地址坐落,行政区划代码,总建筑面积（m²）,使用单位,建筑结构,备注\n" + "".join(
        f"C{at},甲路{at}号,320402,{at}000,文化馆,砖混,备注{at}\n" for at in (1, 2, 3, 4)
    )
    assert hand_in(register, operator, tmp_path / "c.csv", census).inserted == 4
    survey = "楼栋编号,建筑面积,建筑结构,备注\n" + "".join(
        f"C{at},{at}100,钢混,测绘{at}\n" for at in (1, 2, 3, 4)
    )
    told = hand_in(register, operator, tmp_path / "s.csv", survey, profile="building")
    (structure, remark) = issues_of(register, told, "merge.kept_known.column", "merge.kept_known")
    assert (structure[1:4], structure[4]["count"]) == ((0, "建筑结构", None), 4)
    assert structure[4]["examples"] == "2: 钢混 ≠ 砖混; 3: 钢混 ≠ 砖混; 4: 钢混 ≠ 砖混"
    assert remark[4] == {
        "count": 4,
        "examples": "2: 测绘1 ≠ 备注1; 3: 测绘2 ≠ 备注2; 4: 测绘3 ≠ 备注3",
    }
    same = survey.replace("钢混", "砖混").replace("测绘", "备注")
    again = hand_in(register, operator, tmp_path / "t.csv", same, profile="building")
    assert issues_of(register, again, "merge.kept_known.column") == []


def test_an_owner_the_directory_lacks_is_told_once_a_name_with_how_many_rows(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = "楼栋编号,楼栋名称,产权单位,建筑面积\n" + "".join(
        f"D{at},{at}号楼,{owner},{at}00\n"
        for at, owner in enumerate(("乌有公司", "文化馆", "乌有公司", "无名厂", "乌有公司"), 1)
    )
    told = hand_in(register, operator, tmp_path / "b.csv", words)
    rule = "owner.not_in_directory.rows"
    assert issues_of(register, told, rule, "owner.not_in_directory") == [
        (rule, 2, "产权单位", "乌有公司", {"count": 3}),
        (rule, 5, "产权单位", "无名厂", {"count": 1}),
    ]


PROPERTY = "地址坐落,行政区划代码,总建筑面积（m²）,{}\n甲路1号,320402,1000,{}\n"


def test_a_property_list_names_who_manages_beside_who_uses(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    both = PROPERTY.format("管理单位,使用单位", "文化馆,图书馆")
    assert hand_in(register, operator, tmp_path / "p.csv", both).inserted == 1
    assert rows_of(register, HOLDINGS) == [
        ("manages", "census", "文化馆"),
        ("occupies", "census", "图书馆"),
    ]
    assert hand_in(register, operator, tmp_path / "p.csv", both).unchanged == 1


def test_a_property_list_without_a_using_unit_means_it_by_the_managing_one(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    one = PROPERTY.format("管理单位", "文化馆")
    assert hand_in(register, operator, tmp_path / "p.csv", one).inserted == 1
    assert rows_of(register, HOLDINGS) == [("occupies", "census", "文化馆")]


def test_the_one_code_of_several_bodies_is_told_unless_it_is_of_one_of_them(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = PROPERTY.format("使用单位,统一社会信用代码", '"甲局、乙局",{}')
    rule = "unit.code_of_several"
    code = "12320402MB0000002A"
    told = hand_in(register, operator, tmp_path / "1.csv", words.format(code))
    assert issues_of(register, told, rule) == [(rule, 2, "统一社会信用代码", code, None)]
    theirs = words.replace("甲局", "文化馆").format("12320402MB0000001A")
    told = hand_in(register, operator, tmp_path / "2.csv", theirs)
    assert issues_of(register, told, rule) == []


def test_cells_under_no_header_are_told_and_kept_with_rows_that_wait(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = "楼栋编号,楼栋名称,,建筑面积,\nD1,甲楼,要重测,100,\nD1,乙楼,另一句,200,\n"
    told = hand_in(register, operator, tmp_path / "b.csv", words)
    assert (told.inserted, told.rejected) == (1, 1)
    rule = "column.no_header"
    assert issues_of(register, told, rule) == [(rule, 0, "[C]", None, {"count": 2})]
    held = rows_of(register, "SELECT cells ->> '[C]' FROM staging.held_row")
    assert held == [("另一句",)]


def test_a_succession_of_no_kind_is_told_to_be_taken_for_a_merger(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = "原单位名称,变更方式,现单位名称,变更日期\n旧局,,甲局,2020-01-01\n"
    told = hand_in(register, operator, tmp_path / "s.csv", words)
    assert rows_of(register, "SELECT kind FROM organization.succession") == [("merged",)]
    rule = "succession.kind_assumed"
    assert issues_of(register, told, rule) == [(rule, 2, "变更方式", None, None)]
    again = hand_in(register, operator, tmp_path / "s.csv", words)
    assert issues_of(register, again, rule) == []


def test_an_older_file_tells_what_was_counted_then_and_leaves_the_newer_count(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = "单位名称,机构类型,编制人数\n文化馆,事业单位,{}\n"
    new, old = date(2026, 9, 30), date(2024, 9, 30)
    counted = (
        "SELECT people, counted_on FROM organization.headcount WHERE kind = 'quota'"
        " ORDER BY counted_on"
    )
    hand_in(register, operator, tmp_path / "n.csv", words.format(20), as_of=new)
    older = hand_in(register, operator, tmp_path / "o.csv", words.format(15), as_of=old)
    assert older.updated == 1
    assert rows_of(register, counted) == [(15, old), (20, new)]
    assert (
        hand_in(register, operator, tmp_path / "o.csv", words.format(15), as_of=old).unchanged == 1
    )
    # A second file of a day corrects the count of that day alone.
    hand_in(register, operator, tmp_path / "c.csv", words.format(16), as_of=old)
    assert rows_of(register, counted) == [(16, old), (20, new)]


def test_a_count_said_again_stands_against_a_file_of_a_day_between(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = "单位名称,机构类型,编制人数\n文化馆,事业单位,{}\n"
    first, between, last = (date(year, 9, 30) for year in (2024, 2025, 2026))
    for day, people in ((first, 30), (last, 30), (between, 25)):
        hand_in(register, operator, tmp_path / f"{day}.csv", words.format(people), as_of=day)
    newest = (
        "SELECT people FROM organization.headcount WHERE kind = 'quota'"
        " ORDER BY counted_on DESC LIMIT 1"
    )
    assert rows_of(register, newest) == [(30,)]
