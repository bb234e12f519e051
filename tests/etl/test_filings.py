"""A filing's workbook out and in again: prefilled, remarked, of one agency only."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from bureau import Bureau, prepare_bureau
from openpyxl.worksheet.worksheet import Worksheet

from assets.campaign.actions.filing import Edit, save, submit, take_workbook
from assets.campaign.actions.review import add_remark, approve
from assets.campaign.model import State
from assets.campaign.queries import (
    filing_headcounts,
    filing_rows,
    find_filing,
)
from assets.estate.reports import survey_properties
from etl.export.filing import filing_file_name, filing_workbook
from etl.filings import open_filing, read_filing
from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database
from gis.errors import Conflict, Forbidden, InputError, SourceError

TODAY = date(2026, 9, 1)
SHEET = "县（区、旗）办公用房"
ADDRESS, GROSS, UNIT, FIRST_RANK = 2, 5, 8, 10


@pytest.fixture
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    return prepare_bureau(make_database("onemap_filings"))


@pytest.fixture
def filing_id(bureau: Bureau) -> int:
    """The filing of the first agency in a fresh campaign."""
    return bureau.filing(bureau.issue(), 0)


def _download(bureau: Bureau, filing_id: int, path: Path) -> openpyxl.Workbook:
    with bureau.clerk(0) as conn:
        content = filing_workbook(conn, find_filing(conn, filing_id))
    path.write_bytes(content)
    return openpyxl.load_workbook(io.BytesIO(content))


def _sheet(book: openpyxl.Workbook) -> Worksheet:
    sheet: Worksheet = book[SHEET]
    return sheet


def _hand_in(bureau: Bureau, filing_id: int, path: Path, *, seen_version: int = 1) -> int:
    with bureau.clerk(0) as conn:
        stated = read_filing(conn, filing_id, open_filing(path, file=path.name))
        version = stated.version or seen_version
        return take_workbook(conn, filing_id, stated, seen_version=version)


def test_the_workbook_comes_prefilled_and_handed_in_unchanged_changes_nothing(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "填报.xlsx"
    sheet = _sheet(_download(bureau, filing_id, path))
    assert sheet.cell(5, ADDRESS).value == "示例路0号"
    assert sheet.cell(5, GROSS).value == 3000
    assert sheet.cell(5, UNIT).value == "示例0局"
    with bureau.clerk(0) as conn:
        before = filing_rows(conn, filing_id)
    _hand_in(bureau, filing_id, path)
    with bureau.clerk(0) as conn:
        assert filing_rows(conn, filing_id) == before
        assert filing_headcounts(conn, filing_id) == []  # a 0 that the form printed states nothing
        name = filing_file_name(find_filing(conn, filing_id))
    assert name == "2026年普查-示例0局.xlsx"


def test_what_the_agency_writes_is_read_like_any_census_file(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "填报.xlsx"
    book = _download(bureau, filing_id, path)
    sheet = _sheet(book)
    sheet.cell(5, GROSS).value = "３１００平方米"
    sheet.cell(5, FIRST_RANK + 2).value = 4
    sheet.cell(6, ADDRESS).value = "新路9号"
    sheet.cell(6, 3).value = "320401"
    sheet.cell(6, GROSS).value = 500
    sheet.cell(6, UNIT).value = "示例0局"
    book.save(path)
    version = _hand_in(bureau, filing_id, path)
    with bureau.clerk(0) as conn:
        first, second = filing_rows(conn, filing_id)
        people = {one["rank_code"]: one["people"] for one in filing_headcounts(conn, filing_id)}
    assert first.filed.now["gross_m2"] == Decimal("3100.00")
    assert (second.place_code, second.filed.was) == (None, None)
    assert second.filed.now["address"] == "新路9号"
    assert people["section_chief"] == 4
    # The same file again knows the new row by its address.
    with bureau.clerk(0) as conn:
        stated = read_filing(conn, filing_id, open_filing(path, file="填报.xlsx"))
        take_workbook(conn, filing_id, stated, seen_version=version)
        assert len(filing_rows(conn, filing_id)) == 2


def test_all_rows_of_a_property_that_several_agencies_share_are_its_statement(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "填报.xlsx"
    book = _download(bureau, filing_id, path)
    sheet = _sheet(book)
    remark, year = sheet.max_column, sheet.max_column - 2
    assert (sheet.cell(2, remark).value, sheet.cell(2, year).value) == ("备注", "建设年代")
    # The other agency's row stands first; what it leaves out stands in the row of one's own.
    sheet.cell(5, UNIT).value, sheet.cell(6, UNIT).value = "示例1局", "示例0局"
    sheet.cell(6, GROSS).value, sheet.cell(5, GROSS).value = 3100, None
    sheet.cell(6, year).value, sheet.cell(5, year).value = 1999, None
    sheet.cell(5, remark).value, sheet.cell(6, remark).value = "东侧", "西侧"
    sheet.cell(6, FIRST_RANK + 2).value = 4
    book.save(path)
    _hand_in(bureau, filing_id, path)
    with bureau.clerk(0) as conn:
        [only] = filing_rows(conn, filing_id)
        people = {one["rank_code"]: one["people"] for one in filing_headcounts(conn, filing_id)}
    assert only.filed.now["gross_m2"] == Decimal("3100.00")
    assert only.filed.now["year_built"] == 1999
    assert only.filed.now["remark"] == "东侧；西侧"
    assert people["section_chief"] == 4
    sheet.cell(5, GROSS).value = 3000
    book.save(path)
    with bureau.clerk(0) as conn, pytest.raises(SourceError) as told:
        read_filing(conn, filing_id, open_filing(path, file="填报.xlsx"))
    assert (told.value.key, told.value.params["first"]) == ("filing.rows_differ", 5)
    assert (told.value.params["row"], told.value.params["column"]) == (6, "总建筑面积（m²）")


def test_a_property_left_out_is_marked_as_given_up_and_comes_back(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    whole, without = tmp_path / "全.xlsx", tmp_path / "缺.xlsx"
    book = _download(bureau, filing_id, whole)
    sheet = _sheet(book)
    sheet.cell(5, ADDRESS).value, sheet.cell(5, GROSS).value = "新路9号", 10
    codes = book["onemap"]
    codes.delete_rows(2)
    book.save(without)
    version = _hand_in(bureau, filing_id, without)
    with bureau.clerk(0) as conn:
        assert [row.filed.is_removed for row in filing_rows(conn, filing_id)] == [True, False]
        stated = read_filing(conn, filing_id, open_filing(whole, file="全.xlsx"))
        take_workbook(conn, filing_id, stated, seen_version=version)
        assert [row.filed.is_removed for row in filing_rows(conn, filing_id)] == [False, True]


def test_rows_of_another_agency_are_refused_and_nothing_is_kept(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "填报.xlsx"
    book = _download(bureau, filing_id, path)
    sheet = _sheet(book)
    for column, value in ((ADDRESS, "示例路1号"), (GROSS, 1), (UNIT, "示例1局")):
        sheet.cell(6, column).value = value
    book.save(path)
    with bureau.clerk(0) as conn, pytest.raises(Forbidden) as told:
        read_filing(conn, filing_id, open_filing(path, file="填报.xlsx"))
    assert (told.value.key, told.value.params["rows"]) == ("filing.rows_of_others", "6")
    book["onemap"].append([SHEET, 6, "S1"])
    sheet.cell(6, UNIT).value = "示例0局"
    book.save(path)
    with bureau.clerk(0) as conn, pytest.raises(Forbidden):
        read_filing(conn, filing_id, open_filing(path, file="填报.xlsx"))


def test_a_workbook_of_another_filing_or_of_no_use_is_refused(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    with bureau.reviewer() as conn:
        campaign_id = find_filing(conn, filing_id).campaign.campaign_id
    path = tmp_path / "填报.xlsx"
    _download(bureau, filing_id, path)
    other = bureau.filing(campaign_id, 1)
    with bureau.clerk(1) as conn, pytest.raises(InputError, match="of_another"):
        read_filing(conn, other, open_filing(path, file="填报.xlsx"))
    book = openpyxl.Workbook()
    assert isinstance(book.active, Worksheet)
    book.active.append(["会议纪要"])
    book.save(path)
    with bureau.clerk(0) as conn, pytest.raises(SourceError):
        read_filing(conn, filing_id, open_filing(path, file="填报.xlsx"))


def test_a_workbook_from_before_somebody_elses_change_is_not_taken_unseen(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "填报.xlsx"
    _download(bureau, filing_id, path)
    _hand_in(bureau, filing_id, path)
    with bureau.clerk(0) as conn:
        stated = read_filing(conn, filing_id, open_filing(path, file="填报.xlsx"))
        assert stated.version == 1
        with pytest.raises(Conflict, match="workbook_outdated"):
            take_workbook(conn, filing_id, stated, seen_version=stated.version)


def test_remarks_stand_at_their_cells(bureau: Bureau, filing_id: int, tmp_path: Path) -> None:
    with bureau.reviewer() as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        for field, words in (
            ("gross_m2", "与产权证不符"), ("remark", "请写明"), (None, "整行核对"),
        ):  # fmt: skip
            add_remark(conn, filing_id, row_id=row_id, field=field, words=words)
    book = _download(bureau, filing_id, tmp_path / "填报.xlsx")
    sheet = _sheet(book)
    said = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    last = sheet.cell(5, sheet.max_column).coordinate
    assert set(said) == {"A5", "E5", last}
    assert "与产权证不符" in said["E5"]
    assert "看全部" in said["E5"]


def test_an_approved_filing_enters_the_register_by_a_load_that_can_be_undone(
    bureau: Bureau, filing_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "填报.xlsx"
    book = _download(bureau, filing_id, path)
    sheet = _sheet(book)
    sheet.cell(5, GROSS).value = 3050
    for column, value in ((ADDRESS, "新路9号"), (3, "320401"), (GROSS, 500), (UNIT, "示例0局")):
        sheet.cell(6, column).value = value
    book.save(path)
    version = _hand_in(bureau, filing_id, path)
    token = bureau.city.everything

    def gross() -> dict[str, Decimal]:
        with bureau.reviewer() as conn:
            known, _ = survey_properties(conn, date(2026, 12, 1))
        return {one.address or "": one.areas["gross"] for one in known}

    before = gross()
    loaded = _bring_in(bureau, filing_id, path)
    assert (loaded.inserted, loaded.rejected, loaded.waiting) == (1, 0, 0)
    assert gross() == before | {"示例路0号": Decimal("3050.00"), "新路9号": Decimal("500.00")}
    again = _bring_in(bureau, filing_id, path)
    assert (again.inserted, again.updated) == (0, 0)
    with bureau.clerk(0) as conn:
        new = filing_rows(conn, filing_id)[1].row_id
        version = save(
            conn, filing_id, Edit(explanations={(new, "*"): "新建"}), seen_version=version
        )
        version = submit(conn, filing_id, seen_version=version, today=TODAY)
    with bureau.reviewer() as conn:
        approve(conn, filing_id, seen_version=version)
        assert find_filing(conn, filing_id).state is State.APPROVED
    undo_load(bureau.database, loaded.load_id or 0, token=token)
    assert gross() == before


def _bring_in(bureau: Bureau, filing_id: int, path: Path) -> LoadResult:
    """What the worker does with an approved filing."""
    with bureau.reviewer() as conn:
        filing = find_filing(conn, filing_id)
        path.write_bytes(filing_workbook(conn, filing))
    options = LoadOptions(as_of=filing.campaign.as_of)
    return load_file(bureau.database, path, token=bureau.city.everything, options=options)
