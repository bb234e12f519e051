"""Dwellings and metering points as files of GIS programs: loaded back they change nothing."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from makers import make_place
from small_city import SOUTH, WEST, City, build
from sqlalchemy import Connection, text

from assets.estate.actions import refresh_derived
from etl.export.layers import Export, export_layer, layer_named
from etl.load import check_file, load_file
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.actions import touch


def _kind(conn: Connection, table: str, place_id: int, **values: object) -> None:
    names = ", ".join(values)
    bound = ", ".join(f":{name}" for name in values)
    conn.execute(
        text(
            f"INSERT INTO place.{table} (place_id, rights_cell, {names})"
            f" SELECT place_id, rights_cell, {bound} FROM place.place WHERE place_id = :id"
        ),
        {**values, "id": place_id},
    )


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    """With dwellings and meters: where their building is, at a spot of their own, nowhere."""
    made = build(make_database("onemap_loaded_back"))
    spot = (WEST + 0.05 + 0.001, SOUTH + 0.05 + 0.001)
    building = (made.ids["building 0.0"], "building")
    parts = []
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        common = {"admin_area_code": "320401", "steward_id": made.ids["agency 0"], "name": None}
        for at, anchor in enumerate((None, spot, None)):
            unit = make_place(conn, f"D{at}", "housing_unit", parent=building, anchor=anchor,
                              use_status="idle" if at else None, areas={"gross": 60 + at},
                              **common)  # fmt: skip
            _kind(conn, "housing_unit", unit, number=f"{at}01", tenure="let" if at else None)
            meter = make_place(conn, f"M{at}", "metering_point", parent=building, anchor=anchor,
                               **{**common, "name": f"总表{at}"})  # fmt: skip
            _kind(conn, "metering_point", meter, carrier="electricity", meter_number=f"00{at}7")
            parts += [unit, meter]
        lonely = make_place(conn, "M9", "metering_point", **common)
        _kind(conn, "metering_point", lonely, carrier="water", meter_number="0099")
        conn.execute(
            text(
                "UPDATE place.place AS p SET anchor = up.anchor, located_by = 'ancestor'"
                " FROM place.place AS up WHERE up.place_id = p.parent_id AND p.anchor IS NULL"
                " AND p.place_id = ANY (:parts)"
            ),
            {"parts": parts},
        )
        touch(conn, [*parts, lonely])
        refresh_derived(conn)
    return made


@pytest.mark.parametrize("layer", ["housing", "metering_point"])
@pytest.mark.parametrize("file_format", ["gpkg", "shp", "geojson"])
def test_a_layer_loaded_back_changes_nothing(
    city: City, tmp_path: Path, layer: str, file_format: str
) -> None:
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        export = Export(layer_named(layer), today(), file_format, "zh")
        path, count = export_layer(conn, export, tmp_path)
    changes: list[pd.DataFrame] = []
    result, _issues = check_file(city.database, path, token=city.everything, changes=changes)
    assert (result.unchanged, result.rows) == (count, count), changes[0].to_string()


@pytest.mark.parametrize("file_format", ["gpkg", "geojson"])
def test_a_shape_drawn_by_hand_is_still_drawn_by_hand_when_its_file_comes_back(
    city: City, tmp_path: Path, file_format: str
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        drawn = {"id": city.ids["building 0.0"]}
        conn.execute(
            text("UPDATE place.place SET geom_source = 'drawing' WHERE place_id = :id"), drawn
        )
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        export = Export(layer_named("building"), today(), file_format, "zh")
        path, count = export_layer(conn, export, tmp_path)
    result = load_file(city.database, path, token=city.everything, file=path.name)
    assert result.rows == count
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        source = conn.execute(
            text("SELECT geom_source FROM place.place WHERE place_id = :id"), drawn
        ).scalar_one()
    assert source == "drawing"
