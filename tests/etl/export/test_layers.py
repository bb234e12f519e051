"""Layers as files: what the account sees, with geometry and codes or as a table with words."""

import csv
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas
import openpyxl
import pytest
import small_city
from sqlalchemy import text

from etl.export.layers import FORMATS, Export, export_layer, layer_named
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, transaction
from gis.errors import InputError
from gis.questions import Question, asked_area, collect_places
from gis.settings import load_settings
from webmap.static_files import vendor_dir
from webmap.vendor import build

DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> small_city.City:
    made = small_city.build(make_database("onemap_export"))
    with made.database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "UPDATE place.place SET name = '=1+1' WHERE place_id ="
                " (SELECT min(place_id) FROM place.place WHERE kind = 'building')"
            )
        )
    return made  # fmt: skip


@pytest.fixture(scope="module")
def libraries() -> Path:
    vendor = vendor_dir(load_settings())
    build(vendor)
    return vendor / "leaflet"


def _export(
    city: small_city.City, token: str, file_format: str, folder: Path, libraries: Path | None = None
) -> tuple[Path, int]:
    with transaction(city.database.engine(Role.WEB), token) as conn:
        export = Export(layer_named("building"), DAY, file_format, "zh", libraries=libraries)
        return export_layer(conn, export, folder)


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_holds_what_the_account_sees(
    city: small_city.City, tmp_path: Path, file_format: str, libraries: Path
) -> None:
    _, every = _export(city, city.everything, file_format, tmp_path, libraries)
    _, some = _export(city, city.partial, file_format, tmp_path, libraries)
    _, none = _export(city, "unknown", file_format, tmp_path, libraries)
    assert every > some > none == 0


def test_a_geopackage_is_in_the_legal_system_with_codes(
    city: small_city.City, tmp_path: Path
) -> None:
    path, count = _export(city, city.everything, "gpkg", tmp_path)
    frame = geopandas.read_file(path)
    assert frame.crs.to_epsg() == STORAGE_SRID
    assert len(frame) == count
    assert {"place_id", "code", "name"} <= set(frame.columns)


def test_geoparquet_and_shapefile_hold_the_same_places(
    city: small_city.City, tmp_path: Path
) -> None:
    expected = geopandas.read_file(_export(city, city.everything, "gpkg", tmp_path)[0])
    parquet = geopandas.read_parquet(_export(city, city.everything, "parquet", tmp_path)[0])
    shapefile = geopandas.read_file(_export(city, city.everything, "shp", tmp_path)[0])
    for frame in (parquet, shapefile):
        assert frame.crs.to_epsg() == STORAGE_SRID
        assert list(frame["code"]) == list(expected["code"])
        assert frame.geometry.geom_equals(expected.geometry).all()
    assert max(len(name) for name in shapefile.columns) <= 10


def test_a_shapefile_says_what_its_cut_names_mean(city: small_city.City, tmp_path: Path) -> None:
    path, _ = _export(city, city.everything, "shp", tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("building.cpg") == b"UTF-8"
        said = archive.read("building_columns.csv").decode("utf-8-sig").splitlines()
    assert "ownership_,ownership_status,权属登记情况" in said


def test_a_selection_holds_only_the_places_asked_about(
    city: small_city.City, tmp_path: Path
) -> None:
    question = Question(as_of=DAY, admin_area="320402")
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        collect_places(conn, question, asked_area(conn, question))
        export = Export(layer_named("building"), DAY, "gpkg", "zh", is_selection=True)
        path, count = export_layer(conn, export, tmp_path)
    frame = geopandas.read_file(path)
    assert set(frame["admin_area_code"]) == {"320402"}
    assert len(frame) == count == 2


def test_no_text_becomes_a_formula(city: small_city.City, tmp_path: Path) -> None:
    path, _ = _export(city, city.everything, "csv", tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        written = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1" in written
    path, _ = _export(city, city.everything, "xlsx", tmp_path)
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]  # type: ignore[union-attr]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]


def test_an_unknown_layer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as refused:
        layer_named("nothing")
    assert "building" in refused.value.params["known"]


def test_a_table_says_in_words_what_has_words(city: small_city.City, tmp_path: Path) -> None:
    path, _ = _export(city, city.everything, "csv", tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["建设年代分段"] for row in rows} == {"1980—1999年", "2000—2009年", "2020年以来"}
