"""A row that does not say which thing it means waits; one that does is found without a number."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from handed_in import hand_in, hand_in_twice, register_state
from sqlalchemy import text

from etl.clean.levels import level_of
from etl.load import LoadOptions, load_file
from gis.db import Database, Role
from gis.i18n import LANGUAGES, translate
from tests.conftest import Operator

_BUILDINGS = "楼栋编号,楼栋名称,地址,建筑面积\nD1,一号楼,甲路1号,100\nD2,二号楼,乙路2号,100\n"


def _rejected(city: Database, load_id: int | None, rule: str) -> list[int]:
    with city.engine(Role.OWNER).connect() as conn:
        return list(
            conn.execute(
                text(
                    "SELECT row_number FROM staging.issue WHERE load_id = :id AND rule = :rule"
                    " AND severity = 'reject' ORDER BY 1"
                ),
                {"id": load_id, "rule": rule},
            ).scalars()
        )


def test_a_property_without_number_name_and_address_waits_and_the_rest_loads(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    written = (
        "资产编号,房产名称,地址坐落,总建筑面积（m²）,使用单位\n"
        ",,,1000,财政局\n,,甲路9号,800,税务局\n,车库,,50,\n,车库,,60,\nP7,,,70,\n,,,30,\n"
    )
    first, second = hand_in_twice(city, operator, tmp_path / "p.csv", written)
    assert (first.inserted, first.rejected) == (4, 2)
    assert _rejected(city, first.load_id, "row.nameless") == [2, 7]
    # Two garages that bear one name, and nothing else: which is which, a person says.
    assert (second.unchanged, second.waiting, second.rejected) == (2, 2, 2)
    for language in LANGUAGES:
        assert translate(language, "row.nameless") != "row.nameless"


def test_a_row_with_no_more_than_a_card_or_a_certificate_is_found_again(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    written = (
        "序号,资产卡片编号,房屋所有权证号,地址坐落,总建筑面积（m²）,使用单位\n"
        "1,K1,,,1000,财政局\n2,,常房权证字第123号,,900,税务局\n"
    )
    first, second = hand_in_twice(city, operator, tmp_path / "c.csv", written)
    assert (first.inserted, first.rejected) == (2, 0)
    assert (second.unchanged, second.waiting) == (1, 1)


def test_rooms_without_a_number_of_their_own_are_told_by_their_number_in_the_building(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "b.csv", _BUILDINGS)
    written = (
        "房间号,楼栋编号,楼层名称,房间名称,使用面积\n"
        "101,D1,1F,,20\n101,D1,2F,,21\n101,D2,1F,,22\n,D1,1F,档案室,23\n,D2,1F,,24\n"
    )
    first, second = hand_in_twice(city, operator, tmp_path / "r.csv", written)
    assert (first.inserted, first.rejected, first.waiting) == (4, 1, 0)
    assert _rejected(city, first.load_id, "row.nameless") == [6]
    assert (second.unchanged, second.rejected) == (4, 1)
    corrected = hand_in(city, operator, tmp_path / "s.csv", written.replace("1F,,20", "1F,,25"))
    assert (corrected.updated, corrected.unchanged) == (1, 3)


def test_a_room_number_that_a_list_gives_twice_waits_with_the_earlier_row_beside_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "b.csv", _BUILDINGS)
    written = "房间号,楼栋编号,使用面积\n101,D1,20\n101,D1,30\n101,D1,20\n"
    first, second = hand_in_twice(city, operator, tmp_path / "r.csv", written)
    assert (first.inserted, first.waiting) == (1, 2)
    assert (second.unchanged, second.waiting) == (1, 2)


def test_floors_sections_and_dwellings_without_a_number_are_found_again(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "b.csv", _BUILDINGS)
    floors = "楼栋编号,楼层名称,层号\nD1,2F,2\nD1,3F,\nD2,地下一层,\nD2,夹层,\n"
    first, second = hand_in_twice(city, operator, tmp_path / "f.csv", floors)
    assert (first.inserted, first.rejected, second.unchanged) == (3, 1, 3)
    assert _rejected(city, first.load_id, "required.missing") == [5]
    sections = "楼栋编号,单元名称,单元户数\nD1,甲单元,2\nD1,乙单元,3\n"
    first, second = hand_in_twice(city, operator, tmp_path / "s.csv", sections)
    assert (first.inserted, second.unchanged) == (2, 2)
    dwellings = "户号,楼栋编号,单元,套内面积\n101,D1,甲单元,50\n101,D1,乙单元,51\n,D1,甲单元,52\n"
    first, second = hand_in_twice(city, operator, tmp_path / "h.csv", dwellings)
    assert (first.inserted, first.rejected, second.unchanged) == (2, 1, 2)


def test_buildings_of_one_site_are_told_by_their_names_there(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "y.csv", "院落编号,院落名称,用地面积\nS1,甲院,2000\n")
    written = (
        "楼栋编号,楼栋名称,院落编号,地址,建筑面积\n,三号楼,S1,,50\n,,S1,丙路3号,60\n,,S1,,70\n"
    )
    first, second = hand_in_twice(city, operator, tmp_path / "b.csv", written)
    assert (first.inserted, first.rejected) == (2, 1)
    assert (second.unchanged, second.rejected) == (2, 1)


def test_footprints_that_are_nothing_but_outlines_are_known_by_them(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "f.gpkg"
    shapes = [shapely.box(119.9 + n / 100, 31.8, 119.9005 + n / 100, 31.8005) for n in range(3)]
    columns = {"楼栋名称": [None, None, "三号楼"], "层数": [3, 4, 5]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path, layer="建筑")
    options = LoadOptions(any_area=True)
    first = load_file(city, path, token=operator.token, options=options)
    before = register_state(city)
    second = load_file(city, path, token=operator.token, options=options)
    assert (first.inserted, first.rejected) == (3, 0)
    assert second.unchanged == 3
    assert register_state(city) == before


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("1F", 1), ("12层", 12), ("三层", 3), ("第三层", 3), ("十二楼", 12), ("B2", -2),
        ("地下一层", -1), ("负2层", -2), ("-1", -1), ("F3", 3), ("地上2层", 2), ("夹层", None),
        ("0层", None), ("B座", None), ("1.5层", None), ("1-3层", None), (None, None),
    ],
)  # fmt: skip
def test_the_name_of_a_floor_says_its_level_or_nothing(
    label: str | None, level: int | None
) -> None:
    assert level_of(label) == level
