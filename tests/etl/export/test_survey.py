"""The national workbook: its form to the letter, its totals to the cent, and nothing hidden."""

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from handed_in import history_of_load
from makers import make_organization
from openpyxl import Workbook, load_workbook
from small_city import City, build
from sqlalchemy import insert, text

from assets.estate.actions import Party, record_holding
from assets.estate.model import Extent, HoldingKind
from assets.estate.reports import Survey, build_survey, surveys
from etl.export.survey import file_name, survey_workbook, write_surveys
from etl.load import load_file
from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.errors import InputError
from gis.organizations.model import headcount

DAY = date(2026, 9, 30)


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    """Site 0 has a second agency, a text that looks like a formula, and technical premises."""
    made = build(make_database("onemap_survey"))
    site = made.ids["site 0"]
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        second = make_organization(conn, "SECOND", name="=示例第二局", level_code="county")
        conn.execute(
            insert(headcount).values(
                organization_id=second, kind="quota", rank_code="section_chief", people=3,
                counted_on=date(2025, 1, 1), source="census",
                rights_cell=text("rights.cell_for(NULL, NULL, 0::smallint)"),
            )
        )  # fmt: skip
        conn.execute(
            text(
                "UPDATE organization.organization SET level_code = 'county',"
                " admin_area_code = '320401' WHERE organization_id = ANY(:ids)"
            ),
            {"ids": [made.ids["agency 0"], second]},
        )
        conn.execute(
            text(
                "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
                " SELECT p.place_id, v.kind, v.area, 'declared', p.rights_cell"
                " FROM place.place AS p, (VALUES"
                " ('office_gross', 2500.55), ('technical_gross', 499.45), ('usable', 1700.01),"
                " ('office_usable', 1000.01)) AS v (kind, area) WHERE p.place_id = :site"
            ),
            {"site": site},
        )
        record_holding(
            conn, place_id=site, kind=HoldingKind.OCCUPIES, parties=[Party(second)],
            extent=Extent.PART,
        )  # fmt: skip
    return made


def read(city: City, token: str | None = None, day: date = DAY) -> list[Survey]:
    with transaction(city.database.engine(Role.WEB), token or city.everything) as conn:
        return surveys(conn, day)


def opened(survey: Survey) -> Workbook:
    return load_workbook(io.BytesIO(survey_workbook(survey)))


def of(made: list[Survey], code: str) -> Survey:
    return next(one for one in made if one.reporter_code == code)


def test_the_sheets_stand_in_the_order_of_the_form(city: City) -> None:
    book = opened(of(read(city), "320401"))
    assert book.sheetnames == [
        "行政区划", "县（区、旗）办公用房", "技术业务用房", "办公用房建设项目", "onemap",
    ]  # fmt: skip
    assert book["onemap"].sheet_state == "veryHidden"
    assert file_name(of(read(city), "320401")) == "示例0区-320401.xlsx"


def test_a_printed_page_holds_every_column_under_its_headers(city: City) -> None:
    sheet = opened(of(read(city), "320401"))["县（区、旗）办公用房"]
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$4"


def test_a_property_spans_the_rows_of_its_units(city: City) -> None:
    sheet = opened(of(read(city), "320401"))["县（区、旗）办公用房"]
    merged = {str(one) for one in sheet.merged_cells.ranges}
    for letter in "ABCDEFGOPQRSTUVW":
        assert f"{letter}5:{letter}6" in merged
    assert not {f"{letter}5:{letter}6" for letter in "HIJKLMN"} & merged
    first = [cell.value for cell in sheet[5]]
    assert first[:7] == [1, "示例路0号", "320401", 5000, 3000, 2500.55, 499.45]
    assert {sheet["H5"].value, sheet["H6"].value} == {"示例0局", "=示例第二局"}
    assert {sheet["H5"].data_type, sheet["H6"].data_type} == {"s"}
    row = 5 if sheet["H5"].value == "=示例第二局" else 6
    assert [sheet.cell(row, at).value for at in range(10, 15)] == [0, 0, 3, 0, 0]
    assert first[14:18] == [1000.01, None, None, 1700.01]


def test_the_hidden_sheet_knows_the_place_of_every_data_row(city: City) -> None:
    book = opened(of(read(city), "320401"))
    rows = [tuple(cell.value for cell in row) for row in book["onemap"].iter_rows()]
    assert rows[0] == ("sheet", "row", "place_code")
    assert rows[1:] == [
        ("县（区、旗）办公用房", 5, "S0"),
        ("县（区、旗）办公用房", 6, "S0"),
        ("技术业务用房", 3, "S0"),
    ]


