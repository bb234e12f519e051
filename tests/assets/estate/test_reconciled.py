"""Areas of one kind that differ between their sources are listed to the cent, with what counts."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from makers import make_area, make_place
from sqlalchemy import Connection, text

from assets.estate.area import AREA_FACTS
from assets.estate.reconciled import area_differences, build_areas
from assets.services.papers.tables import report_workbook
from gis.db import Database, Role
from gis.questions import asked_area, collect_places, parse_question

TODAY = date(2026, 11, 22)
EXACT = Decimal(0)


@pytest.fixture
def conn(own_database: Database) -> Connection:
    with own_database.engine(Role.OWNER).connect() as connection:
        opened = connection.begin()
        make_area(connection, "320402", name="天宁区")
        yield connection
        opened.rollback()


def _measure(conn: Connection, place_id: int, source: str, area: str, **more: object) -> None:
    conn.execute(
        text(
            "INSERT INTO place.area_measure"
            " (place_id, area_kind, area_m2, source, measured_on, rights_cell)"
            " SELECT place_id, :kind, :area, :source, :day, rights_cell FROM place.place"
            " WHERE place_id = :id"
        ),
        {"kind": "gross", "day": None, "id": place_id, "area": area, "source": source, **more},
    )


def _place(conn: Connection, code: str, **sources: str) -> int:
    place_id = make_place(conn, code, "building", admin_area_code="320402", anchor=(119.9, 31.8))
    for source, area in sources.items():
        _measure(conn, place_id, source, area)
    return place_id


def test_the_difference_is_exact_and_the_best_source_counts(conn: Connection) -> None:
    _place(conn, "A", certificate="1000.00", survey="1040.01", declared="999.99")
    [row] = area_differences(conn, TODAY)
    assert (row["code"], row["difference_m2"]) == ("A", Decimal("40.02"))
    assert (row["counts_source"], row["counts_m2"]) == ("certificate", Decimal("1000.00"))
    assert (row["survey_m2"], row["drawing_m2"]) == (Decimal("1040.01"), None)


def test_a_past_day_on_which_a_place_was_otherwise_is_answered(conn: Connection) -> None:
    place_id = _place(conn, "A", certificate="1000.00", survey="1040.01")
    conn.execute(
        text(
            "INSERT INTO place.place_version (place_id, name, valid_to, rights_cell)"
            " SELECT place_id, '旧名', '2020-01-01', rights_cell FROM place.place"
            " WHERE place_id = :id"
        ),
        {"id": place_id},
    )
    [row] = area_differences(conn, date(2019, 1, 1))
    assert (row["name"], row["difference_m2"]) == ("旧名", Decimal("40.01"))


def test_the_tolerance_is_a_share_of_what_counts_and_not_reached_by_equality(
    conn: Connection,
) -> None:
    _place(conn, "A", certificate="1000.00", declared="1030.00")
    _place(conn, "B", certificate="1000.00", declared="1030.01")
    _place(conn, "C", certificate="1000.00", declared="1000.00")
    assert [row["code"] for row in area_differences(conn, TODAY)] == ["B"]
    assert [row["code"] for row in area_differences(conn, TODAY, EXACT)] == ["B", "A"]
    [one, other] = area_differences(conn, TODAY, EXACT)
    assert one["difference_m2"] - other["difference_m2"] == Decimal("0.01")


def test_the_newest_figure_of_a_source_on_the_day_is_compared(conn: Connection) -> None:
    place_id = _place(conn, "A", certificate="1000.00")
    _measure(conn, place_id, "survey", "500.00", day=date(2020, 1, 1))
    _measure(conn, place_id, "survey", "1000.00", day=date(2025, 1, 1))
    _measure(conn, place_id, "survey", "2000.00", day=date(2027, 1, 1))
    assert area_differences(conn, TODAY, EXACT) == []
    assert len(area_differences(conn, date(2024, 1, 1), EXACT)) == 1
    assert area_differences(conn, date(2028, 1, 1))[0]["difference_m2"] == Decimal("1000.00")


def test_land_is_compared_with_what_its_outline_measures(conn: Connection) -> None:
    wkt = "POLYGON((119.9 31.8,119.901 31.8,119.901 31.801,119.9 31.801,119.9 31.8))"
    make_place(conn, "S", wkt=wkt, areas={"land": 5000, "gross": 100}, admin_area_code="320402")
    measured = conn.execute(
        text("SELECT round(ST_Area(ST_GeomFromText(:wkt, 4490)::geography)::numeric, 2)"),
        {"wkt": wkt},
    ).scalar_one()
    [row] = area_differences(conn, TODAY)
    assert (row["area_kind"], row["polygon_m2"]) == ("land", measured)
    assert row["difference_m2"] == measured - Decimal("5000.00")
    assert row["counts_source"] == "declared"


def test_the_list_of_an_area_holds_only_its_places(conn: Connection) -> None:
    make_area(conn, "320404", name="钟楼区")
    _place(conn, "A", certificate="1000.00", declared="1100.00")
    elsewhere = make_place(conn, "B", "building", admin_area_code="320404", anchor=(119.8, 31.7))
    for source, area in (("certificate", "10.00"), ("declared", "20.00")):
        _measure(conn, elsewhere, source, area)
    question = parse_question({"within": {"point": [119.9, 31.8], "radius_m": 500}}, TODAY)
    asked = collect_places(conn, question, asked_area(conn, question))
    found = AREA_FACTS.lists["area_differences"](conn, asked, 100, 0)
    assert found.total == 1
    assert (found.rows[0]["code"], found.rows[0]["difference_m2"]) == ("A", Decimal("100.00"))


def test_the_report_is_a_workbook_in_words_with_its_tolerance(conn: Connection) -> None:
    _place(conn, "=A", certificate="1000.00", survey="1040.01")
    content = report_workbook(build_areas(conn, TODAY), "zh")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert rows[0][0] == "编码"
    code, _name, kind, district, area_kind, certified, surveyed, *_rest = rows[1]
    assert (code, kind, district, area_kind) == ("=A", "楼栋", "天宁区", "建筑面积")
    assert (Decimal(str(certified)), Decimal(str(surveyed))) == (Decimal(1000), Decimal("1040.01"))
    assert rows[1][-2] == "证载"
    assert "3%" in rows[2][0]


def test_the_report_goes_by_an_order_of_its_own_and_says_when_nobody_verified_it(
    conn: Connection,
) -> None:
    _place(conn, "A", certificate="1000.00", survey="1040.01")
    assert any("核实" in str(row[0]) for row in _written(conn))
    conn.execute(
        text(
            "INSERT INTO place.area_precedence (report, source, rank, rule_source, is_verified)"
            " VALUES ('areas', 'survey', 1, '示例文件第1条', true)"
        )
    )
    [row] = area_differences(conn, TODAY)
    assert (row["counts_source"], row["counts_m2"]) == ("survey", Decimal("1040.01"))
    assert not any("核实" in str(row[0]) for row in _written(conn))
    question = parse_question({"within": {"point": [119.9, 31.8], "radius_m": 500}}, TODAY)
    asked = collect_places(conn, question, asked_area(conn, question))
    [listed] = AREA_FACTS.lists["area_differences"](conn, asked, 100, 0).rows
    assert listed["counts_source"] == "certificate"


def test_sources_that_no_rule_counts_still_stand_side_by_side(conn: Connection) -> None:
    _place(conn, "A", certificate="1000.00", survey="1000.01")
    conn.execute(
        text(
            "INSERT INTO place.area_precedence (report, source, rank)"
            " VALUES ('areas', 'drawing', 1)"
        )
    )
    [row] = area_differences(conn, TODAY)
    assert (row["counts_source"], row["counts_m2"]) == (None, None)
    assert row["difference_m2"] == Decimal("0.01")


def _written(conn: Connection) -> list[tuple[object, ...]]:
    content = report_workbook(build_areas(conn, TODAY), "zh")
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
