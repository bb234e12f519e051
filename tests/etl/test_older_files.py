"""A file of an earlier day than is known of a place fills gaps; the rest stands and is told."""

from datetime import date
from pathlib import Path

import pytest
from handed_in import hand_in, register_state, rows_of
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

HEADER = (
    "房产编号,名称,地址坐落,行政区划代码,使用单位,总建筑面积（m²）,"
    "使用状况,建成年份,出租面积,备注\n"
)
FIRST, BETWEEN, LAST = date(2024, 9, 30), date(2025, 9, 30), date(2026, 9, 30)
OLD = "CZ-1,文化馆,天宁区甲路1号,320402,文化馆,1000,在用,1990,300,旧注\n"
NEW = "CZ-1,艺术馆,天宁区乙路2号,320402,美术馆,1000,闲置,1991,200,\n"


def load(city: Database, operator: Operator, folder: Path, row: str, on: date | None) -> LoadResult:
    path = folder / f"底册{len(list(folder.iterdir()))}.csv"
    return hand_in(city, operator, path, HEADER + row, as_of=on)


def facts(city: Database) -> tuple[object, ...]:
    query = "SELECT name, address, use_status, remark FROM place.place WHERE kind = 'site'"
    (found,) = rows_of(city, query)
    return found


def holdings(city: Database) -> list[tuple[object, ...]]:
    """Kind, holder, let area, day it is stated for and end of each holding."""
    return rows_of(
        city,
        "SELECT h.kind, o.name, h.area_m2::int, h.stated_on, h.valid_to"
        " FROM estate.holding AS h JOIN estate.holding_party AS p USING (holding_id)"
        " JOIN organization.organization AS o ON o.organization_id = p.holder_id"
        " WHERE h.kind IN ('occupies', 'lets_out') ORDER BY h.kind DESC, h.holding_id",
    )


def told(city: Database, result: LoadResult, rule: str) -> list[tuple[object, ...]]:
    return rows_of(
        city,
        "SELECT column_header, original, suggestion, params FROM staging.issue"
        " WHERE load_id = :id AND rule = :rule ORDER BY column_number",
        id=result.load_id,
        rule=rule,
    )


def test_an_older_file_fills_gaps_and_what_it_says_otherwise_is_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, NEW, LAST)
    before, held = register_state(city), holdings(city)
    older = load(city, operator, tmp_path, OLD, FIRST)
    assert facts(city) == ("艺术馆", "天宁区乙路2号", "idle", "旧注")
    assert holdings(city) == held
    kept = told(city, older, "merge.kept_known.column")
    assert [one[0] for one in kept][:3] == ["名称", "地址坐落", "使用状况"]
    assert kept[0][3] == {"count": 1, "examples": "2: 文化馆 ≠ 艺术馆"}
    day = {"day": str(LAST)}
    assert told(city, older, "holding.older") == [
        ("使用单位", "文化馆", "美术馆", day),
        ("出租面积", "300.00", "200.00", day),
    ]
    undo_load(city, older.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_an_older_nought_takes_no_holding_back(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, NEW, LAST)
    held = holdings(city)
    older = load(city, operator, tmp_path, NEW.replace(",200,", ",0,"), FIRST)
    assert holdings(city) == held
    assert told(city, older, "holding.older") == [
        ("出租面积", "0", "200.00", {"day": str(LAST)}),
    ]


def test_what_ended_on_a_later_day_does_not_begin_again_with_an_older_file(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, NEW, FIRST)
    load(city, operator, tmp_path, NEW.replace(",200,", ",0,"), LAST)
    held = holdings(city)
    between = load(city, operator, tmp_path, NEW, BETWEEN)
    assert holdings(city) == held
    assert told(city, between, "holding.older") == [
        ("出租面积", "200.00", None, {"day": str(LAST)}),
    ]


def test_an_older_file_gives_a_kind_of_holding_that_nobody_stated(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, NEW.replace(",200,", ",,"), LAST)
    older = load(city, operator, tmp_path, NEW, FIRST)
    assert ("lets_out", "美术馆", 200, FIRST, None) in holdings(city)
    assert told(city, older, "holding.older") == []


def test_a_file_of_a_day_between_two_that_say_the_same_changes_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, OLD, FIRST)
    load(city, operator, tmp_path, OLD, LAST)
    held = holdings(city)
    assert [one[3:] for one in held] == [(LAST, None), (LAST, None)]
    known, before = facts(city), register_state(city)
    between = load(city, operator, tmp_path, NEW, BETWEEN)
    assert (facts(city), holdings(city)) == (known, held)
    undo_load(city, between.load_id or 0, token=operator.token)
    assert register_state(city) == before


