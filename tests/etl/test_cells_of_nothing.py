"""Figures and numbers that cannot be, loaded: told, and never kept."""

from pathlib import Path
from typing import Any

from conftest import Operator
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role

SITES = """楼栋编号,楼栋名称,地址坐落,建筑面积,产权证号,土地证号,层数,房间数量
S1,甲院,甲路1号,1000,0,×,-2,-3
S2,乙院,乙路2号,1000,000,常国用(2010)第1号,2,3
S3,丙院,丙路3号,1000,苏(2020)示例不动产权第0000001号,X,2,3
S4,丁院,丁路4号,1000,无证,办理中,2,3
"""


def test_a_nought_is_no_certificate_and_a_count_is_not_below_nought(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(SITES, "utf-8")
    options = LoadOptions(any_area=True, profile="building")
    result = load_file(city, path, token=operator.token, options=options)
    assert result.inserted == 4

    def rows(query: str) -> list[tuple[Any, ...]]:
        with city.engine(Role.OWNER).connect() as conn:
            return [tuple(row) for row in conn.execute(text(query))]

    said = rows("SELECT coalesce(number, state), kind FROM place.title ORDER BY title_id")
    assert sorted(said) == [
        ("none", "house"),
        ("pending", "land"),
        ("常国用(2010)第1号", "land"),
        ("苏(2020)示例不动产权第0000001号", "house"),
    ]
    told = rows(
        "SELECT row_number, column_header, rule FROM staging.issue WHERE rule IN"
        " ('certificate.nothing', 'number.negative') ORDER BY row_number, column_number"
    )
    assert told == [
        (2, "产权证号", "certificate.nothing"),
        (2, "土地证号", "certificate.nothing"),
        (2, "层数", "number.negative"),
        (2, "房间数量", "number.negative"),
        (3, "产权证号", "certificate.nothing"),
        (4, "土地证号", "certificate.nothing"),
    ]
    counts = rows(
        "SELECT floors_above, room_count FROM place.building"
        " JOIN place.place USING (place_id) ORDER BY code"
    )
    assert counts == [(None, None), (2, 3), (2, 3), (2, 3)]
