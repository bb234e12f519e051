"""In whatever order dated files of one list are handed in, the register says the same of each day.

A value stands from the day of the file that states it to the next day for which the column was
stated; the first one stands for the days before too.
"""

from datetime import date, timedelta
from itertools import permutations, product
from pathlib import Path

import pytest
from handed_in import hand_in, register_state, rows_of

from etl.load import LoadResult
from etl.undo import undo_load
from gis.db import Database
from gis.organizations.then import bodies_then
from tests.conftest import Operator

DAYS = [date(2024 + year, 9, 30) for year in range(3)]
ASKED = [day + timedelta(days=days) for day in DAYS for days in (-100, 0, 100)]
HEADER = "建筑编号,院落编号,名称,地上层数,建成年份,使用状况,备注"
TOLD = list(product(range(4), repeat=len(DAYS)))
"""What three files may say of a column: nothing, or one of three values."""
COLUMNS = (
    ("", "Y1", "Y2", "Y3"), ("", "甲楼", "乙楼", "丙楼"), ("", "3", "4", "5"),
    ("", "1990", "1991", "1992"), ("", "在用", "闲置", "在用"), ("", "甲注", "乙注", "丙注"),
)  # fmt: skip


def _row(thing: int, at: int, columns: tuple[tuple[str, ...], ...] = COLUMNS) -> list[str]:
    """Each column meets everything that may be told of it, beside other things of the others."""
    return [
        words[TOLD[thing * (2 * column + 1) % len(TOLD)][at]]
        for column, words in enumerate(columns)
    ]


_SAID = """
SELECT p.code, coalesce(up.code, ''), left(p.name, 2), b.floors_above, b.year_built, p.use_status,
  p.remark
FROM place.place AS p JOIN place.building AS b USING (place_id)
LEFT JOIN place.place AS up ON up.place_id = p.parent_id ORDER BY 1
"""
_SAID_THEN = """
SELECT p.code, coalesce(up.code, ''), left(o.name, 2), o.use_status
FROM (SELECT place_id, name, use_status, parent_id FROM place.otherwise_on(:day)
      UNION ALL SELECT place_id, name, use_status, parent_id FROM place.place
      WHERE place_id NOT IN (SELECT place_id FROM place.otherwise_on(:day))) AS o
JOIN place.place AS p USING (place_id) LEFT JOIN place.place AS up ON up.place_id = o.parent_id
WHERE p.kind = 'building' ORDER BY 1
"""
_STATUS = {"在用": "in_use", "闲置": "idle", "": None}


def _told(building: int, day: date) -> tuple[str, ...]:
    """What holds of a building on a day."""
    return _holds([_row(building, at) for at in range(len(DAYS))], day)


def _holds(rows: list[list[str]], day: date) -> tuple[str, ...]:
    """What the rows of the files say of a day, by the rule alone."""
    known = [at for at in range(len(DAYS)) if DAYS[at] <= day]
    order = [*reversed(known), *range(len(known), len(DAYS))]
    return tuple(
        next((rows[at][column] for at in order if rows[at][column]), "")
        for column in range(len(rows[0]))
    )


@pytest.mark.parametrize("order", list(permutations(range(len(DAYS)))))
def test_each_day_is_answered_as_the_file_before_it_says(
    city: Database, operator: Operator, tmp_path: Path, order: tuple[int, ...]
) -> None:
    sites = "院落编号,名称\nY1,东院\nY2,西院\nY3,南院\n"
    hand_in(city, operator, tmp_path / "院落.csv", sites)
    before, loads = [], []
    for at in order:
        before.append(register_state(city))
        loads.append(_load(city, operator, tmp_path / f"建筑{at}.csv", at))
    buildings = range(len(TOLD))
    told = [_told(one, DAYS[-1]) for one in buildings]
    assert rows_of(city, _SAID) == [
        (f"D{one:02}", above, name or None, (floors and int(floors)) or None,
         (year and int(year)) or None, _STATUS[status], remark or None)
        for one, (above, name, floors, year, status, remark) in zip(buildings, told, strict=True)
    ]  # fmt: skip
    for day in ASKED:
        told = [_told(one, day) for one in buildings]
        assert rows_of(city, _SAID_THEN, day=day) == [
            (f"D{one:02}", above, name or None, _STATUS[status])
            for one, (above, name, _floors, _year, status, _remark) in zip(
                buildings, told, strict=True
            )
        ], day
    for state, result in zip(reversed(before), reversed(loads), strict=True):
        undo_load(city, result.load_id or 0, token=operator.token)
        assert register_state(city) == state


