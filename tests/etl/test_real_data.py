"""Real files, unedited: what others publish loads as it comes."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role
from tests.conftest import Operator

# The launcher may run a copy of the checkout, which has no neighbours.
CHECKOUT = Path(os.environ.get("ONEMAP_CHECKOUT", Path(__file__).parents[2]))  # noqa: TID251
SHARED = CHECKOUT.parent / "shared" / "data"
BUILDINGS = SHARED / "gsa_iolp" / "2025-6-20-iolp-buildings.xlsx"
LEASES = SHARED / "gsa_iolp" / "2025-6-20-iolp-leases.xlsx"
TILES = SHARED / "osm_shanghai_wuhan_tiles"
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
