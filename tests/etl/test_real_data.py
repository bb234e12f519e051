"""Real files, unedited: what others publish loads as it comes."""

import os
from pathlib import Path

import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection, text

from etl.admin_areas import packaged_city, save_areas
from etl.area_files import areas_from_file
from etl.load import LoadOptions, load_file
from etl.read import read_source
from etl.read.geographic import geometries
from gis.db import Database, Role
from gis.errors import SourceError
from gis.i18n import explain
from tests.conftest import Operator

# The launcher may run a copy of the checkout, which has no neighbours.
CHECKOUT = Path(os.environ.get("ONEMAP_CHECKOUT", Path(__file__).parents[2]))  # noqa: TID251
SHARED = CHECKOUT.parent / "shared" / "data"
BUILDINGS = SHARED / "gsa_iolp" / "2025-6-20-iolp-buildings.xlsx"
LEASES = SHARED / "gsa_iolp" / "2025-6-20-iolp-leases.xlsx"
TILES = SHARED / "osm_shanghai_wuhan_tiles"
LIECHTENSTEIN = SHARED / "osm_liechtenstein" / "apidb-test-data.osm.pbf"
SINGAPORE = SHARED / "singapore_hdb" / "HDBPropertyInformation.csv"
DIVISIONS = SHARED / "china_division_codes"
CONFORMANCE = SHARED / "conformance"
# The note beside them says that these do not open as vector: pictures, or nothing at all.
WITHOUT_LAYERS = {"elevation.gpkg", "empty.gpkg", "emp ty.gpkg", "uint16.gpkg"}
ANYWHERE = LoadOptions(any_area=True)

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the real files are not here")


def test_federal_buildings_load_in_square_metres_and_their_leases_wait(
    own_database: Database, operator: Operator
) -> None:
    buildings = load_file(own_database, BUILDINGS, token=operator.token, options=ANYWHERE)
    assert (buildings.rows, buildings.inserted) == (8645, 8645)
    leases = load_file(own_database, LEASES, token=operator.token, options=ANYWHERE)
    assert (leases.rows, leases.waiting) == (7512, 7512)
    with own_database.engine(Role.OWNER).connect() as conn:
        area = conn.execute(
            text(
                "SELECT area_m2 FROM place.area_measure JOIN place.place USING (place_id)"
                " WHERE code = 'GA2338'"
            )
        ).scalar_one()
        located = conn.execute(
            text("SELECT count(*) FROM place.place WHERE anchor IS NOT NULL")
        ).scalar_one()
        held = conn.execute(
            text("SELECT cells->>'Lease Number' FROM staging.held_row WHERE row_number = 2")
        ).scalar_one()
    assert f"{area}" == "1657.76"  # 17,844 square feet
    assert located == 8645
    assert held == "LPA00132"


@pytest.mark.parametrize("name", ["shangHai_buildings.geojson", "buildSet_buildings.geojson"])
def test_footprints_cut_by_tiles_are_joined_by_their_number(
    own_database: Database, operator: Operator, name: str
) -> None:
    first = load_file(own_database, TILES / name, token=operator.token, options=ANYWHERE)
    assert first.inserted + first.waiting == first.rows
    with own_database.engine(Role.OWNER).connect() as conn:
        numbers, places = conn.execute(
            text(
                "SELECT count(DISTINCT value), count(DISTINCT place_id) FROM place.identifier"
                " WHERE scheme = 'source'"
            )
        ).one()
    assert numbers == places > 100
    second = load_file(own_database, TILES / name, token=operator.token, options=ANYWHERE)
    assert (second.inserted, second.updated) == (0, 0)
    assert second.unchanged == first.inserted


