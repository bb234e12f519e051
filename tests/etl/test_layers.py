"""Layers of thousands of shapes: what is done for all at once is done right for each."""

from pathlib import Path

import geopandas as gpd
import shapely

from assets.estate.contracts import CONTRACTS
from etl.pack import load_pack
from etl.prepare import Prepared, prepare
from etl.read import read_source
from etl.staging import shapes_as_hex
from gis.crs import STORAGE_SRID

PACK = load_pack()
_WEST, _SOUTH, _STEP = 119.95, 31.75, 0.0002


def _prepared(path: Path, codes: list[str | None], shapes: list[shapely.Geometry]) -> Prepared:
    columns = {"建筑编号": codes, "名称": [f"示例楼{number}号" for number in range(len(codes))]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=STORAGE_SRID).to_file(path, engine="pyogrio")
    return prepare(read_source(path), CONTRACTS, PACK, datum=None)


def _square(number: int) -> shapely.Polygon:
    west, south = _WEST + number % 100 * _STEP, _SOUTH + number // 100 * _STEP
    return shapely.box(west, south, west + _STEP / 2, south + _STEP / 2)


def _codes(tmp_path: Path, codes: list[str | None]) -> list[str | None]:
    shapes = [_square(number) for number in range(len(codes))]
    [sheet] = _prepared(tmp_path / "codes.gpkg", codes, shapes).sheets
    found: list[str | None] = sheet.cleaned.values["code"].to_pylist()
    return found


def test_codes_that_are_plain_throughout_stand_as_they_are(tmp_path: Path) -> None:
    codes = ["B00000001", "D-320402-7", "320402001001"]
    assert _codes(tmp_path, codes) == codes


def test_one_odd_code_makes_a_column_be_read_cell_by_cell(tmp_path: Path) -> None:
    assert _codes(tmp_path, ["B00000001", "7E+123", None]) == ["B00000001", None, None]
    assert _codes(tmp_path, ["B00000001", " b 0002 "]) == ["B00000001", "B0002"]
    assert _codes(tmp_path, ["B00000001", "无"]) == ["B00000001", None]
    assert _codes(tmp_path, ["B00000001", "40778072.0"]) == ["B00000001", "40778072"]


def test_overlaps_are_found_however_far_apart_the_rows_stand(tmp_path: Path) -> None:
    shapes = [_square(number) for number in range(2_300)]
    shapes[2_150] = shapely.affinity.translate(shapes[30], _STEP / 4, 0)
    codes: list[str | None] = [f"B{number:08}" for number in range(len(shapes))]
    issues = _prepared(tmp_path / "overlaps.gpkg", codes, shapes).issues.frame()
    overlapping = issues[issues["rule"] == "geometry.overlaps"]
    assert overlapping["row"].tolist() == [2_151]


def test_shapes_go_to_the_database_as_they_are_and_gaps_stay_gaps() -> None:
    shapes = [_square(1), None, shapely.Point(120.25, 31.5), None]
    found = shapes_as_hex(shapes).to_pylist()
    assert found[1] is None
    assert found[3] is None
    for at in (0, 2):
        read = shapely.from_wkb(found[at])
        assert shapely.get_srid(read) == STORAGE_SRID
        assert shapely.equals_identical(read, shapely.set_srid(shapes[at], STORAGE_SRID))
