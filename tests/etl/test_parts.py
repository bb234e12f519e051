"""A part of a building is found wherever the register hangs it, or asked about, never doubled."""

from pathlib import Path

import pytest
from handed_in import hand_in, hand_in_twice, issues_of, rows_of

from gis.db import Database, Role, transaction
from gis.loads import matches
from gis.loads.matches_model import Choice
from tests.conftest import Operator

_BUILDINGS = "楼栋编号,楼栋名称,地址,建筑面积\nD1,一号楼,甲路1号,100\nD2,二号楼,乙路2号,100\n"
_FLOORS = "楼层编号,楼栋编号,楼层名称,层号\nL1,D1,1F,1\nL2,D1,2F,2\n"


@pytest.fixture
def town(city: Database, operator: Operator, tmp_path: Path) -> Database:
    """Two buildings, one of them with two floors."""
    hand_in(city, operator, tmp_path / "d.csv", _BUILDINGS)
    hand_in(city, operator, tmp_path / "l.csv", _FLOORS)
    return city


def _rooms(city: Database) -> list[tuple[object, ...]]:
    return rows_of(
        city,
        "SELECT r.number, a.code, i.value FROM place.room AS r JOIN place.place AS p"
        " USING (place_id) JOIN place.place AS a ON a.place_id = p.parent_id"
        " LEFT JOIN place.identifier AS i ON i.place_id = p.place_id AND i.scheme = 'source'"
        " ORDER BY r.number, a.code, i.value",
    )


