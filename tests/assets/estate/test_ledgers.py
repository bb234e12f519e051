"""General ledger, departmental ledger and certificate side by side, to the cent."""

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text

from assets.estate.ledgers import LEDGERS, build_ledgers, compared
from assets.services.papers.tables import report_workbook
from gis.db import Database, Role

TODAY = date(2026, 11, 22)
GENERAL, DEPARTMENTAL, CERTIFICATE = (f"{ledger}_m2" for ledger in LEDGERS)


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


def _place(conn: Connection, code: str, kind: str = "site", **sources: str) -> int:
    parent = sources.pop("parent", None)
    place_id = make_place(
        conn, code, kind, admin_area_code="320402", anchor=(119.9, 31.8),
        parent=(parent, "site") if parent else None,
    )  # fmt: skip
    for source, area in sources.items():
        _measure(conn, place_id, source, area)
    return place_id


def _rows(conn: Connection, day: date = TODAY) -> dict[str, Mapping[str, Any]]:
    return {row["code"]: row for row in compared(conn, day) if row["area_kind"] == "gross"}


def test_each_ledger_has_its_figure_and_differences_are_to_the_cent(conn: Connection) -> None:
    _place(conn, "A", survey="1000.00", declared="1000.01", certificate="990.00")
    _place(conn, "B", survey="5.00", declared="5.00", certificate="5.00")
    found = _rows(conn)
    assert [found["A"][name] for name in (GENERAL, DEPARTMENTAL, CERTIFICATE)] == [
        Decimal("1000.00"), Decimal("1000.01"), Decimal("990.00"),
    ]  # fmt: skip
    assert found["A"]["ledgers_m2"] == Decimal("-0.01")
    assert found["A"]["general_certificate_m2"] == Decimal("10.00")
    assert found["A"]["departmental_certificate_m2"] == Decimal("10.01")
    assert [found[code]["verdict"] for code in "AB"] == ["differs", "same"]


@pytest.mark.parametrize(
    ("sources", "verdict", "known_by"),
    [
        ({"survey": "5"}, "lacks", "general"),
        ({"declared": "5"}, "lacks", "departmental"),
        ({"certificate": "5"}, "lacks", "certificate"),
        ({"drawing": "5", "declared": "5"}, "lacks", "general_departmental"),
        ({"survey": "5", "certificate": "4"}, "differs", "general_certificate"),
        ({"declared": "5", "certificate": "5"}, "lacks", "departmental_certificate"),
        ({"polygon": "5"}, "nothing", ""),
        ({}, "nothing", ""),
    ],
)
def test_what_only_some_of_them_know_is_told(
    conn: Connection, sources: dict[str, str], verdict: str, known_by: str
) -> None:
    _place(conn, "A", **sources)
    row = _rows(conn)["A"]
    assert (row["verdict"], row["known_by"]) == (verdict, known_by)
    tables = {one.name: one.rows for one in build_ledgers(conn, TODAY).tables}
    assert len(tables["lacking"]) == (known_by != "")
    assert len(tables["differing"]) == (verdict == "differs")


def test_a_compound_without_a_figure_of_its_own_is_the_sum_of_its_buildings(
    conn: Connection,
) -> None:
    site = _place(conn, "S", declared="300.00")
    _place(conn, "B1", "building", parent=site, survey="100.00")
    second = _place(conn, "B2", "building", parent=site, certificate="190.00", declared="1.00")
    row = _rows(conn)["S"]
    assert (row[GENERAL], row[DEPARTMENTAL], row[CERTIFICATE]) == (
        Decimal("100.00"), Decimal("300.00"), Decimal("190.00"),
    )  # fmt: skip
    assert row["is_partial"]
    _measure(conn, second, "survey", "200.00")
    row = _rows(conn)["S"]
    assert (row[GENERAL], row["ledgers_m2"]) == (Decimal("300.00"), Decimal("0.00"))
    # Buildings of a compound are no properties of their own.
    assert list(_rows(conn)) == ["S"]


def test_the_newest_figure_on_the_day_counts(conn: Connection) -> None:
    place_id = _place(conn, "A", declared="10.00")
    _measure(conn, place_id, "survey", "9.00", day=date(2020, 1, 1))
    _measure(conn, place_id, "survey", "10.00", day=date(2026, 1, 1))
    assert _rows(conn)["A"]["ledgers_m2"] == Decimal("0.00")
    assert _rows(conn, date(2021, 1, 1))["A"]["ledgers_m2"] == Decimal("-1.00")
    assert _rows(conn, date(2019, 1, 1))["A"][GENERAL] is None


