"""A plan against the register: placed, compared room by room, loaded, and taken back."""

from datetime import date
from pathlib import Path

import geopandas
import openpyxl
import pyproj
import pytest
import shapely
from conftest import Operator
from drawn_plans import FLOOR, Board, four_rooms
from handed_in import history_of_load, open_account, register_state, rows_of
from shapely import affinity
from sqlalchemy import text

from etl.admin_areas import packaged_city, save_areas
from etl.load import load_file
from etl.plans.checking import Asked, Checked, check_plan
from etl.plans.drawing import read_drawing
from etl.plans.loading import load_plan
from etl.plans.model import Fault
from etl.plans.placement import Control, Placement
from etl.undo import undo_load
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import Forbidden, InputError
from gis.rights.actions import Grant

SRID, AT, TURNED = 4549, (498_600.0, 3_517_500.0), 17.0
HERE = Placement((1, 0, 0, 1, 0, 0), SRID, "own", 0.0)
ROOMS = (
    ("房间编号", "楼层编号", "房间号", "房间类型", "使用面积"),
    ("R-1", "L-3", "301", "办公室", 21.0),
    ("R-2", "L-3", "302室", "办公室", 18.0),
    ("R-3", "L-3", "303", "办公室", 21.2),
    ("R-9", "L-3", "309", "服务用房", 30.0),
)  # fmt: skip
ASKED = Asked(building="D-1", level=3, turn=17)


