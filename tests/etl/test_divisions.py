"""A column headed 行政区划 has the names of districts, their codes, or both."""

from pathlib import Path

from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role
from tests.conftest import Operator

WORDS = """房产编号,名称,地址坐落,行政区划,使用单位,总建筑面积（m²）
A-1,甲馆,甲路1号,天宁区,文化馆,1000
A-2,乙馆,乙路2号,320404,文化馆,900
A-3,丙馆,丙路3号,江苏省常州市新北区,文化馆,800
A-4,丁馆,丁路4号,乌有区,文化馆,700
A-5,戊馆,戊路5号,999999,文化馆,600
"""


def test_districts_are_found_by_name_and_by_code_and_what_is_neither_is_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(WORDS, "utf-8")
    result = load_file(
        city, tmp_path / "a.csv", token=operator.token, options=LoadOptions(any_area=True)
    )
    assert result.inserted == 5
    with city.engine(Role.OWNER).connect() as conn:
        stated = conn.execute(
            text("SELECT stated_admin_area_code FROM place.place ORDER BY code")
        ).scalars()
        assert list(stated) == ["320402", "320404", "320411", None, None]
        told = conn.execute(
            text(
                "SELECT rule, column_header, original, params FROM staging.issue"
                " WHERE load_id = :id AND column_header = '行政区划' ORDER BY rule"
            ),
            {"id": result.load_id},
        )
        assert [tuple(row) for row in told] == [
            ("area.unknown_code", "行政区划", "999999", None),
            ("column.not_kept.other_name", "行政区划", None, {"count": 1}),
        ]
