"""Building projects of the national workbook: in, found again, changed, taken back, out again."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import Operator
from handed_in import issues_of, open_account, projects_form, register_state
from makers import make_organization
from sqlalchemy import text

from assets.estate.reports import surveys
from etl.export.survey import Filer, survey_workbook, write_surveys
from etl.load import LoadOptions, LoadResult, check_file, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import Forbidden
from gis.rights.actions import Grant

HALL = ("政务服务中心扩建", "区发展规划局", "区机关事务局", "政务服务局", "甲路1号", 1200.5,
        1234.56789, "示例")  # fmt: skip
GYM = ("档案馆新建", "区发展规划局", "没有这个单位", None, "乙路2号", 800, None, None)
DAY = date(2026, 9, 30)


@pytest.fixture
def bodies(city: Database) -> dict[str, int]:
    """The builder and the user of the first project are in the directory."""
    with transaction(city.engine(Role.OWNER), None) as conn:
        return {
            name: make_organization(conn, name, admin_area_code="320402")
            for name in ("区机关事务局", "政务服务局")
        }


def load(city: Database, operator: Operator, path: Path, on: date | None = None) -> LoadResult:
    return load_file(city, path, token=operator.token, options=LoadOptions(as_of=on))


def projects(city: Database) -> list[dict[str, Any]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text("SELECT * FROM estate.construction_project ORDER BY project_id")
        ).mappings()
        return [dict(row) for row in rows]


def test_projects_load_with_their_bodies_and_to_the_last_fen(
    city: Database, operator: Operator, bodies: dict[str, int], tmp_path: Path
) -> None:
    result = load(city, operator, projects_form(tmp_path / "a.xlsx", HALL, GYM))
    assert (result.rows, result.inserted, result.waiting, result.rejected) == (2, 2, 0, 0)
    hall, gym = projects(city)
    assert hall["estimated_cost_yuan"] == Decimal("12345678.90")
    assert hall["planned_area_m2"] == Decimal("1200.50")
    assert (hall["builder_id"], hall["user_id"]) == tuple(bodies.values())
    assert (hall["admin_area_code"], hall["stated_on"]) == ("320402", date(2026, 3, 1))
    assert hall["code"].startswith("320402-J")
    assert (gym["builder_name"], gym["builder_id"]) == ("没有这个单位", None)
    assert gym["estimated_cost_yuan"] is None


def test_a_builder_nobody_knows_is_kept_as_written_and_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _result, issues = check_file(
        city, projects_form(tmp_path / "a.xlsx", GYM), token=operator.token
    )
    assert issues[["rule", "original"]].to_numpy().tolist() == [
        ["unit.not_in_directory", "没有这个单位"]
    ]


def test_a_second_load_changes_nothing(
    city: Database, operator: Operator, bodies: dict[str, int], tmp_path: Path
) -> None:
    path = projects_form(tmp_path / "a.xlsx", HALL, GYM)
    load(city, operator, path)
    before = register_state(city)
    again = load(city, operator, path)
    assert (again.rows, again.unchanged) == (2, 2)
    assert register_state(city) == before


def test_a_changed_figure_updates_its_project_and_a_blank_wipes_nothing(
    city: Database, operator: Operator, bodies: dict[str, int], tmp_path: Path
) -> None:
    load(city, operator, projects_form(tmp_path / "a.xlsx", HALL, GYM))
    dearer = (*HALL[:4], None, *HALL[5:6], 2000, None)
    result = load(city, operator, projects_form(tmp_path / "b.xlsx", dearer, GYM))
    assert (result.updated, result.unchanged) == (1, 1)
    hall, _gym = projects(city)
    assert hall["estimated_cost_yuan"] == 20_000_000
    assert (hall["address"], hall["remark"]) == ("甲路1号", "示例")


OLDER = ("政务服务中心扩建", "区发改委", "区机关事务局", "政务服务局", "旧路1号", 900, 1000, "旧注")


def test_a_list_of_an_earlier_day_only_fills_gaps_and_what_it_says_otherwise_is_told(
    city: Database, operator: Operator, bodies: dict[str, int], tmp_path: Path
) -> None:
    newer = (*HALL[:4], None, HALL[5], HALL[6], None)
    load(city, operator, projects_form(tmp_path / "a.xlsx", newer))
    before = register_state(city)
    path = projects_form(tmp_path / "b.xlsx", OLDER)
    older = load(city, operator, path, date(2024, 3, 1))
    (hall,) = projects(city)
    assert (hall["approving_body"], hall["planned_area_m2"]) == ("区发展规划局", Decimal("1200.50"))
    assert (hall["address"], hall["remark"], hall["stated_on"]) == (
        "旧路1号", "旧注", date(2024, 3, 1)
    )  # fmt: skip
    told = issues_of(city, older, "merge.kept_known", columns="original, suggestion")
    assert sorted(told) == [
        ("10000000.00", "12345678.90"), ("900.00", "1200.50"), ("区发改委", "区发展规划局")
    ]  # fmt: skip
    loaded = register_state(city)
    assert load(city, operator, path, date(2024, 3, 1)).unchanged == 1
    assert register_state(city) == loaded
    # Of what only the older list said, a list of a day between knows better.
    between = (*OLDER[:4], "中路1号", 950, 1100, None)
    load(city, operator, projects_form(tmp_path / "c.xlsx", between), date(2025, 3, 1))
    (hall,) = projects(city)
    assert (hall["address"], hall["planned_area_m2"], hall["remark"], hall["stated_on"]) == (
        "中路1号", Decimal("1200.50"), "旧注", date(2024, 3, 1)
    )  # fmt: skip
    undo_load(city, older.load_id or 0, token=operator.token, and_later=True)
    assert register_state(city) == before


def test_undo_takes_projects_back_exactly(
    city: Database, operator: Operator, bodies: dict[str, int], tmp_path: Path
) -> None:
    empty = register_state(city)
    first = load(city, operator, projects_form(tmp_path / "a.xlsx", HALL, GYM))
    loaded = register_state(city)
    second = load(city, operator, projects_form(tmp_path / "b.xlsx", (*HALL[:6], 1, None)))
    assert second.load_id
    undo_load(city, second.load_id, token=operator.token)
    assert register_state(city) == loaded
    assert first.load_id
    undo_load(city, first.load_id, token=operator.token)
    assert register_state(city) == empty


def test_projects_of_one_name_in_two_districts_are_two(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, projects_form(tmp_path / "a.xlsx", GYM))
    load(city, operator, projects_form(tmp_path / "b.xlsx", GYM, area="320411"))
    assert [one["admin_area_code"] for one in projects(city)] == ["320402", "320411"]
    unclear = load(city, operator, projects_form(tmp_path / "c.xlsx", GYM, area=None))
    assert (unclear.waiting, len(projects(city))) == (1, 2)


def test_a_row_that_repeats_another_is_rejected(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    result = load(city, operator, projects_form(tmp_path / "a.xlsx", HALL, HALL))
    assert (result.inserted, result.rejected) == (1, 1)


def test_an_account_of_another_district_loads_no_project(
    city: Database, operator: Operator, bodies: dict[str, int], tmp_path: Path
) -> None:
    path = projects_form(tmp_path / "a.xlsx", HALL)
    stranger = open_account(city, "外区", Grant("clerk", admin_area_code="320411"))
    with pytest.raises(Forbidden):
        load_file(city, path, token=stranger)
    own = open_account(city, "本区", Grant("clerk", admin_area_code="320402"))
    assert load_file(city, path, token=own).inserted == 1
    with transaction(city.engine(Role.WEB), stranger) as conn:
        seen = conn.execute(text("SELECT count(*) FROM estate.construction_project")).scalar_one()
    assert seen == 0


def test_the_report_lists_projects_and_loads_back_unchanged(
    city: Database, operator: Operator, bodies: dict[str, int], tmp_path: Path
) -> None:
    load(city, operator, projects_form(tmp_path / "a.xlsx", HALL, GYM))
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        (survey,) = surveys(conn, DAY)
        assert survey.reporter_code == "320402"
    (path,) = write_surveys([survey], tmp_path / "out")
    sheet = openpyxl.load_workbook(path)["办公用房建设项目"]
    assert [cell.value for cell in sheet[3]] == [1, *HALL[:6], 1234.56789, "示例"]
    assert [cell.value for cell in sheet[4]] == [2, *GYM]
    before = register_state(city)
    back = load(city, operator, path)
    assert (back.rows, back.unchanged) == (2, 2)
    assert register_state(city) == before


def test_a_renamed_project_is_found_by_our_code(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, projects_form(tmp_path / "a.xlsx", GYM))
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        (path,) = write_surveys(surveys(conn, DAY), tmp_path / "out")
    book = openpyxl.load_workbook(path)
    book["办公用房建设项目"]["B3"] = "档案馆迁建"
    book.save(path)
    assert load(city, operator, path).updated == 1
    assert [one["name"] for one in projects(city)] == ["档案馆迁建"]


def test_a_project_is_not_reported_before_the_day_it_was_stated_for(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, projects_form(tmp_path / "a.xlsx", GYM))
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        (survey,) = surveys(conn, date(2026, 3, 1))
        assert [one.name for one in survey.projects] == ["档案馆新建"]


def test_the_cover_names_who_filled_it_in_and_nobody_else(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, projects_form(tmp_path / "a.xlsx", GYM))
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        (survey,) = surveys(conn, DAY)

    def cover(filer: Filer) -> dict[str, str | None]:
        path = tmp_path / "cover.xlsx"
        path.write_bytes(survey_workbook(survey, filer))
        sheet = openpyxl.load_workbook(path)["行政区划"]
        return {row[0]: row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}

    blank = cover(Filer())
    assert (blank["填表人单位，姓名"], blank["联系电话"]) == (None, None)
    signed = cover(Filer("示例区机关事务局，甲", "=0519-0000000"))
    assert signed["填表人单位，姓名"] == "示例区机关事务局，甲"
    assert signed["联系电话"] == "=0519-0000000"
