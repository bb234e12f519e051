"""A bureau that issues campaigns, fresh or shared."""

from collections.abc import Callable

import pytest
from bureau import Bureau, prepare_bureau

from gis.db import Database


@pytest.fixture(scope="module")
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    """Shared by the tests of a file: each issues campaigns of its own."""
    return prepare_bureau(make_database("onemap_campaign"))


@pytest.fixture
def own_bureau(make_database: Callable[[str], Database]) -> Bureau:
    """For tests that look at everything there is, or change the register."""
    return prepare_bureau(make_database("onemap_own_campaign"))
