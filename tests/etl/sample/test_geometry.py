"""What is drawn: footprints, rooms, districts, parcels, and the shifted coordinates."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from etl.sample.city import City
from etl.sample.footprints import LONGEST_M, shape_building
from etl.sample.geofiles import footprint_layers
from etl.sample.lists import true_locations
from etl.sample.towns import LOCAL_SRID, district_outline, to_degrees, to_local_metres, towns

CENTIMETRE_M = 0.01


@pytest.fixture(scope="module")
def layers(city: City) -> dict[str, gpd.GeoDataFrame]:
    """The true layers, before anything is planted, in metres of EPSG:4549."""
    made = footprint_layers(city)
    for frame in made.values():
        frame.geometry = shapely.transform(np.asarray(frame.geometry.array), to_local_metres)
        frame.set_crs(LOCAL_SRID, allow_override=True, inplace=True)
    return made


def shapes(frame: gpd.GeoDataFrame) -> np.ndarray:
    return np.asarray(frame.geometry.array)


def overlapping(found: np.ndarray) -> int:
    """Pairs that share more than a sliver."""
    tree = shapely.STRtree(found)
    left, right = tree.query(found, predicate="intersects")
    pairs = left < right
    shared = shapely.area(shapely.intersection(found[left[pairs]], found[right[pairs]]))
    return int((shared > CENTIMETRE_M).sum())


def test_every_shape_is_valid(layers: dict[str, gpd.GeoDataFrame]) -> None:
    for name, frame in layers.items():
        assert shapely.is_valid(shapes(frame)).all(), name


def test_no_two_buildings_overlap(layers: dict[str, gpd.GeoDataFrame]) -> None:
    assert overlapping(shapes(layers["建筑"])) == 0


def test_no_two_sites_overlap(layers: dict[str, gpd.GeoDataFrame]) -> None:
    assert overlapping(shapes(layers["院落"])) == 0


def test_buildings_stand_inside_their_sites(layers: dict[str, gpd.GeoDataFrame]) -> None:
    sites = layers["院落"].set_index("要素编号").geometry
    inside = layers["建筑"].dropna(subset="院落编号")
    parents = np.asarray(sites.loc[inside["院落编号"]].array)
    assert shapely.covers(shapely.buffer(parents, CENTIMETRE_M), shapes(inside)).all()


def test_footprints_agree_with_area_and_floors(layers: dict[str, gpd.GeoDataFrame]) -> None:
    buildings = layers["建筑"]
    floors = buildings["地上层数"] + buildings["地下层数"]
    says = (buildings["建筑面积"] / floors).to_numpy()
    assert np.abs(shapely.area(shapes(buildings)) / says - 1).max() < 0.001


def test_rooms_lie_inside_their_building(layers: dict[str, gpd.GeoDataFrame]) -> None:
    rooms = layers["房间"]
    floors = layers["楼层"].set_index("要素编号").geometry
    floor = np.asarray(floors.loc[rooms["楼层编号"]].array)
    assert shapely.covers(shapely.buffer(floor, CENTIMETRE_M), shapes(rooms)).all()


def test_rooms_of_a_floor_do_not_overlap(layers: dict[str, gpd.GeoDataFrame]) -> None:
    rooms = layers["房间"]
    found = shapes(rooms)
    floor = rooms["楼层编号"].to_numpy()
    left, right = shapely.STRtree(found).query(found, predicate="intersects")
    same = (left < right) & (floor[left] == floor[right])
    shared = shapely.area(shapely.intersection(found[left[same]], found[right[same]]))
    assert shared.max(initial=0.0) < CENTIMETRE_M


def test_room_areas_are_measured_inside_their_walls(layers: dict[str, gpd.GeoDataFrame]) -> None:
    rooms = layers["房间"]
    ratio = rooms["使用面积"].to_numpy() / shapely.area(shapes(rooms))
    assert ratio.min() > 0.96
    assert ratio.max() < 1.001


def test_room_numbers_say_their_floor(layers: dict[str, gpd.GeoDataFrame]) -> None:
    floors = layers["楼层"].set_index("要素编号")["层号"]
    rooms = layers["房间"]
    levels = floors.loc[rooms["楼层编号"]].to_numpy()
    starts = [f"B{-level}" if level < 0 else str(level) for level in levels]
    assert all(
        number.startswith(start) for number, start in zip(rooms["房间号"], starts, strict=True)
    )
    assert not rooms.duplicated(["楼层编号", "房间号"]).any()


def test_usable_share_of_agencies_is_plausible(city: City) -> None:
    agencies = [made for made in city.properties if made.usable and made.code is None]
    usable = sum(sum(made.usable.values()) for made in agencies)
    gross = sum(made.gross + made.auxiliary for made in agencies)
    assert 0.6 < usable / gross < 0.8


def test_everything_stands_in_its_own_district(
    city: City, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    buildings = layers["建筑"]
    for code, group in buildings.groupby("行政区划代码"):
        assert shapely.contains(district_outline(code), shapes(group)).all(), code
    assert {town.district.name for _, _, town in city.buildings} == {
        town.district.name for town in towns()
    }


def test_a_town_centre_shows_dozens_of_buildings(layers: dict[str, gpd.GeoDataFrame]) -> None:
    tree = shapely.STRtree(shapely.centroid(shapes(layers["建筑"])))
    for town in towns():
        if town.is_core:
            view = shapely.box(town.x_m - 1500, town.y_m - 1000, town.x_m + 1500, town.y_m + 1000)
            assert len(tree.query(view)) >= 40, town.name


def test_streets_are_not_all_alike(layers: dict[str, gpd.GeoDataFrame]) -> None:
    corners = shapely.get_num_coordinates(shapes(layers["建筑"]))
    assert {5, 7, 9} <= set(corners.tolist())


@pytest.mark.parametrize("area_m2", [30.0, 75.0, 240.0, 700.0, 1600.0, 2400.0, 6000.0, 30_000.0])
def test_a_shape_has_the_area_asked_for(area_m2: float) -> None:
    for seed in range(30):
        bars, outline = shape_building(np.random.default_rng(seed), area_m2)
        polygon = shapely.Polygon(outline)
        assert polygon.is_valid
        assert polygon.area == pytest.approx(area_m2)
        boxes = [shapely.box(*bar) for bar in bars]
        assert shapely.union_all(boxes).area == pytest.approx(area_m2)
        assert max(polygon.bounds) < 2.5 * LONGEST_M + area_m2 / 100


def test_local_metres_come_back_as_the_same_degrees() -> None:
    degrees = np.array([[119.97, 31.81], [119.48, 31.42]])
    local = to_local_metres(degrees)
    assert local[0] == pytest.approx((497159.376, 3520784.648), abs=0.001)
    assert to_degrees(local) == pytest.approx(degrees, abs=1e-8)


def test_locations_are_shifted_by_about_half_a_kilometre(city: City, folder: Path) -> None:
    text = (folder / "公共机构位置.csv").read_bytes().decode("gb18030")
    truth = dict(zip((body.code for body in city.energy_bodies), true_locations(city), strict=True))
    distances: dict[bool, list[float]] = {True: [], False: []}
    for line in text.splitlines()[1:]:
        cells = line.split(",")
        if (cells[0] in truth and cells[4].startswith("119.")) or cells[4].startswith("120."):
            pair = np.array([[float(cells[4]), float(cells[5])], truth[cells[0]]])
            is_bd09 = cells[6] == "BD-09"
            distances[is_bd09].append(float(np.linalg.norm(np.subtract(*to_local_metres(pair)))))
    assert len(distances[False]) > 700
    assert min(distances[False]) > 490
    assert max(distances[False]) < 560
    # A few rows come from another map service: about twice as far.
    assert len(distances[True]) >= 10
    assert min(distances[True]) > 1000
    assert max(distances[True]) < 1300
