"""Everything planted is in the files where the truth says, and nothing else is wrong."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import openpyxl
import pyogrio
import pytest

from etl.sample.codes import credit_check, credit_code
from etl.sample.spoil import area_text, as_number, in_mu, with_letter_for_digit, with_wrong_check
from etl.sample.tables import shown

ENCODINGS = {"公共机构位置.csv": "gb18030", "计量点.csv": "utf-8-sig"}


@pytest.fixture(scope="module")
def planted(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth" / "planted_errors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_class_that_files_can_show_is_planted(planted: list[dict[str, str]]) -> None:
    assert {int(row["class"]) for row in planted} == set(range(1, 11))


def test_what_a_census_gets_wrong_beyond_single_cells_is_planted(
    planted: list[dict[str, str]],
) -> None:
    rules = {row["rule"] for row in planted}
    assert rules >= {
        "cell.same_as_above", "column.hidden", "property.reported_twice",
        "count.rank_of_other_level", "coordinate.other_datum",
    }  # fmt: skip


def test_planted_cells_stand_in_the_workbooks(folder: Path, planted: list[dict[str, str]]) -> None:
    by_sheet = defaultdict(list)
    for row in planted:
        if row["file"].endswith(".xlsx"):
            by_sheet[row["file"], row["sheet"]].append(row)
    assert len(by_sheet) > 15
    for (file, name), rows in by_sheet.items():
        sheet = openpyxl.load_workbook(folder / file)[name]
        columns = {
            sheet.cell(row, column).value: column
            for row in range(1, 5)
            for column in range(1, sheet.max_column + 1)
        }
        for row in rows:
            cell = sheet.cell(int(row["row"]), columns[row["column"]]).value
            assert shown(cell) == row["planted"], (file, name, row)


def test_planted_cells_stand_in_the_lists(folder: Path, planted: list[dict[str, str]]) -> None:
    for file, encoding in ENCODINGS.items():
        with (folder / file).open(encoding=encoding, newline="") as lines:
            table = list(csv.reader(lines))
        rows = [row for row in planted if row["file"] == file]
        assert rows
        for row in rows:
            cells = table[int(row["row"]) - 1]
            place = table[0].index(row["column"])
            shown_cells = (cells[place], ",".join(cells[place : place + 2]))
            assert row["planted"] in shown_cells, row


def test_planted_features_stand_in_the_layers(folder: Path, planted: list[dict[str, str]]) -> None:
    rooms = pyogrio.read_dataframe(folder / "建筑轮廓.gpkg", layer="房间", read_geometry=False)
    rows = [row for row in planted if row["sheet"] == "房间"]
    assert {row["rule"] for row in rows} == {
        "use.idle_but_used",
        "geometry.outside_parent",
        "geometry.overlap",
        "parent.unknown",
    }
    for row in rows:
        feature = rooms.iloc[int(row["row"]) - 1]
        if row["column"] == "geometry":
            assert feature["要素编号"] == row["planted"]
        elif row["rule"] == "parent.unknown":
            assert feature["楼层编号"] == row["planted"]
        else:
            assert (feature["使用状况"], feature["使用单位"] is None) == ("空置", False)


def test_rejected_rows_are_the_extra_rows(planted: list[dict[str, str]], written: object) -> None:
    rejected = Counter((row["file"], row["sheet"]) for row in planted if row["outcome"] == "reject")
    extra = {
        (table.path, table.table): table.extra_rows for table in written.tables if table.extra_rows
    }
    assert dict(rejected) == extra


def test_only_planted_credit_codes_fail_their_check(
    folder: Path, planted: list[dict[str, str]]
) -> None:
    wrong = {
        (row["sheet"], int(row["row"]))
        for row in planted
        if row["column"] == "统一社会信用代码" and row["file"] == "机构名录.xlsx"
    }
    book = openpyxl.load_workbook(folder / "机构名录.xlsx")
    failing = set()
    for name in ("党政机关", "事业单位"):
        for number, row in enumerate(book[name].iter_rows(min_row=5, values_only=True), start=5):
            code = row[4]
            if code and ("O" in code or credit_check(code[:17]) != code[17]):
                failing.add((name, number))
    assert failing == wrong
    assert len(failing) >= 8


def test_credit_codes_follow_the_standard() -> None:
    assert credit_check("91350100M000100Y4") == "3"
    assert credit_check("9131000063159284X") == "Q"
    code = credit_code("11", "320400", 12)
    assert len(code) == 18
    assert code[8:10] == "YL"


def test_spoiled_values_say_what_they_should() -> None:
    assert area_text(12345.67, 3) == "1.234567万㎡"
    assert area_text(12345.67, 1) == "12,345.67"
    assert in_mu(2000.0) == ("3.000亩", 2000.0)
    code = credit_code("12", "320481", 7)
    assert credit_check(with_wrong_check(code)[:17]) != with_wrong_check(code)[17]
    assert "O" in with_letter_for_digit(code)
    assert as_number(code) > 1e16
