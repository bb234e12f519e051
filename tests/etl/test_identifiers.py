"""Numbers that files state: given up by one place, taken over by another, or still taken."""

from datetime import date
from pathlib import Path

import openpyxl
from handed_in import register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

HEADERS = [
    "房产编号",
    "名称",
    "地址坐落",
    "行政区划代码",
    "使用单位",
    "总建筑面积（m²）",
    "卡片编号",
]
DAY = date(2026, 9, 30)


def _load(
    city: Database, operator: Operator, path: Path, *rows: tuple[str, str | None]
) -> LoadResult:
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    for code, card in rows:
        address = f"天宁区甲路{code[-1]}号"
        book.active.append([code, f"{code}馆", address, "320402", "文化馆", 1000, card])
    book.save(path)
    return load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, as_of=DAY)
    )


def _cards(city: Database) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT p.code, i.value, i.valid_from, i.valid_to FROM place.identifier AS i"
                " JOIN place.place AS p USING (place_id) WHERE i.scheme = 'asset_card' ORDER BY 1"
            )
        )
        return [tuple(row) for row in rows]


def _issues(city: Database, result: LoadResult) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT row_number, column_header, severity, original FROM staging.issue"
                " WHERE load_id = :id AND rule = 'identifier.taken'"
            ),
            {"id": result.load_id},
        )
        return [tuple(row) for row in rows]


def test_a_number_that_another_place_still_has_stays_there_and_is_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "1.xlsx", ("CZ-1", "K-1"), ("CZ-2", None))
    again = _load(city, operator, tmp_path / "2.xlsx", ("CZ-2", "K-1"))
    assert _cards(city) == [("CZ-1", "K-1", None, None)]
    assert _issues(city, again) == [(2, "卡片编号", "warn", "K-1")]
    assert again.unchanged == 1


def test_a_number_that_was_given_up_goes_to_the_place_that_states_it_now(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "1.xlsx", ("CZ-1", "K-1"), ("CZ-2", None))
    with city.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.identifier SET valid_to = '2025-01-01'"))
    before = register_state(city)
    taken = _load(city, operator, tmp_path / "2.xlsx", ("CZ-2", "K-1"))
    since = date(2025, 1, 1)
    assert _cards(city) == [("CZ-1", "K-1", None, since), ("CZ-2", "K-1", since, None)]
    assert _issues(city, taken) == []
    assert _load(city, operator, tmp_path / "2.xlsx", ("CZ-2", "K-1")).unchanged == 1
    undo_load(city, taken.load_id or 0, token=operator.token)
    assert register_state(city) == before


def _listed(
    city: Database, operator: Operator, path: Path, *rows: tuple[str, str | None, str | None]
) -> LoadResult:
    """A list that says beside each card number till when it was in use."""
    book = openpyxl.Workbook()
    book.active.append([*HEADERS, "停用日期"])
    for code, card, ended_on in rows:
        address = f"天宁区甲路{code[-1]}号"
        book.active.append([code, f"{code}馆", address, "320402", "文化馆", 1000, card, ended_on])
    book.save(path)
    return load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, as_of=DAY)
    )


def _told(city: Database, result: LoadResult) -> set[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT rule, row_number, column_header, original FROM staging.issue"
                " WHERE load_id = :id AND rule LIKE 'identifier.%'"
            ),
            {"id": result.load_id},
        )
        return {tuple(row) for row in rows}


def test_a_list_ends_a_number_and_gives_it_to_another_place_at_once(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "1.xlsx", ("CZ-1", "K-1"))
    before = register_state(city)
    rows = (("CZ-1", "K-1", "2025-01-01"), ("CZ-2", "K-1", None))
    passed = _listed(city, operator, tmp_path / "2.xlsx", *rows)
    since = date(2025, 1, 1)
    assert (passed.inserted, passed.updated, passed.waiting, passed.rejected) == (1, 1, 0, 0)
    assert _cards(city) == [("CZ-1", "K-1", None, since), ("CZ-2", "K-1", since, None)]
    assert _told(city, passed) == set()
    assert _listed(city, operator, tmp_path / "2.xlsx", *rows).unchanged == 2
    with city.engine(Role.OWNER).connect() as conn:
        ended = conn.execute(
            text("SELECT history_operation, valid_to FROM history.place_identifier"
                 " WHERE history_load_id = :id ORDER BY history_id"), {"id": passed.load_id}
        ).all()  # fmt: skip
    assert [line.history_operation for line in ended] == ["U", "I"]
    undo_load(city, passed.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_a_number_that_ended_is_not_begun_again_by_a_list_that_still_carries_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _listed(city, operator, tmp_path / "1.xlsx", ("CZ-1", "K-1", "2025-01-01"))
    assert _cards(city) == [("CZ-1", "K-1", None, date(2025, 1, 1))]
    carried = _load(city, operator, tmp_path / "2.xlsx", ("CZ-1", "K-1"))
    assert _cards(city) == [("CZ-1", "K-1", None, date(2025, 1, 1))]
    assert _told(city, carried) == {("identifier.ended", 2, "卡片编号", "K-1")}


def test_a_day_of_ending_that_fits_no_number_is_listed_at_its_cell(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _listed(
        city, operator, tmp_path / "1.xlsx",
        ("CZ-1", "K-1", "2025-01-01"), ("CZ-2", "K-1", None), ("CZ-3", None, "2025-05-01"),
    )  # fmt: skip
    early = _listed(city, operator, tmp_path / "2.xlsx", ("CZ-2", "K-1", "2024-01-01"))
    assert _told(city, early) == {("identifier.end_unfit", 2, "停用日期", "2024-01-01")}
    assert ("CZ-2", "K-1", date(2025, 1, 1), None) in _cards(city)
