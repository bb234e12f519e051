"""Layers as files: what the account sees, with geometry and codes or as a table with words."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas
import openpyxl
import pytest
import small_city
from sqlalchemy import text

from etl.export.layers import FORMATS, export_layer, layer_named
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, transaction
from gis.errors import InputError

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


def _export(city: small_city.City, token: str, file_format: str, folder: Path) -> tuple[Path, int]:
    with transaction(city.database.engine(Role.WEB), token) as conn:
        return export_layer(
            conn,
            layer_named("building"),
            as_of=DAY,
            file_format=file_format,
            folder=folder,
            language="zh",
        )


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_holds_what_the_account_sees(
    city: small_city.City, tmp_path: Path, file_format: str
) -> None:
    _, every = _export(city, city.everything, file_format, tmp_path)
    _, some = _export(city, city.partial, file_format, tmp_path)
    _, none = _export(city, "unknown", file_format, tmp_path)
    assert every > some > none == 0


def test_a_geopackage_is_in_the_legal_system_with_codes(
    city: small_city.City, tmp_path: Path
) -> None:
    path, count = _export(city, city.everything, "gpkg", tmp_path)
    frame = geopandas.read_file(path)
    assert frame.crs.to_epsg() == STORAGE_SRID
    assert len(frame) == count
    assert {"place_id", "code", "name"} <= set(frame.columns)


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
