from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from everybody import Everybody, everybody

from gis.db import Database
from tests.webmap.toughness.sender import Sender


@pytest.fixture(scope="module")
def all_of_them(
    make_database: Callable[[str], Database],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Everybody]:
    """Each file's own, for each spoils it."""
    name = f"onemap_{request.module.__name__.rpartition('.')[2]}"
    with everybody(make_database, name, Path(tmp_path_factory.mktemp("state"))) as made:
        yield made


@pytest.fixture(scope="module")
def sender(all_of_them: Everybody) -> Sender:
    return Sender(all_of_them)