def _load(city: Database, operator: Operator, path: Path, at: int) -> LoadResult:
    rows = [f"D{building:02},{','.join(_row(building, at))}\n" for building in range(len(TOLD))]
    return hand_in(city, operator, path, HEADER + "\n" + "".join(rows), as_of=DAYS[at])


BODY_COLUMNS = (
    ("", "市政府", "区政府", "镇政府"), ("", "市级", "县级", "市级"), ("", "甲", "乙", "丙"),
)  # fmt: skip
_LEVEL = {"": None, "市级": "city", "县级": "county"}


@pytest.mark.parametrize("order", list(permutations(range(len(DAYS)))))
def test_bodies_of_each_day_are_what_the_directory_before_it_says(
    city: Database, operator: Operator, tmp_path: Path, order: tuple[int, ...]
) -> None:
    header = "单位名称,上级单位,机构层级,单位简称,机构类型\n"
    above = header + "".join(f"{one},,市级,,机关本级\n" for one in BODY_COLUMNS[0][1:])
    hand_in(city, operator, tmp_path / "上级.csv", above)
    before, loads = [], []
    for at in order:
        before.append(register_state(city))
        rows = [f"第{one:02}局,{','.join(_row(one, at, BODY_COLUMNS))},机关本级\n"
                for one in range(len(TOLD))]  # fmt: skip
        path = tmp_path / f"名录{at}.csv"
        loads.append(hand_in(city, operator, path, header + "".join(rows), as_of=DAYS[at]))
    for day in ASKED:
        found = rows_of(
            city,
            "SELECT b.name, coalesce(up.name, ''), b.level_code, coalesce(b.short_name, '')"
            f" FROM ({bodies_then()}) AS b LEFT JOIN organization.organization AS up"
            " ON up.organization_id = b.parent_id WHERE b.name LIKE '第%' ORDER BY 1",
            as_of=day,
        )
        told = [_holds([_row(one, at, BODY_COLUMNS) for at in range(len(DAYS))], day)
                for one in range(len(TOLD))]  # fmt: skip
        assert found == [
            (f"第{one:02}局", superior, _LEVEL[level], short)
            for one, (superior, level, short) in enumerate(told)
        ], day
    for state, result in zip(reversed(before), reversed(loads), strict=True):
        undo_load(city, result.load_id or 0, token=operator.token)
        assert register_state(city) == state


_CLASS = {"办公室": "office", "服务用房": "service", "设备用房": "equipment", "": None}
ROOM_COLUMNS = (("", "办公室", "服务用房", "设备用房"),)


@pytest.mark.parametrize("order", list(permutations(range(len(DAYS)))))
def test_rooms_of_each_day_are_of_the_class_that_the_file_before_it_says(
    city: Database, operator: Operator, tmp_path: Path, order: tuple[int, ...]
) -> None:
    buildings = "建筑编号,院落编号,名称\nD1,Y1,甲楼\n"
    hand_in(city, operator, tmp_path / "院落.csv", "院落编号,名称\nY1,东院\n")
    hand_in(city, operator, tmp_path / "建筑.csv", buildings)
    before, loads = [], []
    for at in order:
        before.append(register_state(city))
        rows = [f"R{one:02},{100 + one},D1,{_row(one, at, ROOM_COLUMNS)[0]}\n"
                for one in range(len(TOLD))]  # fmt: skip
        header = "房间编号,房间号,楼栋编号,房间类型\n"
        path = tmp_path / f"房间{at}.csv"
        loads.append(hand_in(city, operator, path, header + "".join(rows), as_of=DAYS[at]))
    for day in ASKED:
        found = rows_of(
            city,
            "SELECT p.code, coalesce(o.room_class, r.room_class) FROM place.place AS p"
            " JOIN place.room AS r USING (place_id)"
            " LEFT JOIN place.otherwise_on(:day) AS o USING (place_id) ORDER BY 1",
            day=day,
        )
        told = [_holds([_row(one, at, ROOM_COLUMNS) for at in range(len(DAYS))], day)
                for one in range(len(TOLD))]  # fmt: skip
        assert found == [(f"R{one:02}", _CLASS[word]) for one, (word,) in enumerate(told)], day
    for state, result in zip(reversed(before), reversed(loads), strict=True):
        undo_load(city, result.load_id or 0, token=operator.token)
        assert register_state(city) == state