def on_ground(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape of the drawing board, metres, where the building of these tests stands: degrees."""
    turned = affinity.rotate(shape, TURNED, origin=(0, 0))
    return HERE.in_degrees(affinity.translate(turned, *AT))


@pytest.fixture
def city(own_database: Database, operator: Operator, tmp_path: Path) -> Database:
    """A building of 20 by 10 m, its third floor and four rooms without outlines."""
    with own_database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    outline = on_ground(shapely.box(0, 0, 20, 10))
    frame = geopandas.GeoDataFrame({"要素编号": ["D-1"]}, geometry=[outline], crs=4490)
    frame.to_file(tmp_path / "建筑.gpkg", layer="建筑")
    book = openpyxl.Workbook()
    floors = book.active
    floors.title = "楼层"
    for row in (("楼层编号", "建筑编号", "楼层"), ("L-3", "D-1", 3)):
        floors.append(row)
    rooms = book.create_sheet("房间")
    for one in ROOMS:
        rooms.append(one)
    book.save(tmp_path / "房间.xlsx")
    for name in ("建筑.gpkg", "房间.xlsx"):
        result = load_file(own_database, tmp_path / name, token=operator.token)
        assert (result.rejected, result.waiting) == (0, 0)
    return own_database


def checked(city: Database, operator: Operator, path: Path, asked: Asked = ASKED) -> Checked:
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        return check_plan(conn, read_drawing(path), asked, today())


def outlines(city: Database) -> dict[str, float]:
    query = (
        "SELECT code, round(ST_Area(geom::geography)::numeric, 1) FROM place.place"
        " WHERE kind = 'room' AND geom IS NOT NULL ORDER BY code"
    )
    return {code: float(area) for code, area in rows_of(city, query)}


def test_areas_are_compared_room_by_room(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    with city.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
                " SELECT place_id, 'usable', 25, 'declared', rights_cell FROM place.place"
                " WHERE code = 'R-3'"
            )
        )
    found = checked(city, operator, four_rooms(Board()).save(tmp_path / "3F.dxf"))
    lines = {line.number: line for line in found.lines}
    assert [round(line.polygon_m2, 2) for line in found.lines] == [21.12] * 4
    assert {number: line.compared_m2 for number, line in lines.items()} == {
        "301": 21.0, "302室": 18.0, "303": 21.2, "304": None,
    }  # fmt: skip
    assert round(lines["302室"].difference_m2 or 0, 2) == 3.12
    # 303 agrees with its survey and not with the ledger.
    assert {number for number, line in lines.items() if line.is_apart} == {"302室", "303"}
    assert [room.code for room in found.missing] == ["R-9"]
    assert found.placement.turned == pytest.approx(17, abs=0.05)


def test_outlines_are_loaded_and_taken_back_exactly(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(city)
    found = checked(city, operator, four_rooms(Board()).save(tmp_path / "3F.dxf"))
    result = load_plan(city, found, token=operator.token, accepts=False, with_new=False, as_of=None)
    assert (result.rows, result.updated, result.rejected, result.waiting) == (3, 3, 0, 0)
    assert outlines(city) == {"R-1": 21.1, "R-2": 21.1, "R-3": 21.1}
    numbers = "SELECT number FROM place.room JOIN place.place USING (place_id) ORDER BY code"
    assert rows_of(city, numbers) == [("301",), ("302室",), ("303",), ("309",)]
    [[file]] = rows_of(
        city, "SELECT file_name FROM staging.load WHERE load_id = :id", id=result.load_id
    )
    assert file == "3F.dxf"
    assert history_of_load(city, result.load_id)["place_place"] == 3
    # The room stands where the drawing has it: 301 in the corner of the building.
    [[inside]] = rows_of(
        city,
        "SELECT ST_Contains(b.geom, r.geom) FROM place.place AS b, place.place AS r"
        " WHERE b.code = 'D-1' AND r.code = 'R-1'",
    )
    assert inside
    drawn = on_ground(shapely.box(0.1, 0.1, 4.9, 4.5))
    [[wkb]] = rows_of(city, "SELECT ST_AsBinary(geom) FROM place.place WHERE code = 'R-1'")
    kept = shapely.from_wkb(bytes(wkb))
    assert kept.symmetric_difference(drawn).area < 0.02 * drawn.area
    undo_load(city, result.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_a_plan_loaded_again_changes_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = four_rooms(Board()).save(tmp_path / "3F.dxf")
    first = checked(city, operator, path)
    load_plan(city, first, token=operator.token, accepts=False, with_new=False, as_of=None)
    # Rooms that are on the map now tell the two ways of laying a rectangle apart.
    again = checked(city, operator, path, Asked(building="D-1", level=3))
    assert again.placement.turned == pytest.approx(17, abs=0.05)
    before = register_state(city)
    result = load_plan(city, again, token=operator.token, accepts=False, with_new=False, as_of=None)
    assert (result.updated, result.unchanged) == (0, 3)
    assert register_state(city) == before


def test_a_rectangle_that_nothing_tells_apart_asks(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = four_rooms(Board()).save(tmp_path / "3F.dxf")
    with pytest.raises(InputError, match=r"plan\.fits_several_ways"):
        checked(city, operator, path, Asked(building="D-1", level=3))


def test_rooms_with_findings_stay_out_until_that_is_accepted(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    board = four_rooms(Board())
    board.room("309", 8, 4.0, 12, 9.9)
    found = checked(city, operator, board.save(tmp_path / "3F.dxf"))
    assert {one.fault for one in found.plan.findings} == {Fault.OVERLAP}
    before = register_state(city)
    with pytest.raises(InputError, match=r"plan\.findings_stop"):
        load_plan(city, found, token=operator.token, accepts=False, with_new=False, as_of=None)
    assert register_state(city) == before
    result = load_plan(city, found, token=operator.token, accepts=True, with_new=False, as_of=None)
    assert result.rows == 1
    assert set(outlines(city)) == {"R-1"}


def test_rooms_that_are_not_registered_are_made_on_request(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    found = checked(city, operator, four_rooms(Board()).save(tmp_path / "3F.dxf"))
    result = load_plan(city, found, token=operator.token, accepts=False, with_new=True, as_of=None)
    assert (result.inserted, result.updated) == (1, 3)
    made = rows_of(
        city,
        "SELECT r.number, up.code FROM place.room AS r JOIN place.place AS p USING (place_id)"
        " JOIN place.place AS up ON up.place_id = p.parent_id WHERE r.number = '304'",
    )
    assert made == [("304", "L-3")]


def test_a_later_plan_keeps_what_was_till_then(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    found = checked(city, operator, four_rooms(Board()).save(tmp_path / "3F.dxf"))
    load_plan(
        city, found, token=operator.token, accepts=False, with_new=False, as_of=date(2024, 1, 1)
    )
    board = Board()
    board.ring([(0, 0), (20, 0), (20, 10), (0, 10)], FLOOR)
    board.room("301", 0.1, 0.1, 6.9, 4.5)
    later = checked(city, operator, board.save(tmp_path / "3F改.dxf"))
    load_plan(
        city, later, token=operator.token, accepts=False, with_new=False, as_of=date(2025, 1, 1)
    )
    assert outlines(city)["R-1"] == 29.9
    versions = rows_of(
        city,
        "SELECT round(ST_Area(v.geom::geography)::numeric, 1) FROM place.place_version AS v"
        " JOIN place.place AS p USING (place_id) WHERE p.code = 'R-1' AND v.geom IS NOT NULL",
    )
    assert [float(one) for (one,) in versions] == [21.1]


def test_control_points_and_own_coordinates_place_it_too(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = four_rooms(Board()).save(tmp_path / "3F.dxf")
    corners = [shapely.Point(0, 0), shapely.Point(20, 10)]
    controls = tuple(
        Control(one.x * 1000, one.y * 1000, on_ground(one).x, on_ground(one).y) for one in corners
    )
    by_points = checked(city, operator, path, Asked("D-1", 3, controls=controls))
    assert (by_points.placement.by, round(by_points.placement.turned)) == ("control", 17)
    ground = Board(per_metre=1.0, insunits=6)
    for number, west in (("301", 1.0), ("302", 6.0)):
        ring = affinity.translate(
            affinity.rotate(shapely.box(west, 1, west + 4, 4), TURNED, origin=(0, 0)), *AT
        )
        ground.ring(list(ring.exterior.coords)[:-1])
        ground.text(number, ring.centroid.x, ring.centroid.y)
    path = ground.save(tmp_path / "实测.dxf")
    own = checked(city, operator, path, Asked("D-1", 3, crs="EPSG:4549"))
    assert own.placement.by == "own"
    assert [line.known.code for line in own.lines if line.known] == ["R-1", "R-2"]
    # The same zone with its number in the easting, as surveys write it: no room is outside.
    zoned = Board(per_metre=1.0, insunits=6)
    for number, west in (("301", 1.0), ("302", 6.0)):
        ring = affinity.translate(
            affinity.rotate(shapely.box(west, 1, west + 4, 4), TURNED, origin=(0, 0)),
            AT[0] + 40_000_000, AT[1],
        )  # fmt: skip
        zoned.ring(list(ring.exterior.coords)[:-1])
        zoned.text(number, ring.centroid.x, ring.centroid.y)
    of_zone = checked(
        city, operator, zoned.save(tmp_path / "带号.dxf"), Asked("D-1", 3, crs="EPSG:4528")
    )
    assert [line.is_sound for line in of_zone.lines] == [True, True]
    with pytest.raises(InputError, match=r"plan\.elsewhere"):
        checked(city, operator, path, Asked("D-1", 3, crs="EPSG:4548"))
    with pytest.raises(InputError, match=r"plan\.no_such_system"):
        checked(city, operator, path, Asked("D-1", 3, crs="EPSG:4490"))


def test_a_system_whose_metres_are_not_those_of_the_ground_is_refused(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    change = pyproj.Transformer.from_crs(4490, 3857, always_xy=True)
    ground = Board(per_metre=1.0, insunits=6)
    ring = shapely.transform(
        on_ground(shapely.box(1, 1, 5, 4)), change.transform, interleaved=False
    )
    ground.ring(list(ring.exterior.coords)[:-1])
    ground.text("301", ring.centroid.x, ring.centroid.y)
    path = ground.save(tmp_path / "网图.dxf")
    for crs, key in (
        ("EPSG:3857", "plan.not_metres"),
        ("EPSG:3395", "plan.not_metres"),
        ("EPSG:2263", "plan.no_such_system"),
    ):
        with pytest.raises(InputError) as refused:
            checked(city, operator, path, Asked("D-1", 3, crs=crs))
        assert refused.value.key == key
    board = Board(per_metre=1.0, insunits=6)
    board.room("301", 9e9, 9e9, 9e9 + 5, 9e9 + 5)
    path = board.save(tmp_path / "远.dxf")
    with pytest.raises(InputError, match=r"plan\.off_the_earth"):
        checked(city, operator, path, Asked("D-1", 3, crs="EPSG:4549"))


def test_a_number_that_two_rooms_share_is_none_of_them_and_no_new_room(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "房间"
    sheet.append(ROOMS[0])
    sheet.append(("R-10", "L-3", "303室", "办公室", 12.0))
    book.save(tmp_path / "又一间.xlsx")
    load_file(city, tmp_path / "又一间.xlsx", token=operator.token)
    found = checked(city, operator, four_rooms(Board()).save(tmp_path / "3F.dxf"))
    [one] = found.plan.findings
    assert (one.fault, one.rooms) == (Fault.SHARED_NUMBER, (2,))
    assert one.params == {"number": "303", "codes": "R-3, R-10"}
    result = load_plan(city, found, token=operator.token, accepts=True, with_new=True, as_of=None)
    assert (result.inserted, result.updated) == (1, 2)
    assert set(outlines(city)) > {"R-1", "R-2"}
    assert not {"R-3", "R-10"} & set(outlines(city))


def test_a_geographic_plan_goes_the_same_way(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    shapes = [on_ground(shapely.box(0.1, 0.1, 4.9, 4.5)), on_ground(shapely.box(30, 0, 35, 5))]
    frame = geopandas.GeoDataFrame({"房间号": [301.0, 309.0]}, geometry=shapes, crs=4490)
    frame.to_file(tmp_path / "三层.gpkg", layer="房间")
    with pytest.raises(InputError, match=r"plan\.system_known"):
        checked(city, operator, tmp_path / "三层.gpkg", Asked("D-1", 3, crs="EPSG:4550"))
    found = checked(city, operator, tmp_path / "三层.gpkg")
    assert [(one.fault, one.rooms) for one in found.plan.findings] == [(Fault.OUTSIDE, (1,))]
    result = load_plan(city, found, token=operator.token, accepts=True, with_new=False, as_of=None)
    assert result.updated == 1
    assert set(outlines(city)) == {"R-1"}


def test_who_may_not_write_a_room_loads_none(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = four_rooms(Board()).save(tmp_path / "3F.dxf")
    reader = open_account(city, "读者", Grant("viewer"))
    with transaction(city.engine(Role.OPERATOR), reader) as conn:
        found = check_plan(conn, read_drawing(path), ASKED, today())
    before = register_state(city)
    with pytest.raises(Forbidden):
        load_plan(city, found, token=reader, accepts=False, with_new=False, as_of=None)
    assert register_state(city) == before
    stranger = open_account(city, "外人", Grant("viewer", admin_area_code="320481"))
    with (
        transaction(city.engine(Role.OPERATOR), stranger) as conn,
        pytest.raises(InputError, match=r"plan\.no_such_building"),
    ):
        check_plan(conn, read_drawing(path), ASKED, today())
