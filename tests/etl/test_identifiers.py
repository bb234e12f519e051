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
