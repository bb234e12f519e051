"""A register that files are loaded into."""

import pytest

from etl.admin_areas import packaged_city, save_areas
from gis.db import Database, Role


@pytest.fixture
def city(own_database: Database) -> Database:
    """A database with the districts of the city."""
    with own_database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    return own_database