def test_which_of_survey_and_drawing_is_the_general_ledgers_is_a_rule(conn: Connection) -> None:
    _place(conn, "A", survey="10.00", drawing="11.00", declared="10.00")
    assert _rows(conn)["A"][GENERAL] == Decimal("10.00")
    assert len(build_ledgers(conn, TODAY).footnotes) == 3
    conn.execute(
        text(
            "INSERT INTO place.area_precedence (report, source, rank, rule_source, is_verified)"
            " VALUES ('ledgers', 'drawing', 1, '示例文件第1条', true)"
        )
    )
    assert _rows(conn)["A"][GENERAL] == Decimal("11.00")
    assert len(build_ledgers(conn, TODAY).footnotes) == 2


def test_a_state_secret_is_not_listed(conn: Connection) -> None:
    _place(conn, "A", declared="10.00")
    make_place(conn, "涉", name=None, admin_area_code="320402", security_class=3)
    assert list(_rows(conn)) == ["A"]


def test_certificates_of_the_property_and_its_buildings_are_named(conn: Connection) -> None:
    site = _place(conn, "S", certificate="10.00")
    building = _place(conn, "B", "building", parent=site)
    for number, place_id, until in (("乙证", building, None), ("甲证", site, None),
                                    ("旧证", site, date(2020, 1, 1))):  # fmt: skip
        conn.execute(
            text(
                "WITH made AS (INSERT INTO place.title (number, state, kind, valid_to, rights_cell)"
                " SELECT :number, 'registered', 'house', :until, rights_cell FROM place.place"
                " WHERE place_id = :id RETURNING title_id, rights_cell)"
                " INSERT INTO place.title_place (title_id, place_id, share_kind, rights_cell)"
                " SELECT title_id, :id, 'own', rights_cell FROM made"
            ),
            {"number": number, "id": place_id, "until": until},
        )
    assert sorted(_rows(conn)["S"]["titles"]) == sorted(["乙证", "甲证"])


@given(
    figures=st.lists(st.tuples(*[st.none() | st.integers(0, 10**9)] * 3), min_size=1, max_size=6)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          max_examples=8)  # fmt: skip
def test_the_sums_are_those_of_the_database(
    conn: Connection, figures: list[tuple[int | None, int | None, int | None]]
) -> None:
    sources = ("survey", "declared", "certificate")
    nested = conn.begin_nested()
    for at, cents in enumerate(figures):
        said = {
            source: str(Decimal(cent) / 100)
            for source, cent in zip(sources, cents, strict=True)
            if cent is not None
        }
        _place(conn, f"P{at}", **said)
    report = build_ledgers(conn, TODAY)
    tables = {one.name: one.rows for one in report.tables}
    measured = dict(
        conn.execute(
            text("SELECT source, sum(area_m2) FROM place.area_measure"
                 " WHERE area_kind = 'gross' GROUP BY source")
        ).all()
    )  # fmt: skip
    for ledger, source in zip((GENERAL, DEPARTMENTAL, CERTIFICATE), sources, strict=True):
        whole = measured.get(source, Decimal(0))
        for name in ("summary", "properties"):
            assert sum(row[ledger] or 0 for row in tables[name]) == whole
    counted = [row for row in tables["summary"] if row["area_kind"] == "gross"]
    assert sum(row["property_count"] for row in counted) == len(figures)
    nested.rollback()


def test_the_workbook_is_in_words_and_every_sheet_says_what_it_compares(conn: Connection) -> None:
    body = make_organization(conn, "示例局")
    place_id = make_place(conn, "=A", admin_area_code="320402", steward_id=body, name="示例院")
    for source, area in (("survey", "1000.00"), ("declared", "1000.01")):
        _measure(conn, place_id, source, area)
    book = openpyxl.load_workbook(io.BytesIO(report_workbook(build_ledgers(conn, TODAY), "zh")))
    assert book.sheetnames == ["汇总", "不相符清单", "缺项清单", "逐处对账"]
    head, row, *notes = book["不相符清单"].values
    assert head[:9] == (
        "编码", "名称", "地址坐落", "行政区划", "使用（管理）单位", "面积类型", "总台账（m²）",
        "分台账（m²）", "权属证书（m²）",
    )  # fmt: skip
    assert row[:10] == (
        "=A", "示例院", None, "天宁区", "示例局", "建筑面积", 1000, 1000.01, None, -0.01,
    )  # fmt: skip
    assert ["未与原件核对" in str(one[0]) for one in notes] == [False, True, False]
    assert list(book["缺项清单"].values)[1][9] == "总台账、分台账，缺权属证书"
    assert [row[1:3] for row in book["汇总"].values][1:3] == [("不相符", 1), ("均无面积", 1)]
