"""Who uses, who manages: a list that names another body than the one a place has loses neither."""

from datetime import date
from pathlib import Path

import pytest
from handed_in import hand_in, issues_of, register_state, rows_of
from sqlalchemy import text

from etl.load import LoadResult
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

BODIES = "单位名称,机构类型,行政区划代码\n文化馆,事业单位,320402\n图书馆,事业单位,320402\n"
LATER = date(2026, 9, 30)


def _holdings(city: Database) -> set[tuple[object, ...]]:
    """Kind, extent, source, body and last day of every holding but those of owners."""
    found = rows_of(
        city,
        "SELECT h.kind, h.extent, h.source, o.name, h.valid_to FROM estate.holding AS h"
        " JOIN estate.holding_party AS p USING (holding_id)"
        " JOIN organization.organization AS o ON o.organization_id = p.holder_id",
    )
    return set(found)


def _steward(city: Database) -> str | None:
    with city.engine(Role.OWNER).connect() as conn:
        found: str | None = conn.execute(
            text(
                "SELECT o.name FROM place.place AS p LEFT JOIN organization.organization AS o"
                " ON o.organization_id = p.steward_id"
            )
        ).scalar_one()
        return found


def _issues(city: Database, result: LoadResult) -> list[tuple[object, ...]]:
    return issues_of(city, result, columns="rule, column_header, original, params")


@pytest.fixture
def register(city: Database, operator: Operator, tmp_path: Path) -> Database:
    """Two bodies, and a building that one of them answers for."""
    hand_in(city, operator, tmp_path / "bodies.csv", BODIES)
    first = "楼栋编号,楼栋名称,使用单位,建筑面积\nD1,甲楼,文化馆,1000\n"
    assert hand_in(city, operator, tmp_path / "1.csv", first).inserted == 1
    assert (_steward(city), _holdings(city)) == ("文化馆", set())
    return city


def test_another_user_of_a_known_building_is_kept_as_having_a_part_of_it(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(register)
    other = "楼栋编号,楼栋名称,使用单位,建筑面积\nD1,甲楼,图书馆,1000\n"
    named = hand_in(register, operator, tmp_path / "2.csv", other)
    assert named.updated == 1
    assert _steward(register) == "文化馆"
    assert _holdings(register) == {("occupies", "part", "survey", "图书馆", None)}
    assert hand_in(register, operator, tmp_path / "2.csv", other).unchanged == 1
    undo_load(register, named.load_id or 0, token=operator.token)
    assert register_state(register) == before


def test_a_later_list_that_names_the_first_user_again_ends_the_other(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = "楼栋编号,使用单位,建筑面积\nD1,{},1000\n"
    early = date(2025, 9, 30)
    hand_in(register, operator, tmp_path / "2.csv", words.format("图书馆"), as_of=early)
    hand_in(register, operator, tmp_path / "3.csv", words.format("文化馆"), as_of=LATER)
    assert _holdings(register) == {
        ("occupies", "part", "survey", "图书馆", LATER),
        ("occupies", "part", "survey", "文化馆", None),
    }


def test_who_manages_a_building_answers_for_it_and_its_user_is_kept(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "bodies.csv", BODIES)
    words = "楼栋编号,楼栋名称,管理单位,使用单位,建筑面积\nD1,甲楼,文化馆,图书馆,1000\n"
    assert hand_in(city, operator, tmp_path / "1.csv", words).inserted == 1
    assert _steward(city) == "文化馆"
    assert _holdings(city) == {
        ("manages", "whole", "survey", "文化馆", None),
        ("occupies", "part", "survey", "图书馆", None),
    }
    assert hand_in(city, operator, tmp_path / "1.csv", words).unchanged == 1
    nobody = words.replace("文化馆", "乌有馆")
    told = _issues(city, hand_in(city, operator, tmp_path / "2.csv", nobody))
    assert ("unit.unknown", "管理单位", "乌有馆", None) in told


def test_the_user_of_technical_premises_is_kept_beside_who_the_census_names(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "bodies.csv", BODIES)
    census = "地址坐落,行政区划代码,使用单位,总建筑面积（m²）\n天宁区甲路1号,320402,文化馆,1000\n"
    assert hand_in(city, operator, tmp_path / "1.csv", census).inserted == 1
    one = ("occupies", "part", "census", "文化馆", None)
    assert _holdings(city) == {one}
    words = "地址坐落,行政区划代码,建筑面积,主要使用单位\n天宁区甲路1号,320402,300,{}\n"
    same = hand_in(
        city, operator, tmp_path / "2.csv", words.format("文化馆"), profile="technical_premises"
    )
    assert (same.rows, same.waiting, _holdings(city)) == (1, 0, {one})
    hand_in(
        city, operator, tmp_path / "3.csv", words.format("图书馆"), profile="technical_premises"
    )
    assert _holdings(city) == {one, ("occupies", "part", "technical", "图书馆", None)}


def test_a_body_that_does_not_answer_for_a_meter_is_told_once_with_how_many(
    register: Database, operator: Operator, tmp_path: Path
) -> None:
    words = (
        "计量点编号,建筑编号,机构名称,能源种类,表号\n"
        "M1,D1,{0},电,E1\nM2,D1,{0},电,E2\nM3,D1,{1},电,E3\n"
    )
    first = words.format("文化馆", "文化馆")
    assert hand_in(register, operator, tmp_path / "1.csv", first).inserted == 3
    other = words.format("图书馆", "文化馆")
    told = _issues(register, hand_in(register, operator, tmp_path / "2.csv", other))
    assert told == [("column.not_kept.other_name", "机构名称", None, {"count": 2})]
