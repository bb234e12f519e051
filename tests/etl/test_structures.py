"""Structures and parts of buildings from files: on the map as layers, and back unchanged."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from handed_in import register_state
from openpyxl import Workbook
from sqlalchemy import text

from etl.export.layers import Export, export_layer, layer_named
from etl.load import LoadOptions, LoadResult, check_file, load_file
from etl.undo import undo_load
from gis.clock import today
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, transaction
from tests.conftest import Operator

WEST, SOUTH = 119.95, 31.75
SITES = [["院落编号", "名称", "地址坐落", "用地面积"], ["Y-1", "一号院", "测试路1号", "9000"]]
BUILDINGS = [
    ["楼栋编号", "楼栋名称", "院落编号", "建筑面积"],
    ["D-1", "主楼", "Y-1", "3000"],
]


def _square(at: int) -> shapely.Polygon:
    return shapely.box(
        WEST + at * 0.001, SOUTH, WEST + at * 0.001 + 0.0002, SOUTH + 0.0002
    )  # fmt: skip


def _load(city: Database, operator: Operator, path: Path) -> LoadResult:
    return load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, datum="CGCS2000")
    )


@pytest.fixture
def property_(city: Database, operator: Operator, tmp_path: Path) -> Database:
    """A site with a building in it."""
    for name, rows in (("院落", SITES), ("楼栋", BUILDINGS)):
        book = Workbook()
        book.active.title = name
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / f"{name}.xlsx")
        assert _load(city, operator, tmp_path / f"{name}.xlsx").inserted == 1
    return city


def _structures(folder: Path) -> Path:
    wall = shapely.box(WEST, SOUTH, WEST + 0.002, SOUTH + 0.00001)
    frame = gpd.GeoDataFrame(
        {
            "构筑物编号": ["G-1", "G-2", "G-3"],
            "构筑物名称": ["水塔", "北围墙", "蓄水池"],
            "所属院落编号": ["Y-1", "Y-1", None],
            "行政区划代码": ["320402", "320402", "320402"],
            "用途": ["供水", "围护", "消防"],
            "结构": ["砖混", None, "钢混"],
            "建成年份": [1988, 2001, 2015],
            "高度": [22.5, 2.4, None],
            "长度": [None, 180.5, None],
            "使用状况": ["闲置", "在用", "在用"],
        },
        geometry=[_square(1), wall, _square(2)],
        crs=STORAGE_SRID,
    )
    frame.to_file(folder / "构筑物.gpkg", layer="构筑物")
    return folder / "构筑物.gpkg"


def _sections(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {
            "单元编号": ["S-1", "S-2"],
            "楼栋编号": ["D-1", "D-1"],
            "单元号": ["一单元", "裙楼"],
            "地上层数": [6, 2],
            "户数": [12, None],
        },
        geometry=[_square(3), None],
        crs=STORAGE_SRID,
    )
    frame.to_file(folder / "住宅单元.gpkg", layer="住宅单元")
    return folder / "住宅单元.gpkg"


def test_a_file_of_structures_is_a_layer_with_shapes_and_parents(
    property_: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(property_)
    result = _load(property_, operator, _structures(tmp_path))
    assert (result.inserted, result.rows) == (3, 3)
    shown = (
        "SELECT m.name, m.use, m.use_status, m.structure, m.year_built, GeometryType(m.geom),"
        " up.name, k.height_m::float, k.length_m::float FROM map.structure AS m"
        " JOIN place.structure AS k USING (place_id) JOIN place.place AS p USING (place_id)"
        " LEFT JOIN place.place AS up ON up.place_id = p.parent_id"
        " ORDER BY p.code"
    )
    with transaction(property_.engine(Role.WEB), operator.token) as conn:
        rows = [tuple(row) for row in conn.execute(text(shown))]
        drawn = conn.execute(text("SELECT count(*) FROM estate.drawn_structure")).scalar_one()
    assert rows == [
        ("水塔", "供水", "idle", "brick_concrete", 1988, "POLYGON", "一号院", 22.5, None),
        ("北围墙", "围护", "in_use", None, 2001, "POLYGON", "一号院", 2.4, 180.5),
        ("蓄水池", "消防", "in_use", "reinforced_concrete", 2015, "POLYGON", None, None, None),
    ]
    assert drawn == 3
    again = _load(property_, operator, _structures(tmp_path))
    assert again.unchanged == 3
    undo_load(property_, result.load_id, token=operator.token)
    assert register_state(property_) == before


def test_a_structure_without_a_number_is_known_by_its_name_in_its_property(
    property_: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "构筑物.csv"
    path.write_text(
        "构筑物名称,院落编号,构筑物类别,原值(元)\n水塔,Y-1,供水,1000\n", "utf-8"
    )  # fmt: skip
    assert _load(property_, operator, path).inserted == 1
    path.write_text("构筑物名称,院落编号,构筑物类别,原值(元)\n水塔,Y-1,消防,1200\n", "utf-8")
    result = _load(property_, operator, path)
    assert (result.inserted, result.updated) == (0, 1)
    said = "SELECT use, book_value_yuan::integer FROM place.structure"
    with property_.engine(Role.OWNER).connect() as conn:
        assert conn.execute(text(said)).all() == [("消防", 1200)]


def test_sections_are_a_layer_named_by_their_labels(
    property_: Database, operator: Operator, tmp_path: Path
) -> None:
    assert _load(property_, operator, _sections(tmp_path)).inserted == 2
    shown = "SELECT name, label, floors_above, unit_count, geom IS NULL FROM map.section ORDER BY 3"
    with transaction(property_.engine(Role.WEB), operator.token) as conn:
        assert [tuple(row) for row in conn.execute(text(shown))] == [
            ("裙楼", "裙楼", 2, None, True),
            ("一单元", "一单元", 6, 12, False),
        ]
        drawn = conn.execute(text("SELECT is_unshaped FROM estate.drawn_section")).scalars()
        # The building has no spot, so its part without an outline has none either.
        assert drawn.all() == [False]


@pytest.mark.parametrize("file_format", ["gpkg", "shp", "geojson"])
@pytest.mark.parametrize("layer", ["structure", "section"])
def test_their_layers_loaded_back_change_nothing(
    property_: Database, operator: Operator, tmp_path: Path, layer: str, file_format: str
) -> None:
    make = _structures if layer == "structure" else _sections
    _load(property_, operator, make(tmp_path))
    with transaction(property_.engine(Role.OPERATOR), operator.token) as conn:
        export = Export(layer_named(layer), today(), file_format, "zh")
        path, count = export_layer(conn, export, tmp_path / "out")
    assert count > 1
    changes: list[object] = []
    result, _issues = check_file(property_, path, token=operator.token, changes=changes)  # type: ignore[arg-type]
    assert (result.unchanged, result.rows) == (count, count), changes