def test_every_total_equals_the_database_to_the_cent(city: City) -> None:
    made = read(city)
    columns = {4: "land", 5: "gross", 6: "office_gross", 7: "technical_gross", 15: "office_usable",
               18: "usable"}  # fmt: skip
    totals = dict.fromkeys(columns.values(), Decimal())
    for survey in made:
        for sheet in opened(survey).worksheets[1:-3]:
            for row in sheet.iter_rows(min_row=5, values_only=True):
                for at, kind in columns.items():
                    totals[kind] += Decimal(str(row[at - 1] or 0))
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        for kind, total in totals.items():
            held = conn.execute(
                text(
                    "SELECT coalesce(sum(c.area_m2), 0) FROM place.counted_area AS c"
                    " JOIN place.site AS s USING (place_id)"
                    " WHERE c.area_kind = :kind AND s.population = 'party_government'"
                ),
                {"kind": kind},
            ).scalar_one()
            assert abs(held - total) <= Decimal("0.01"), kind
    assert totals["gross"] == 3000 + 3001 + 3002


def test_the_cover_tells_how_complete_the_register_is(city: City) -> None:
    cover = opened(of(read(city), "320401"))["行政区划"]
    said: dict[Any, Any] = {row[0]: row[1] for row in cover.iter_rows(min_row=2, values_only=True)}
    assert said["行政区划名称"] == "示例0区"
    assert said["行政区划代码"] == "320401"
    assert said["填表日期"] == "2026-09-30"
    assert said["地址完整率"] == "共 1 处，其中 1 处（100.0%）"
    assert said["权属证书登记率"] == "共 1 处，其中 0 处（0.0%）"
    assert "核实" in said["注"]


def test_an_account_with_three_grants_reports_what_it_sees(city: City) -> None:
    assert [one.reporter_code for one in read(city, city.partial)] == ["320401", "320402"]


@pytest.mark.parametrize("token", ["", "unknown"])
def test_nobody_has_nothing_to_report(city: City, token: str) -> None:
    with (
        transaction(city.database.engine(Role.WEB), token) as conn,
        pytest.raises(InputError),
    ):
        surveys(conn, DAY)


def test_the_report_for_programs_has_the_same_figures(city: City) -> None:
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        report = build_survey(conn, DAY)
    assert sum(row["gross_m2"] for row in report.tables[0].rows) == 3000 + 3001 + 3002
    assert {row["properties"] for row in report.tables[1].rows} == {1}


def open_for_loads(database: Database) -> None:
    with transaction(database.engine(Role.LOADER), None) as conn:
        save_terms(conn)


def test_loading_it_back_changes_nothing(
    make_database: Callable[[str], Database], tmp_path: Path
) -> None:
    own = build(make_database("onemap_survey_back"))
    open_for_loads(own.database)
    for path in write_surveys(read(own), tmp_path):
        result = load_file(own.database, path, token=own.everything)
        assert (result.rows, result.unchanged) == (1, 1)
        assert history_of_load(own.database, result.load_id) == {}


def test_without_the_hidden_sheet_ambiguous_rows_wait(
    make_database: Callable[[str], Database], tmp_path: Path
) -> None:
    own = build(make_database("onemap_survey_alike"))
    open_for_loads(own.database)
    twin = [own.ids["site 1"], own.ids["site 2"]]
    with transaction(own.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text(
                "UPDATE place.place SET address = '示例路1号', stated_admin_area_code = '320402'"
                " WHERE place_id = ANY(:twin)"
            ),
            {"twin": twin},
        )
    (path,) = write_surveys([of(read(own), "320402")], tmp_path)
    known = load_file(own.database, path, token=own.everything)
    assert (known.rows, known.unchanged) == (2, 2)
    book = load_workbook(path)
    del book["onemap"]
    book.save(path)
    result = load_file(own.database, path, token=own.everything)
    assert (result.rows, result.waiting) == (2, 2)
    assert history_of_load(own.database, result.load_id) == {}
    with own.database.engine(Role.OWNER).connect() as conn:
        listed = conn.execute(
            text(
                "SELECT row_number, rule FROM staging.issue"
                " WHERE load_id = :id AND severity = 'question' ORDER BY 1"
            ),
            {"id": result.load_id},
        )
        assert listed.all() == [(5, "match.ambiguous"), (6, "duplicate.differs")]


def converted(path: Path, form: str, folder: Path) -> Path:
    """What LibreOffice makes of a file, with a profile of its own."""
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
            "--convert-to", form, "--outdir", str(folder), str(path),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return folder / f"{path.stem}.{form}"


def cells(book: Workbook) -> dict[str, tuple[list[list[Any]], set[str]]]:
    """By sheet: what its cells say, and which are merged."""
    return {
        sheet.title: (
            [[cell.value for cell in row] for row in sheet.iter_rows()],
            {str(one) for one in sheet.merged_cells.ranges},
        )
        for sheet in book.worksheets
    }


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_finds_every_cell_where_it_was(city: City, tmp_path: Path) -> None:
    (path, *_) = write_surveys(read(city), tmp_path)
    again = converted(path, "xlsx", tmp_path / "libreoffice")
    assert cells(load_workbook(again)) == cells(load_workbook(path))
    assert load_workbook(again)["onemap"].sheet_state != "visible"
    printed = converted(path, "pdf", tmp_path / "libreoffice")
    assert printed.read_bytes().startswith(b"%PDF")
