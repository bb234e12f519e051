"""Areas: packaged outlines are marked as indicative, official files replace them."""

from pathlib import Path

import geopandas
import pytest
import shapely
from sqlalchemy import Connection, text

from etl.admin_areas import areas_from_file, packaged_city, save_areas
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
    with pytest.raises(SourceError, match="unreadable"):
        areas_from_file(broken, source="x")
    named = tmp_path / "no_code.geojson"
    geopandas.GeoDataFrame({"town": ["A"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_file(
        named
    )
    with pytest.raises(SourceError, match="no_column"):
        areas_from_file(named, source="x")
