"""An office whose domain is declared by the tests."""

from collections.abc import Callable

import pytest
from declared import Office, prepare_office

from gis.db import Database


@pytest.fixture(scope="module")
def office(make_database: Callable[[str], Database]) -> Office:
    """Shared by the tests of a file: each makes cases of its own."""
    return prepare_office(make_database("onemap_services"))
