"""Rows that contradict themselves or one another are listed; hostile ones harm nothing."""

import math
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from handed_in import register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from gis.db import Database, Role
from gis.errors import SourceError
from tests.conftest import Operator


def _load(city: Database, operator: Operator, path: Path) -> LoadResult:
    return load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))


def _issues(city: Database, result: LoadResult) -> set[tuple[str, str]]:
    with city.engine(Role.OWNER).connect() as conn:
        return {
            (row.rule, row.severity)
            for row in conn.execute(
                text("SELECT rule, severity FROM staging.issue WHERE load_id = :id"),
                {"id": result.load_id},
            )
        }


def _layer(path: Path, name: str, shapes: list[object], **columns: list[object]) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path, layer=name)
    return path


def _square(west: float, side: float = 0.0005) -> shapely.Polygon:
    return shapely.box(west, 31.8, west + side, 31.8 + side)


def test_areas_that_contradict_load_and_are_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "序号,地址坐落,总建筑面积（m²）,办公用房建筑面积（m²）,技术业务用房建筑面积（m²）,使用单位\n"
        "1,甲路1号,1000,700,200,财政局\n2,乙路2号,900,700,200,税务局\n",
        "gb18030",
    )
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected) == (2, 0)
    assert ("area.total_differs", "warn") in _issues(city, result)


def test_buildings_that_overlap_load_and_are_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    shapes = [_square(119.9), _square(119.9002), _square(119.95)]
    path = _layer(tmp_path / "o.gpkg", "建筑", shapes, 要素编号=["A", "B", "C"])
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected) == (3, 0)
    assert ("geometry.overlaps", "warn") in _issues(city, result)


def test_a_room_outside_its_building_loads_and_is_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, _layer(tmp_path / "b.gpkg", "建筑", [_square(119.9)], 要素编号=["D1"]))
    rooms = {"要素编号": ["F1", "F2"], "建筑编号": ["D1", "D1"], "房间号": ["101", "102"]}
    shapes = [_square(119.9001, 0.0001), _square(119.9004, 0.0003)]
    result = _load(city, operator, _layer(tmp_path / "r.gpkg", "房间", shapes, **rooms))
    assert (result.inserted, result.rejected) == (2, 0)
    assert ("geometry.outside_building", "warn") in _issues(city, result)


def test_a_code_whose_check_digit_fails_loads_and_is_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(
        "单位名称,统一社会信用代码,机构类型\n甲署,91350211M0000XUF46,机关本级\n", "gb18030"
    )
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected) == (1, 0)
    assert ("credit_code.check_digit", "warn") in _issues(city, result)


def test_a_file_without_a_header_is_refused_and_changes_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "n.csv"
    path.write_text("甲,乙,丙\n1,2,3\n")
    before = register_state(city)
    with pytest.raises(SourceError) as refused:
        _load(city, operator, path)
    assert refused.value.key == "load.no_header"
    assert register_state(city) == before


def test_a_header_that_lacks_a_column_says_which_and_where(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "n.csv"
    path.write_text("某处房产\n房产名称,地址,建筑面积\n甲院,甲路1号,100\n")
    before = register_state(city)
    with pytest.raises(SourceError) as refused:
        _load(city, operator, path)
    assert refused.value.key == "load.header_lacks"
    assert refused.value.params["row"] == 2
    assert refused.value.params["known"] == ("房产名称", "地址", "建筑面积")
    [lacking] = refused.value.params["lacking"]
    assert "使用单位" in lacking
    assert register_state(city) == before


def test_a_polygon_of_a_million_points_waits_and_the_rest_loads(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    turns = [2 * math.pi * at / 1_000_000 for at in range(1_000_000)]
    ring = [(119.9 + 0.001 * math.cos(a), 31.8 + 0.001 * math.sin(a)) for a in turns]
    path = _layer(
        tmp_path / "m.gpkg", "建筑", [shapely.Polygon(ring), _square(119.95)], 要素编号=["A", "B"]
    )
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected) == (1, 1)
    assert ("geometry.too_many_points", "reject") in _issues(city, result)


def test_a_ring_that_shrinks_to_a_spot_stops_no_other_row(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "f.gpkg"
    sound = shapely.box(119.9, 31.8, 119.9005, 31.8005)
    spot = [(119.9012, 31.8002)] * 4
    shrunk = shapely.Polygon(shapely.box(119.901, 31.8, 119.9015, 31.8005).exterior, [spot])
    gpd.GeoDataFrame({"要素编号": ["D1", "D2"]}, geometry=[sound, shrunk], crs=4490).to_file(
        path, layer="建筑"
    )
    result = load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))
    assert result.inserted >= 1
    assert result.rows == 2
