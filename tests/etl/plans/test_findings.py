"""Each fault of a plan is found, once, where it is."""

import json
from pathlib import Path

import geopandas
import pytest
import shapely
from drawn_plans import FLOOR, NUMBERS, ROOMS, Board, box, four_rooms
from shapely import affinity

from etl.plans.drawing import read_drawing
from etl.plans.judging import judge
from etl.plans.model import Fault, Finding, Layers, Plan
from etl.plans.numbers import number_in, number_key
from etl.plans.outlines import MOST_CORNERS, MOST_OUTLINES
from gis.errors import InputError, SourceError


def found(board: Board, path: Path, **asked: object) -> list[Finding]:
    plan = judge(read_drawing(board.save(path / "3F.dxf")), **asked)  # type: ignore[arg-type]
    return list(plan.findings)


def spot(one: Finding) -> tuple[float, float]:
    """In metres; the boards of these tests draw millimetres."""
    return round(one.x / 1000, 2), round(one.y / 1000, 2)


def test_an_outline_that_does_not_close_is_found_at_its_gap(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.ring([(0.1, 6), (4.9, 6), (4.9, 9.9), (0.1, 9.9), (0.1, 6.08)], is_closed=False)
    board.text("305", 2, 8)
    [one] = found(board, tmp_path)
    assert (one.fault, spot(one), one.params) == (Fault.UNCLOSED, (0.1, 6.04), {"gap_m": 0.08})
    # Closed by who asks for it, it is a room like any other.
    assert found(board, tmp_path, close_m=0.1) == []
    plan = judge(read_drawing(tmp_path / "3F.dxf"), close_m=0.1)
    assert {room.number: round(room.area_m2, 1) for room in plan.rooms}["305"] == 18.7


def test_a_wall_that_stops_short_of_another_is_found(tmp_path: Path) -> None:
    board = Board()
    board.ring(box(0, 0, 10, 5))
    board.lines(((4, 0), (4, 4.95)))
    board.text("301", 2, 2)
    [one, *_] = found(board, tmp_path)
    assert (one.fault, spot(one), one.params) == (Fault.UNCLOSED, (4.0, 4.97), {"gap_m": 0.05})
    assert Fault.UNCLOSED not in {one.fault for one in found(board, tmp_path, close_m=0.05)}


def test_ends_that_rounding_parts_are_one(tmp_path: Path) -> None:
    board = Board()
    ends = [(0, 0), (5, 0.0004), (5, 5), (0.0003, 5)]
    board.lines(*((ends[at], (ends[(at + 1) % 4][0] + 0.0004, ends[(at + 1) % 4][1]))
                  for at in range(4)))  # fmt: skip
    board.text("301", 2, 2)
    assert found(board, tmp_path) == []


def test_slivers_are_no_rooms(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.ring(box(5, 5, 9, 5.12))
    board.ring(box(12, 5, 12.5, 5.6))
    small, narrow = sorted(found(board, tmp_path), key=lambda one: -one.x)
    assert {small.fault, narrow.fault} == {Fault.SLIVER}
    assert narrow.params == {"area_m2": 0.48, "width_m": 0.12}
    assert small.params["area_m2"] == 0.3


def test_rooms_over_each_other_are_found_with_the_common_area(tmp_path: Path) -> None:
    board = Board()
    board.room("301", 0, 0, 5, 5)
    board.room("302", 4.6, 0, 10, 5)
    [one] = found(board, tmp_path)
    assert (one.fault, one.rooms, one.params) == (Fault.OVERLAP, (0, 1), {"area_m2": 2.0})
    assert 4.6 <= spot(one)[0] <= 5


def test_rooms_that_touch_do_not_overlap(tmp_path: Path) -> None:
    board = Board()
    board.room("301", 0, 0, 5, 5)
    board.room("302", 5, 0, 10, 5)
    assert found(board, tmp_path) == []


def test_the_same_outline_again_is_told_and_counts_once(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.ring(box(0.1, 0.1, 4.9, 4.5))
    [one] = found(board, tmp_path)
    assert (one.fault, one.rooms) == (Fault.TWICE, ())


def test_rooms_beyond_the_outline_of_the_floor_are_found(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.room("305", 16, 5.1, 21, 9.9)
    [one] = found(board, tmp_path)
    assert (one.fault, one.rooms, one.params) == (Fault.OUTSIDE, (4,), {"area_m2": 4.8})
    assert spot(one)[0] > 20


def test_an_outline_that_crosses_itself_is_found(tmp_path: Path) -> None:
    board = Board()
    board.ring([(0, 0), (5, 0), (5, 5), (6, 5), (5, 4.5), (0, 5)])
    board.ring([(10, 0), (15, 0), (10, 5), (15, 5)])
    board.text("301", 2, 2)
    board.text("302", 12, 0.5)
    crossing = [one for one in found(board, tmp_path) if one.fault is Fault.CROSSING]
    assert [one.x > 9000 for one in crossing] == [False, True]


def test_numbers_and_rooms_that_have_no_other_are_found(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.text("399", 25, 5)
    board.room(None, 0.1, 5.1, 4.9, 9.9)
    board.room("301", 5.1, 5.1, 9.9, 9.9)
    board.room("306", 10.1, 5.1, 14.9, 9.9)
    board.text("307", 12, 6)
    listed = {one.fault: one for one in found(board, tmp_path)}
    assert len(listed) == 4
    assert listed[Fault.NO_ROOM].params == {"number": "399"}
    assert listed[Fault.NO_NUMBER].rooms == (4,)
    assert listed[Fault.SAME_NUMBER].rooms == (0, 5)
    assert listed[Fault.NUMBERS].params == {"numbers": "306, 307"}


def test_findings_keep_their_rooms_out_and_no_others(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.room("305", 16, 5.1, 21, 9.9)
    board.room(None, 0.1, 5.1, 4.9, 9.9)
    plan = judge(read_drawing(board.save(tmp_path / "3F.dxf")))
    assert plan.unsound == {4, 5}


def test_a_layer_without_one_closed_line_says_so(tmp_path: Path) -> None:
    board = Board()
    board.lines(((0, 0), (10, 0)), ((0, 3), (10, 3)))
    with pytest.raises(SourceError, match=r"plan\.no_outline"):
        found(board, tmp_path)


def test_a_layer_of_loose_strokes_is_refused_quickly(tmp_path: Path) -> None:
    board = Board()
    board.room("301", 0, 0, 5, 5)
    board.lines(*(((at * 0.01, 6.0), (at * 0.01, 7.0)) for at in range(6_000)))
    with pytest.raises(InputError, match=r"plan\.too_many_ends"):
        found(board, tmp_path)


@pytest.mark.parametrize("kind", ["grid", "nest"])
def test_lines_that_meet_too_often_are_refused(tmp_path: Path, kind: str) -> None:
    board = Board()
    board.room("301", 0, 0, 5, 5)
    if kind == "grid":
        board.lines(*(((at * 0.05, 6.0), (at * 0.05, 70.0)) for at in range(1_100)))
        board.lines(*(((-1.0, 7 + at * 0.05), (70.0, 7 + at * 0.05)) for at in range(1_100)))
    else:
        for at in range(1_500):
            board.ring(box(*[20 - at * 0.004] * 2, *[25 + at * 0.004] * 2))
    with pytest.raises(InputError, match=r"plan\.too_dense"):
        found(board, tmp_path)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("301", "301"), ("301室", "301"), ("３０１", "301"), ("B101", "B101"), ("A-301", "A-301"),
        ("3-301", "3-301"), ("301A", "301A"), ("会议室\n302", "302"), ("# 301", None),
        ("办公室", None), ("25.3㎡", None), ("3600x2400", None), ("-0.450", None),
    ],
)  # fmt: skip
def test_texts_that_are_numbers(said: str, number: str | None) -> None:
    assert number_in(said) == number


def test_one_number_in_two_writings() -> None:
    assert number_key("３０１室") == number_key("301") == number_key(" 301 ")
    assert number_key("301a") == number_key("301A")
    assert number_key("301") != number_key("302")


def written(path: Path, **layers: geopandas.GeoDataFrame) -> Path:
    for name, frame in layers.items():
        frame.to_file(path, layer=name, driver="GPKG")
    return path


def test_geographic_plans_are_judged_the_same(tmp_path: Path) -> None:
    west, south = 500_000.0, 3_520_000.0
    outlines = [
        shapely.box(west, south, west + 5, south + 5),
        shapely.box(west + 4, south, west + 10, south + 5),
        shapely.box(west + 10, south, west + 14, south + 5),
    ]
    frame = geopandas.GeoDataFrame(
        {"房间号": ["301", "302", None]}, geometry=outlines, crs="EPSG:4549"
    )
    path = written(tmp_path / "三层.gpkg", 房间=frame)
    plan = judge(read_drawing(path))
    assert (plan.srid, plan.unit_by) == (4549, "header")
    assert [(room.number, round(room.area_m2, 2)) for room in plan.rooms] == [
        ("301", 25.0), ("302", 30.0), (None, 20.0),
    ]  # fmt: skip
    assert [one.fault for one in plan.findings] == [Fault.OVERLAP, Fault.NO_NUMBER]
    frame.to_crs(4326).to_file(tmp_path / "三层.geojson", driver="GeoJSON")
    again: Plan = judge(read_drawing(tmp_path / "三层.geojson"))
    assert [round(room.area_m2, 1) for room in again.rooms] == [25.0, 30.0, 20.0]
    assert [one.fault for one in again.findings] == [Fault.OVERLAP, Fault.NO_NUMBER]


def test_points_with_numbers_in_outlines_without_any(tmp_path: Path) -> None:
    path = tmp_path / "三层.geojson"
    # GeoJSON cannot say that its coordinates are of a drawing board: these can be no degrees.
    ring = [[1000, 1000], [6000, 1000], [6000, 6000], [1000, 6000], [1000, 1000]]
    features = [
        {"type": "Feature", "properties": {"房间号": number}, "geometry": shape}
        for number, shape in (
            (None, {"type": "Polygon", "coordinates": [ring]}),
            ("301", {"type": "Point", "coordinates": [3000, 3000]}),
        )
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    plan = judge(read_drawing(path), layers=Layers(rooms=("三层",)), unit="mm")
    assert plan.srid is None
    assert [(room.number, room.area_m2) for room in plan.rooms] == [("301", 25.0)]


def test_layers_that_are_named_are_taken(tmp_path: Path) -> None:
    board = Board()
    board.ring(box(0, 0, 20, 10), "W")
    board.room("301", 16, 5.1, 21, 9.9, layer="R")
    board.text("0301", 17, 6, layer="X")
    asked = Layers(rooms=("R",), numbers=(NUMBERS,), floor=("W",))
    [one] = found(board, tmp_path, layers=asked)
    assert one.fault is Fault.OUTSIDE
    assert {ROOMS, FLOOR}.isdisjoint(asked.rooms)


def test_a_courtyard_is_no_part_of_the_room_around_it(tmp_path: Path) -> None:
    at = affinity.translate(shapely.box(0, 0, 20, 10), 40_498_600, 3_517_500)
    yard = affinity.translate(shapely.box(8, 4, 12, 6), 40_498_600, 3_517_500)
    frame = geopandas.GeoDataFrame({"房间号": ["301"]}, geometry=[at.difference(yard)], crs=4528)
    frame.to_file(tmp_path / "三层.gpkg", layer="房间")
    [room] = judge(read_drawing(tmp_path / "三层.gpkg")).rooms
    assert (room.number, round(room.area_m2, 1)) == ("301", 192.0)
    # What stands in the courtyard is no part of the room, and a room within it lies over none.
    frame = geopandas.GeoDataFrame(
        {"房间号": ["301", "302"]}, geometry=[at.difference(yard), yard], crs=4528
    )
    frame.to_file(tmp_path / "三层.gpkg", layer="房间")
    plan = judge(read_drawing(tmp_path / "三层.gpkg"))
    assert list(plan.findings) == []
    assert [round(one.area_m2, 1) for one in plan.rooms] == [192.0, 8.0]


def test_work_beyond_any_plan_is_refused_before_it_begins(tmp_path: Path) -> None:
    board = Board()
    board.room("301", 0, 0, 5, 5)
    # One line that crosses itself a million times: as one line it meets no other.
    board.ring(
        [
            point
            for at in range(1_100)
            for point in ((at * 0.05, 6.0 + at % 2 * 60), (at * 0.05 + 0.02, 66.0 - at % 2 * 60))
        ]
        + [
            point
            for at in range(1_100)
            for point in ((at % 2 * 60 - 1, 6.0 + at * 0.05), (59 - at % 2 * 60, 6.02 + at * 0.05))
        ],
        is_closed=False,
    )
    with pytest.raises(InputError, match=r"plan\.too_dense"):
        found(board, tmp_path)
    board = Board()
    board.room("301", 0, 0, 5, 5)
    board.ring([(at * 0.001, at % 7) for at in range(MOST_CORNERS)])
    with pytest.raises(InputError, match=r"plan\.too_many_corners"):
        found(board, tmp_path)


def test_more_outlines_than_any_floor_has_are_refused(tmp_path: Path) -> None:
    board = Board(per_metre=1.0, insunits=6)
    for at in range(MOST_OUTLINES + 1):
        west, south = at % 150 * 3.0, at // 150 * 3.0
        board.ring(box(west, south, west + 2, south + 2))
    with pytest.raises(InputError, match=r"plan\.too_many_rooms"):
        found(board, tmp_path)
