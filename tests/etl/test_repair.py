"""What was wrong with an outline is listed with figures and a spot on the map."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from etl.repair import areas_m2
from gis.db import Database, Role
from gis.i18n import translate
from tests.conftest import Operator

SIDE = 0.0005


def _square(west: float, side: float = SIDE) -> shapely.Polygon:
    return shapely.box(west, 31.8, west + side, 31.8 + side)


def _load(
    city: Database, operator: Operator, path: Path, shapes: list[object], **columns: list[object]
) -> dict[str, tuple[int, dict[str, object], shapely.Geometry]]:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path, layer=path.stem)
    options = LoadOptions(any_area=True)
    result = load_file(city, path, token=operator.token, options=options)
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT rule, row_number, params, ST_AsText(geom) AS wkt FROM staging.issue"
                " WHERE load_id = :id AND (rule LIKE 'geometry.%' OR rule LIKE 'area.dist%')"
            ),
            {"id": result.load_id},
        ).all()
    return {row.rule: (row.row_number, row.params, shapely.from_wkt(row.wkt)) for row in rows}


def test_each_fault_of_an_outline_says_how_much_and_where(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    spike = [(119.93, 31.8), (119.9305, 31.8), (119.9305, 31.8005), (119.93, 31.8005),
             (119.93, 31.8002), (119.92999, 31.80025), (119.93, 31.8003)]  # fmt: skip
    twice = [(119.94, 31.8), (119.94, 31.8), (119.9405, 31.8), (119.9405, 31.8005)]
    shapes = [
        _square(119.90), _square(119.9004), shapely.Polygon(spike), shapely.Polygon(twice),
        shapely.box(119.95, 31.8, 119.951, 31.8000005),
    ]  # fmt: skip
    found = _load(
        city, operator, tmp_path / "建筑.gpkg", shapes, 要素编号=["A", "B", "C", "D", "E"]
    )
    row, params, spot = found["geometry.overlaps"]
    assert (row, params["other_row"]) == (2, 1)
    assert params["area_m2"] == pytest.approx(areas_m2([_square(119.9)])[0] / 5, rel=0.001)
    assert spot.bounds == pytest.approx((119.9004, 31.8, 119.9005, 31.8005))
    row, params, spot = found["geometry.repaired"]
    assert row == 3
    assert 0 < params["before_m2"] <= params["after_m2"] * 1.01
    assert spot.distance(shapely.Point(119.93, 31.8002)) < 1e-4
    assert found["geometry.repeated_points"][:2] == (4, {"points": 1})
    row, params, _spot = found["geometry.sliver"]
    assert (row, params["width_m"]) == (5, pytest.approx(0.055, abs=0.02))


def test_a_room_says_how_far_it_stands_outside_its_floor_or_building(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "建筑.gpkg", [_square(119.9)], 要素编号=["D1"])
    columns: dict[str, list[object]] = {
        "要素编号": ["F1", "F2"], "建筑编号": ["D1", "D1"], "房间号": ["101", "102"],
    }  # fmt: skip
    shapes = [_square(119.9001, 0.0001), shapely.box(119.9004, 31.8001, 119.9006, 31.8002)]
    found = _load(city, operator, tmp_path / "房间.gpkg", shapes, **columns)
    row, params, spot = found["geometry.outside_building"]
    assert (row, params["share"]) == (2, "50%")
    outside = shapely.box(119.9005, 31.8001, 119.9006, 31.8002)
    assert params["outside_m2"] == pytest.approx(areas_m2([outside])[0], abs=0.01)
    assert spot.symmetric_difference(outside).area < 1e-15
    sentence = translate("zh", "geometry.outside_building", **params)
    assert f"{params['outside_m2']} 平方米" in sentence


def test_a_place_outside_its_stated_district_names_both(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    found = _load(
        city, operator, tmp_path / "建筑.gpkg", [_square(119.57)], 要素编号=["A"],
        行政区划代码=["320402"],
    )  # fmt: skip
    row, params, spot = found["area.district_differs"]
    assert (row, params["stated"]) == (1, "天宁区 320402")
    assert str(params["located"]).endswith(("320413", "320482"))
    assert spot.x == pytest.approx(119.57025, abs=1e-4)


def test_areas_agree_with_the_database(city: Database) -> None:
    shape = _square(119.9, 0.002)
    with city.engine(Role.OWNER).connect() as conn:
        exact = conn.execute(
            text("SELECT ST_Area(ST_GeomFromText(:wkt, 4490)::geography)"), {"wkt": shape.wkt}
        ).scalar_one()
    assert areas_m2([shape])[0] == pytest.approx(exact, rel=1e-6)
