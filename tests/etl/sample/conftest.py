from pathlib import Path

import pytest

from etl.sample.city import City, build_city
from etl.sample.quantities import SEED
from etl.sample.write import SampleSummary, write_city


@pytest.fixture(scope="session")
def city() -> City:
    """The city of scale one, as objects."""
    return build_city(1.0, SEED, lambda _key, _share: None)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    """The files of scale one."""
    return write_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="session")
def folder(written: SampleSummary) -> Path:
    return Path(written.directory)
