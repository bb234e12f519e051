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


FLATS = "住房编号,房号,楼栋编号,层号,{0},建筑面积\n"


def flats(code: str, head: str, cell: str, *, area: int | None = None) -> str:
    """Four flats on each of six floors, each of an area of its own or all of one."""
    return FLATS.format(head) + "".join(
        f"{code}{floor}0{n},{floor}0{n},D1,{floor},{cell},{area or 50 + 4 * floor + n}\n"
        for floor in range(1, 7)
        for n in range(1, 5)
    )


@pytest.mark.parametrize(
    ("head", "known", "told", "area", "is_found"),
    [
        ("单元号", "1", "1", None, True),
        ("小区名称", "甲苑", "甲苑", None, False),
        ("单元号", "1", "2", None, False),
        ("单元号", "1", "1", 60, False),
        ("单元号,幢号", "1,甲座", "1,甲座", None, True),
        ("单元号,幢号", "1,甲座", "1,乙座", None, False),
        ("单元号,幢号", "1,甲座", "1,", None, False),
        ("单元号,不动产权证号", "1,苏(2020)常州市不动产权第0000001号",
         "1,苏(2020)常州市不动产权第0000001号", None, True),
        ("单元号,不动产权证号", "1,苏(2020)常州市不动产权第0000001号",
         "1,苏(2021)常州市不动产权第0000002号", None, False),
        ("单元号,权属人", "1,甲局", "1,甲局", None, True),
        ("单元号,权属人", "1,甲局", "1,乙局", None, False),
    ],
)  # fmt: skip
def test_flats_of_two_stairwells_that_are_alike_are_not_taken_for_each_other(
    city: Database,
    operator: Operator,
    tmp_path: Path,
    head: str,
    known: str,
    told: str,
    area: int | None,
    is_found: bool,
) -> None:
    hand_in(city, operator, tmp_path / "楼栋.csv", BUILDING)
    hand_in(
        city, operator, tmp_path / "单位.csv", "单位名称,机构类型\n甲局,机关本级\n乙局,机关本级\n"
    )
    first = hand_in(city, operator, tmp_path / "公有住房1.csv", flats("A", head, known, area=area))
    assert first.inserted == 24
    second = hand_in(city, operator, tmp_path / "公有住房2.csv", flats("B", head, told, area=area))
    assert second.updated + second.unchanged == (24 if is_found else 0)
    assert (issues_of(city, second, "match.recoded") != []) == is_found
    assert second.inserted + second.updated + second.unchanged + second.waiting == 24
    assert second.inserted == (24 if told in {"2", "1,乙座"} else 0)


def test_rooms_of_one_size_tell_nothing(city: Database, operator: Operator, tmp_path: Path) -> None:
    hand_in(city, operator, tmp_path / "楼栋.csv", BUILDING)
    rows = "".join(f"R{n},{n % 10 + 1:02},D1,{n // 10 + 1},办公室,25\n" for n in range(ROOMS))
    assert hand_in(city, operator, tmp_path / "房间.csv", HEADER + rows).inserted == ROOMS
    again = hand_in(city, operator, tmp_path / "新.csv", HEADER + rows.replace("R", "N"))
    assert (again.inserted, again.updated, again.waiting) == (0, 0, ROOMS)


def test_rooms_of_other_users_are_asked_about(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "楼栋.csv", BUILDING)
    hand_in(
        city, operator, tmp_path / "单位.csv", "单位名称,机构类型\n甲局,机关本级\n乙局,机关本级\n"
    )

    def used(words: str, body: str) -> str:
        head, *lines = words.splitlines()
        return "\n".join((f"{head},使用单位", *(f"{line},{body}" for line in lines), ""))

    hand_in(city, operator, tmp_path / "房间.csv", used(rooms("R"), "甲局"))
    other = hand_in(city, operator, tmp_path / "新.csv", used(rooms("N"), "乙局"))
    assert (other.inserted, other.updated, other.waiting) == (0, 0, ROOMS)
    same = hand_in(city, operator, tmp_path / "又.csv", used(rooms("M"), "甲局"))
    assert (same.inserted, same.updated) == (0, ROOMS)
