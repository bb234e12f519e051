"""A new outline is compared with the buildings already on the map, not only with its own sheet."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import Operator
from handed_in import footprints, open_account
from makers import make_organization

from etl.load import LoadOptions, check_file, load_file
from gis.db import Database, Role, transaction
from gis.rights.actions import Grant

KNOWN = (119.9, 31.8, 119.9005, 31.8005)


def drawn(path: Path, *boxes: tuple[float, float, float, float], first: int = 100) -> Path:
    rows = {"要素编号": [f"D{first + n:04d}" for n in range(len(boxes))]}
    shapes = [shapely.box(*box) for box in boxes]
    gpd.GeoDataFrame(rows, geometry=shapes, crs=4490).to_file(path, layer="建筑")
    return path


def overlaps(city: Database, token: str, path: Path) -> pd.DataFrame:
    _result, issues = check_file(city, path, token=token, options=LoadOptions(any_area=True))
    return issues[issues["rule"] == "geometry.overlaps_known"]


@pytest.fixture
def mapped(city: Database, operator: Operator, tmp_path: Path) -> Database:
    path = footprints(tmp_path / "known.gpkg", 3)
    load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))
    return city


def test_a_building_that_juts_into_one_on_the_map_loads_and_is_listed_with_the_other(
    mapped: Database, operator: Operator, tmp_path: Path
) -> None:
    west, south, east, north = KNOWN
    path = drawn(
        tmp_path / "new.gpkg",
        (west, south, west + 0.0002, north),  # two fifths of it
        (west - 0.0004, south, west - 0.0001, north),  # beside it
        (west + 0.0004, south, east + 0.0004, north),  # a fifth of it
    )
    found = overlaps(mapped, operator.token, path)
    assert found[["row", "suggestion", "severity"]].to_numpy().tolist() == [
        [1, "D0000", "warn"], [3, "D0000", "warn"],
    ]  # fmt: skip
    loaded = load_file(mapped, path, token=operator.token, options=LoadOptions(any_area=True))
    assert (loaded.inserted, loaded.issues) == (3, len(found))


def test_a_sliver_is_no_overlap(mapped: Database, operator: Operator, tmp_path: Path) -> None:
    west, south, _east, north = KNOWN
    path = drawn(tmp_path / "new.gpkg", (west - 0.0005, south, west + 0.000005, north))
    assert overlaps(mapped, operator.token, path).empty


def test_a_building_is_not_compared_with_itself(
    mapped: Database, operator: Operator, tmp_path: Path
) -> None:
    west, south, east, north = KNOWN
    path = drawn(tmp_path / "moved.gpkg", (west, south, east + 0.00005, north), first=0)
    assert overlaps(mapped, operator.token, path).empty


def test_what_an_account_may_not_see_is_not_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    with transaction(city.engine(Role.OWNER), None) as conn:
        make_organization(conn, "甲局")
        second = make_organization(conn, "乙局")
    options = LoadOptions(any_area=True)
    known = footprints(tmp_path / "known.gpkg", 1, 使用单位=["甲局"])
    load_file(city, known, token=operator.token, options=options)
    new = footprints(tmp_path / "new.gpkg", 1, 要素编号=["D9"], 使用单位=["乙局"])
    result, _issues = check_file(city, new, token=operator.token, options=options)
    assert result.waiting == 1
    own = open_account(city, "乙局经办", Grant("clerk", organization_id=second))
    assert overlaps(city, own, new).empty
    assert load_file(city, new, token=own, options=options).inserted == 1