def test_a_list_with_codes_finds_rooms_without_and_gives_them_the_code(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    plain = "房间号,楼栋编号,楼层名称,使用面积\n101,D1,1F,20\n101,D1,2F,21\n101,D2,1F,22\n"
    assert hand_in(town, operator, tmp_path / "a.csv", plain).inserted == 3
    coded = (
        "房间编号,房间号,楼栋编号,楼层名称,使用面积\nR1,101,D1,1F,20\nR2,101,D1,2F,21\n"
        "R3,101,D2,一层,22\nR4,102,D2,一层,23\n"
    )
    first, second = hand_in_twice(town, operator, tmp_path / "b.csv", coded)
    assert (first.inserted, first.updated, first.waiting) == (1, 3, 0)
    assert second.unchanged == 4
    assert [one[0::2] for one in _rooms(town)] == [
        ("101", "R1"), ("101", "R2"), ("101", "R3"), ("102", None),
    ]  # fmt: skip
    # And the other way round: what has codes by now is found without.
    again = hand_in(town, operator, tmp_path / "a.csv", plain)
    assert (again.inserted, again.waiting) == (0, 0)


def test_a_room_listed_by_its_building_stays_on_its_floor(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    coded = "房间编号,房间号,楼层编号,使用面积\nR1,101,L1,20\nR2,201,L2,21\nR3,202,L2,21\n"
    assert hand_in(town, operator, tmp_path / "a.csv", coded).inserted == 3
    known = _rooms(town)
    plain = "房间号,楼栋编号,使用面积\n101,D1,20\n201,D1,25\n301,D1,9\n"
    first, second = hand_in_twice(town, operator, tmp_path / "b.csv", plain)
    assert (first.inserted, first.updated, first.unchanged, first.waiting) == (1, 1, 1, 0)
    assert second.unchanged == 3
    assert _rooms(town) == [*known, ("301", "D1", None)]
    # By its code as well: the building alone does not say that it left its floor.
    named = hand_in(town, operator, tmp_path / "c.csv", "房间编号,房间号,楼栋编号\nR1,101,D1\n")
    assert named.unchanged == 1
    moved = "房间编号,房间号,楼栋编号,层号\nR1,101,D1,3\n"
    assert hand_in(town, operator, tmp_path / "d.csv", moved).updated == 1
    assert ("101", "D1", None) in _rooms(town)


def test_a_room_listed_by_its_floor_is_found_under_the_building_and_goes_there(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    plain = "房间号,楼栋编号,楼层名称,使用面积\n101,D1,1F,20\n101,D1,2F,21\n"
    assert hand_in(town, operator, tmp_path / "a.csv", plain).inserted == 2
    by_floor = "房间号,楼层编号,使用面积\n101,L1,20\n101,L2,21\n"
    first, _second = hand_in_twice(town, operator, tmp_path / "b.csv", by_floor)
    assert (first.inserted, first.waiting) == (0, 0)
    assert _rooms(town) == [("101", "L1", None), ("101", "L2", None)]


def test_one_number_on_two_floors_is_asked_where_the_row_says_no_floor(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    coded = "房间编号,房间号,楼层编号,使用面积\nR1,101,L1,20\nR2,101,L2,21\n"
    hand_in(town, operator, tmp_path / "a.csv", coded)
    plain = "房间号,楼栋编号,楼层名称,使用面积\n101,D1,,21\n"
    first, second = hand_in_twice(town, operator, tmp_path / "b.csv", plain)
    assert (first.waiting, second.waiting) == (1, 1)
    assert [one[:2] for one in issues_of(town, second, "match.ambiguous")] == [
        ("match.ambiguous", 2)
    ]
    with transaction(town.engine(Role.OPERATOR), operator.token) as conn:
        asked = matches.question(conn, second.load_id or 0, "", 2)
        place_id = {one.code: one.place_id for one in asked.candidates}["R2"]
        matches.decide(conn, second.load_id or 0, "", 2, Choice.SAME, place_id=place_id)
    decided, again = hand_in_twice(town, operator, tmp_path / "b.csv", plain)
    assert (decided.inserted, decided.waiting, again.unchanged) == (0, 0, 1)
    assert _rooms(town) == [("101", "L1", None), ("101", "L2", None)]
    # A row that says its floor is found there, and one of a third floor is a third room.
    told = "房间号,楼栋编号,层号,使用面积\n101,D1,2,21\n101,D1,3,22\n"
    found, _again = hand_in_twice(town, operator, tmp_path / "c.csv", told)
    assert (found.inserted, found.waiting) == (1, 0)


def test_a_room_under_another_code_or_name_is_asked_about(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(
        town, operator, tmp_path / "a.csv", "房间编号,房间号,楼栋编号,房间名称\nR1,101,D1,档案室\n"
    )
    other = "房间编号,房间号,楼栋编号,房间名称\nX1,101,D1,档案室\n"
    first, _second = hand_in_twice(town, operator, tmp_path / "b.csv", other)
    assert (first.inserted, first.waiting) == (0, 1)
    renamed = "房间号,楼栋编号,房间名称\n101,D1,会议室\n"
    first, _second = hand_in_twice(town, operator, tmp_path / "c.csv", renamed)
    assert (first.inserted, first.waiting) == (0, 1)
    assert [one[0] for one in issues_of(town, first, "match.similar")] == ["match.similar"]
    # One list that numbers two rooms alike means two.
    two = "房间编号,房间号,楼栋编号,房间名称\nR1,101,D1,档案室\nR2,101,D1,档案室\n"
    first, _second = hand_in_twice(town, operator, tmp_path / "d.csv", two)
    assert (first.inserted, first.unchanged, first.waiting) == (1, 1, 0)
    # What was made of a known room is a new one.
    split = "房间编号,房间号,楼栋编号,分割自\nR5,101,D1,R1\n"
    assert hand_in(town, operator, tmp_path / "e.csv", split).inserted == 1


def test_floors_are_found_by_building_and_level_with_and_without_codes(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    plain = "楼栋编号,楼层名称,层号\nD1,一层,1\nD1,2F,2\nD2,1F,1\n"
    first, second = hand_in_twice(town, operator, tmp_path / "f.csv", plain)
    assert (first.inserted, second.unchanged) == (1, 3)
    coded = "楼层编号,楼栋编号,楼层名称,层号\nM1,D2,1F,1\nM2,D2,2F,2\n"
    first, _second = hand_in_twice(town, operator, tmp_path / "g.csv", coded)
    assert (first.inserted, first.updated, first.waiting) == (1, 1, 0)
    hand_in(town, operator, tmp_path / "r.csv", "房间号,楼层编号,使用面积\n101,M1,20\n")
    assert _rooms(town)[0][0] == "101"
    other = "楼层编号,楼栋编号,楼层名称,层号\nX1,D1,1F,1\n"
    assert hand_in(town, operator, tmp_path / "h.csv", other).waiting == 1


def test_dwellings_are_told_by_their_section_wherever_they_hang(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    plain = "户号,楼栋编号,单元,套内面积\n101,D1,甲单元,50\n101,D1,乙单元,51\n"
    assert hand_in(town, operator, tmp_path / "a.csv", plain).inserted == 2
    sections = "单元编号,楼栋编号,单元名称,单元户数\nS1,D1,甲单元,2\nS2,D1,乙单元,3\n"
    assert hand_in(town, operator, tmp_path / "s.csv", sections).inserted == 2
    coded = "住房编号,户号,单元编号,套内面积\nH1,101,S1,50\nH2,101,S2,51\n"
    first, second = hand_in_twice(town, operator, tmp_path / "b.csv", coded)
    assert (first.inserted, first.updated, second.unchanged) == (0, 2, 2)


@pytest.mark.parametrize(
    ("level", "is_read"),
    [("负一层", True), ("B1", True), ("地下一层", True), ("Ｂ１", True),
     ("夹层", False), ("1-2", False)],
)  # fmt: skip
def test_a_level_in_words_is_another_floor_and_one_that_nobody_can_read_is_asked(
    town: Database, operator: Operator, tmp_path: Path, level: str, is_read: bool
) -> None:
    heads = "房间号,楼栋编号,层号,使用面积\n"
    assert hand_in(town, operator, tmp_path / "a.csv", f"{heads}101,D1,1,20\n").inserted == 1
    first, second = hand_in_twice(town, operator, tmp_path / "b.csv", f"{heads}101,D1,{level},91\n")
    assert (first.inserted, first.waiting) == ((1, 0) if is_read else (0, 1))
    assert second.unchanged == first.inserted
    told = [one[0] for one in issues_of(town, first)]
    assert ("match.similar" in told) is not is_read
    assert told == [] if is_read else len(told) == 2
    levels = rows_of(town, "SELECT floor_level FROM place.room ORDER BY floor_level DESC")
    assert levels == ([(1,), (-1,)] if is_read else [(1,)])
    areas = rows_of(town, "SELECT max(area_m2) FROM place.area_measure WHERE area_m2 = 20")
    assert areas == [(20,)]


def test_a_part_whose_level_nobody_can_read_is_new_where_nothing_is_like_it(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    heads = "房间号,楼栋编号,层号,使用面积\n"
    first, second = hand_in_twice(town, operator, tmp_path / "a.csv", f"{heads}101,D1,夹层,20\n")
    assert (first.inserted, first.waiting, second.unchanged) == (1, 0, 1)
    assert [one[0] for one in issues_of(town, first)] == ["number.unreadable"]
    # Where the level is not known, nothing was misread.
    hand_in(town, operator, tmp_path / "b.csv", f"{heads}102,D1,1,20\n")
    known = hand_in(town, operator, tmp_path / "c.csv", f"{heads}102,D1,不详,20\n102,D1,/,20\n")
    assert "match.similar" not in {one[0] for one in issues_of(town, known)}
    dwelling = "户号,楼栋编号,层号,套内面积\n"
    hand_in(town, operator, tmp_path / "d.csv", f"{dwelling}101,D1,1,50\n")
    odd = hand_in(town, operator, tmp_path / "e.csv", f"{dwelling}101,D1,1-2,60\n")
    assert (odd.inserted, odd.updated, odd.waiting) == (0, 0, 1)


def test_rooms_of_one_number_on_two_levels_that_nobody_can_read_are_two(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    heads = "房间号,楼栋编号,层号,使用面积\n"
    for number, level in enumerate(("夹层", "1-2", "阁楼")):
        words = f"{heads}101,D1,{level},{20 + number}\n"
        first, second = hand_in_twice(town, operator, tmp_path / f"{number}.csv", words)
        assert (first.inserted, first.waiting, second.unchanged) == (1, 0, 1)
    kept = rows_of(town, "SELECT floor_level, floor_label FROM place.room ORDER BY place_id")
    assert kept == [(None, "夹层"), (None, "1-2"), (None, "阁楼")]
    # In one list too; a name of the floor beside it stands, and what is known of no floor may be
    # any of them.
    both = hand_in(town, operator, tmp_path / "d.csv", f"{heads}102,D1,夹层,20\n102,D1,1-2,21\n")
    assert (both.inserted, both.waiting) == (2, 0)
    named = "房间号,楼栋编号,层号,楼层名称,使用面积\n103,D1,夹层,一层半,20\n"
    assert hand_in(town, operator, tmp_path / "e.csv", named).inserted == 1
    label = "SELECT floor_label FROM place.room WHERE number = '103'"
    assert rows_of(town, label) == [("一层半",)]
    assert hand_in(town, operator, tmp_path / "f.csv", f"{heads}101,D1,,20\n").waiting == 1


def test_a_property_of_the_census_that_a_list_puts_in_a_site_becomes_a_building_there(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "院落1.csv", "院落编号,名称,地址\nY1,院,丙路1号\n")
    census = (
        "房产编号,名称,地址坐落,行政区划,使用单位,总建筑面积（m²）\n"
        "F0,甲楼,甲路0号,320402,文化馆,100\nF1,乙楼,甲路9号,320402,文化馆,100\n"
    )
    hand_in(city, operator, tmp_path / "底册1.csv", census)
    heads = "建筑编号,名称,地址,院落编号\n"
    hand_in(city, operator, tmp_path / "建筑0.csv", f"{heads}F2,一号楼,,F1\n")
    words = f"{heads}F0,甲楼,甲路0号,Y1\nF1,乙楼,甲路9号,Y1\nF1X,附楼,,F1\n"
    first, second = hand_in_twice(city, operator, tmp_path / "建筑1.csv", words)
    assert (first.inserted, first.updated, first.waiting) == (1, 1, 1)
    assert (second.unchanged, second.waiting) == (2, 1)
    # With parts of its own it is a site, and no site stands in another.
    assert issues_of(city, first, "match.kind_differs", columns="row_number") == [(3,)]
    kinds = rows_of(
        city,
        "SELECT p.code, p.kind, a.code FROM place.place AS p"
        " LEFT JOIN place.place AS a ON a.place_id = p.parent_id ORDER BY p.code",
    )
    assert kinds == [
        ("F0", "building", "Y1"), ("F1", "site", None), ("F1X", "building", "F1"),
        ("F2", "building", "F1"), ("Y1", "site", None),
    ]  # fmt: skip
    # Neither does one in itself.
    own = hand_in(city, operator, tmp_path / "建筑2.csv", f"{heads}Y1,院,丙路1号,Y1\n")
    assert (own.inserted, own.updated, own.waiting) == (0, 0, 1)
    # Said to be the same, it is told that it cannot be, and nobody is asked that again.
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        place_id = matches.question(conn, own.load_id or 0, "", 2).candidates[0].place_id
        matches.decide(conn, own.load_id or 0, "", 2, Choice.SAME, place_id=place_id)
    told = hand_in(city, operator, tmp_path / "建筑2.csv", f"{heads}Y1,院,丙路1号,Y1\n")
    assert (told.inserted, told.updated, told.waiting, told.rejected) == (0, 0, 0, 1)
    assert [one[0] for one in issues_of(city, told)] == ["match.decision_unfit"]
    asked = "SELECT count(*) FROM staging.match_question WHERE load_id = :id"
    assert rows_of(city, asked, id=told.load_id) == [(0,)]


def test_a_name_that_very_many_bear_is_told_once_and_each_row_waits(
    town: Database, operator: Operator, tmp_path: Path
) -> None:
    known = "房间编号,房间名称,楼栋编号\n" + "".join(f"R{n},办公室,D1\n" for n in range(30))
    assert hand_in(town, operator, tmp_path / "a.csv", known).inserted == 30
    rows = "".join(f",办公室,D1,{n}\n" for n in range(20, 60))
    plain = f"房间号,房间名称,楼栋编号,使用面积\n{rows}"
    first, second = hand_in_twice(town, operator, tmp_path / "b.csv", plain)
    assert (first.inserted, first.waiting, second.waiting) == (0, 40, 40)
    (told,) = issues_of(town, second, "match.of_many", columns="row_number, original, params")
    assert told == (2, "办公室", {"value": "办公室", "rows": 40, "count": 30})
    kept = "SELECT DISTINCT count(*) FROM staging.match_candidate GROUP BY load_id, row_number"
    assert rows_of(town, kept) == [(5,)]
    # A number of its own tells a room from all of them.
    own = "房间号,房间名称,楼栋编号\n901,会议室,D1\n"
    assert hand_in(town, operator, tmp_path / "c.csv", own).inserted == 1


def test_properties_of_one_name_and_nothing_else_wait_however_many_they_are(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    headers = "资产编号,房产名称,总建筑面积（m²）,使用单位\n"
    known = headers + "".join(f"P{n},车库,{n},\n" for n in range(1, 31))
    assert hand_in(city, operator, tmp_path / "a.csv", known).inserted == 30
    plain = headers + ",车库,50,\n" * 25
    first, second = hand_in_twice(city, operator, tmp_path / "b.csv", plain)
    assert (first.waiting, second.waiting) == (25, 25)
    (told,) = issues_of(city, second, "match.of_many", columns="row_number, params")
    assert told == (2, {"value": "车库", "rows": 25, "count": 30})