@pytest.mark.parametrize("on", [LAST, None])
def test_a_file_of_the_same_day_or_of_none_corrects(
    city: Database, operator: Operator, tmp_path: Path, on: date | None
) -> None:
    load(city, operator, tmp_path, OLD, LAST)
    load(city, operator, tmp_path, NEW, on)
    assert facts(city)[:3] == ("艺术馆", "天宁区乙路2号", "idle")
    assert [one[:3] for one in holdings(city)] == [
        ("occupies", "美术馆", None),
        ("lets_out", "文化馆", 200),
    ]


def test_a_later_file_goes_on_from_its_day(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, OLD, FIRST)
    load(city, operator, tmp_path, NEW, LAST)
    assert facts(city)[:3] == ("艺术馆", "天宁区乙路2号", "idle")
    assert [one[1:] for one in holdings(city) if one[0] == "occupies"] == [
        ("文化馆", None, FIRST, LAST),
        ("美术馆", None, LAST, None),
    ]


def areas(city: Database) -> list[tuple[object, ...]]:
    return rows_of(
        city,
        "SELECT area_m2::int, measured_on FROM place.area_measure"
        " WHERE area_kind = 'gross' ORDER BY measured_on",
    )


def test_an_area_said_again_stands_against_a_file_of_a_day_between(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, OLD, FIRST)
    again = load(city, operator, tmp_path, OLD, LAST)
    assert (again.updated, again.unchanged) == (0, 1)
    before = register_state(city)
    between = load(city, operator, tmp_path, OLD.replace(",1000,", ",1100,"), BETWEEN)
    assert areas(city) == [(1000, FIRST), (1100, BETWEEN), (1000, LAST)]
    undo_load(city, between.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_a_file_of_no_day_corrects_the_newest_area(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, OLD, FIRST)
    load(city, operator, tmp_path, OLD, LAST)
    corrected = load(city, operator, tmp_path, OLD.replace(",1000,", ",1010,"), None)
    assert corrected.updated == 1
    assert areas(city) == [(1000, FIRST), (1010, LAST)]


def test_an_area_of_no_day_said_again_gets_the_day_it_is_said_for(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, OLD, None)
    load(city, operator, tmp_path, OLD, LAST)
    load(city, operator, tmp_path, OLD.replace(",1000,", ",1100,"), BETWEEN)
    assert areas(city)[-2:] == [(1000, LAST), (1000, None)]


def test_an_older_file_leaves_the_stated_district_and_tells_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, NEW, LAST)
    older = load(city, operator, tmp_path, NEW.replace(",320402,", ",320404,"), FIRST)
    with city.engine(Role.OWNER).connect() as conn:
        stated = conn.execute(text("SELECT stated_admin_area_code FROM place.place")).scalar_one()
    assert stated == "320402"
    [kept] = told(city, older, "merge.kept_known.column")
    assert (kept[0], kept[3]) == ("行政区划代码", {"count": 1, "examples": "2: 320404 ≠ 320402"})


@pytest.mark.parametrize(("on", "site", "name"), [(FIRST, "Y-2", "二号楼"), (LAST, "Y-1", "一号楼"),
                                                 (None, "Y-1", "一号楼")])  # fmt: skip
def test_an_older_layer_hangs_no_place_elsewhere(
    city: Database, operator: Operator, tmp_path: Path, on: date | None, site: str, name: str
) -> None:
    def building(row: str, day: date | None) -> LoadResult:
        path = tmp_path / f"建筑{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(f"建筑编号,院落编号,名称\nD-1,{row}\n", encoding="utf-8")
        options = LoadOptions(any_area=True, as_of=day)
        return load_file(city, path, token=operator.token, options=options)

    sites = tmp_path / "院落.csv"
    sites.write_text("院落编号,名称\nY-1,一号院\nY-2,二号院\n", encoding="utf-8")
    load_file(city, sites, token=operator.token, options=LoadOptions(any_area=True))
    building("Y-2,二号楼", LAST)
    second = building("Y-1,一号楼", on)
    with city.engine(Role.OWNER).connect() as conn:
        found = conn.execute(
            text(
                "SELECT above.code, p.name FROM place.place AS p"
                " JOIN place.place AS above ON above.place_id = p.parent_id"
            )
        ).one()
    assert tuple(found) == (site, name)
    kept = told(city, second, "merge.kept_known.column")
    assert [one[0] for one in kept] == (["院落编号", "名称"] if on == FIRST else [])
