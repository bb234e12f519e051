"""A list of rooms that were all numbered anew: found by everything else, told once."""

from pathlib import Path

import pytest
from conftest import Operator
from handed_in import hand_in, hand_in_twice, issues_of, register_state, rows_of

from etl.undo import undo_load
from gis.db import Database

BUILDING = "楼栋编号,楼栋名称,地址,建筑面积\nD1,一号楼,甲路1号,1000\n"
HEADER = "房间编号,房间号,楼栋编号,层号,房间名称,使用面积\n"
ROOMS = 30


def rooms(code: str, *, name: str = "办公室", larger: int = 0, skipped: int = 0) -> str:
    """Ten rooms a floor, with codes that begin so; the first few larger by a metre, or left out."""
    return HEADER + "".join(
        f"{code}{n},{n % 10 + 1:02},D1,{n // 10 + 1},{name},{20 + n + (n < larger)}\n"
        for n in range(skipped, ROOMS)
    )


@pytest.fixture
def town(city: Database, operator: Operator, tmp_path: Path) -> Database:
    """A building with thirty rooms that have codes."""
    hand_in(city, operator, tmp_path / "楼栋.csv", BUILDING)
    assert hand_in(city, operator, tmp_path / "房间.csv", rooms("R")).inserted == ROOMS
    return city


def test_rooms_numbered_anew_are_found_and_told_once(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(town)
    first, second = hand_in_twice(town, operator, tmp_path / "新.csv", rooms("N"))
    assert (first.inserted, first.updated, first.waiting) == (0, ROOMS, 0)
    told = issues_of(town, first, columns="rule, row_number, params")
    assert told == [("match.recoded", 2, {"count": ROOMS, "code": "N0", "known": "R0"})]
    assert issues_of(town, second) == []
    codes = "SELECT count(*) FROM place.identifier WHERE value ~ '^[NR][0-9]' AND valid_to IS NULL"
    assert rows_of(town, codes) == [(ROOMS,)]
    # The old list still finds them.
    assert hand_in(town, operator, tmp_path / "旧.csv", rooms("R")).unchanged == ROOMS
    undo_load(town, first.load_id or 0, token=operator.token)
    assert register_state(town) == before


def test_a_room_of_another_area_is_asked_about_though_the_others_are_taken(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    one = hand_in(town, operator, tmp_path / "新.csv", rooms("N", larger=2))
    assert (one.inserted, one.updated, one.waiting) == (0, ROOMS - 2, 2)


@pytest.mark.parametrize(
    "words",
    [
        rooms("N", larger=ROOMS // 2),
        rooms("N", name="会议室"),
        rooms("N", skipped=ROOMS - 10),
        rooms("N", skipped=1) + "R0,01,D1,1,办公室,20\n",
    ],
    ids=["half of another area", "other names", "a few", "an old code among them"],
)
def test_where_not_the_whole_list_was_numbered_anew_each_room_is_asked_about(
    town: Database, operator: Operator, tmp_path: Path, words: str
) -> None:
    result = hand_in(town, operator, tmp_path / "新.csv", words)
    known = words.count("R0,")
    assert (result.inserted, result.updated, result.unchanged) == (0, 0, known)
    assert result.waiting == words.count("\n") - 1 - known
    assert issues_of(town, result, "match.recoded") == []