def test_every_building_of_an_open_street_map_loads(
    own_database: Database, operator: Operator
) -> None:
    first = load_file(own_database, LIECHTENSTEIN, token=operator.token, options=ANYWHERE)
    assert (first.rows, first.inserted + first.rejected) == (18202, 18202)
    assert first.rejected < 20
    second = load_file(own_database, LIECHTENSTEIN, token=operator.token, options=ANYWHERE)
    assert (second.inserted, second.updated) == (0, 0)
    with own_database.engine(Role.OWNER).connect() as conn:
        numbered = conn.execute(
            text("SELECT count(*) FROM place.place WHERE address ~ '[0-9]'")
        ).scalar_one()
        address = conn.execute(
            text("SELECT address FROM place.place WHERE address LIKE 'Städtle %' LIMIT 1")
        ).scalar_one()
    assert numbered > 3000
    assert address.removeprefix("Städtle ")[0].isdigit()


def test_every_block_of_a_city_waits_to_be_located_with_its_units_counted(
    own_database: Database, operator: Operator
) -> None:
    first = load_file(own_database, SINGAPORE, token=operator.token, options=ANYWHERE)
    assert (first.rows, first.inserted) == (12826, 12826)
    with own_database.engine(Role.OWNER).connect() as conn:
        blocks, located, units = conn.execute(
            text(
                "SELECT count(*), count(anchor), sum(housing_unit_count)"
                " FROM place.place JOIN place.building USING (place_id)"
            )
        ).one()
        address = conn.execute(
            text("SELECT address FROM place.place WHERE address LIKE '% BEACH RD' ORDER BY 1")
        ).scalar()
    assert (blocks, located, units) == (12826, 0, 1_131_394)
    assert address == "1 BEACH RD"
    second = load_file(own_database, SINGAPORE, token=operator.token, options=ANYWHERE)
    assert (second.inserted, second.updated, second.unchanged) == (0, 0, 12826)


def test_the_national_codes_load_as_areas_down_to_the_village(conn: Connection) -> None:
    save_areas(conn, packaged_city("320400"))
    towns = areas_from_file(DIVISIONS / "streets.csv", source="国家统计局", within="320400")
    assert save_areas(conn, towns) == 67
    villages = DIVISIONS / "villages_changzhou_3204.csv"
    assert save_areas(conn, areas_from_file(villages, source="国家统计局")) == 1049
    country = [
        area
        for name in ("provinces.csv", "cities.csv", "areas.csv")
        for area in areas_from_file(DIVISIONS / name, source="国家统计局")
    ]
    assert {area.level for area in country} == {"province", "city", "district"}
    codes = {area.code for area in country}
    assert all(area.parent_code is None or area.parent_code in codes for area in country)


@pytest.mark.parametrize(
    "name",
    sorted(path.name for path in CONFORMANCE.glob("gpkg_ets12/*.gpkg")) or ["none"],
)
def test_a_package_of_the_conformance_suite_reads_or_fails_with_a_sentence(name: str) -> None:
    path = CONFORMANCE / "gpkg_ets12" / name
    if name in WITHOUT_LAYERS:
        with pytest.raises(SourceError) as refused:
            read_source(path)
        assert refused.value.key == "load.no_layer"
        assert name in explain("zh", refused.value)
        return
    source = read_source(path)
    assert sum(len(layer.attributes) for layer in source.layers) > 0
    for layer in source.layers:
        found = geometries(layer.wkb)
        assert (shapely.is_missing(found) == pd.isna(layer.wkb)).all()


def test_the_fixtures_of_the_reading_library_read() -> None:
    folder = CONFORMANCE / "pyogrio_fixtures"
    files = [
        *folder.glob("*.gpkg"), *folder.glob("*.osm.pbf"), *folder.glob("*/*.shp"),
    ]  # fmt: skip
    assert len(files) == 7
    shapes = {file.name: read_source(file).layers[0] for file in files}
    assert len(shapes["naturalearth_lowres.shp"].attributes) == 177
    assert geometries(shapes["line_zm.gpkg"].wkb)[0].has_z
    kinds = {geometries(shapes[f"{name}.gpkg"].wkb)[0].geom_type
             for name in ("curve", "curvepolygon", "multisurface")}  # fmt: skip
    assert kinds == {"LineString", "Polygon", "MultiPolygon"}
    for name in ("list_field_values_file.parquet", "list_nested_struct_file.parquet"):
        with pytest.raises(SourceError) as refused:
            read_source(folder / name)
        assert refused.value.key == "load.unknown_format"
