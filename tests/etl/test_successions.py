"""Which body took over from which: what a row says is recorded or told, never passed over."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from gis.db import Database, Role
from tests.conftest import Operator

HEAD = "原单位名称,变更方式,现单位名称,承接比例,生效日期,备注"
DAY = date(2025, 9, 30)


class Desk:
    """Loads sheets of successions, and reads what became of them."""

    def __init__(self, city: Database, operator: Operator, folder: Path) -> None:
        self._city, self._token, self._folder = city, operator.token, folder
        self._count = 0
        self.load("单位名称,机构类型\n甲局,机关本级\n乙局,机关本级\n")

    def load(self, words: str, day: date | None = None) -> LoadResult:
        self._count += 1
        path = self._folder / f"{self._count}.csv"
        path.write_text(words, "utf-8")
        options = LoadOptions(any_area=True, as_of=day)
        return load_file(self._city, path, token=self._token, options=options)

    def change(self, *rows: str, day: date | None = None) -> LoadResult:
        return self.load("\n".join((HEAD, *rows)) + "\n", day)

    def _rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._city.engine(Role.OWNER).connect() as conn:
            return [tuple(row) for row in conn.execute(text(statement), values)]

    def successions(self) -> list[tuple[Any, ...]]:
        return self._rows(
            "SELECT kind, share, happened_on, remark FROM organization.succession"
            " ORDER BY happened_on"
        )

    def told(self, result: LoadResult) -> set[tuple[Any, ...]]:
        return set(
            self._rows(
                "SELECT row_number, column_header, rule FROM staging.issue WHERE load_id = :id",
                id=result.load_id,
            )
        )


@pytest.fixture
def desk(city: Database, operator: Operator, tmp_path: Path) -> Desk:
    return Desk(city, operator, tmp_path)


def test_a_row_without_a_day_takes_that_of_the_file_or_stays_out(desk: Desk) -> None:
    row = "旧局,合并,甲局,1,,"
    refused = desk.change(row)
    assert (refused.rejected, desk.successions()) == (1, [])
    assert (2, None, "succession.no_day") in desk.told(refused)
    taken = desk.change(row, day=DAY)
    assert taken.inserted == 1
    assert (2, "生效日期", "succession.day_assumed") in desk.told(taken)
    assert desk.successions() == [("merged", Decimal(1), DAY, None)]
    # The day is known by now, whatever the day of the file.
    again = desk.change(row, day=date(2026, 9, 30))
    assert (again.unchanged, desk.told(again), len(desk.successions())) == (1, set(), 1)


def test_a_known_succession_is_corrected_and_no_blank_wipes_it(desk: Desk) -> None:
    desk.change("旧局,合并,甲局,0.4,2020-01-01,初稿")
    assert desk.change("旧局,合并,甲局,0.4,2020-01-01,初稿").unchanged == 1
    assert desk.change("旧局,分立,甲局,60,2020-01-01,定稿").updated == 1
    expected = [("split", Decimal("0.6"), date(2020, 1, 1), "定稿")]
    assert desk.successions() == expected
    assert desk.change("旧局,,甲局,,2020-01-01,").unchanged == 1
    assert desk.successions() == expected


def test_what_cannot_be_recorded_is_told(desk: Desk) -> None:
    result = desk.change(
        "旧局,合并,甲局,150,2020-01-01,",
        "旧局,合并,甲局,0.5,2020-01-01,另一行",
        "甲局,合并,甲局,1,2020-01-01,",
        "老乙局,更名,乙局,0.5,2020-01-01,为何改名",
        "古乙局,更名,乙局,100,2020-01-01,",
    )
    assert desk.told(result) == {
        (2, "承接比例", "succession.share_unfit"),
        (3, None, "succession.repeated"),
        (4, None, "succession.itself"),
        (0, "承接比例", "column.not_kept.succession"),
        (0, "备注", "column.not_kept.succession"),
    }
    assert desk.successions() == [("merged", None, date(2020, 1, 1), None)]
