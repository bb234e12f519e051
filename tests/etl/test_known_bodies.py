"""What a list says of bodies that the directory knows is filled in or told."""

from pathlib import Path

from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from gis.db import Database, Role
from tests.conftest import Operator

NEW_CODE, OTHER_CODE, KNOWN_CODE = "91350211M000100Y43", "91350211M000100Y50", "11320400MB1234567X"
DIRECTORY = f"""单位名称,统一社会信用代码,机构类型
甲局,,机关本级
乙局,{KNOWN_CODE},机关本级
"""
LEDGER = f"""编号,名称,地址,使用单位,统一社会信用代码,类别,编制人数,建筑面积（m²）,变更日期
A-1,甲院,甲路1号,甲局,{NEW_CODE},机关本级,30,1000,2026-03-01
A-2,丙院,丙路3号,甲局,{NEW_CODE},机关本级,40,900,
A-3,丁院,丁路4号,甲局,{NEW_CODE},机关本级,0,800,
A-4,戊院,戊路5号,乙局,{OTHER_CODE},派出机构,10,700,
"""


def _load(city: Database, operator: Operator, path: Path, words: str) -> LoadResult:
    path.write_text(words, "utf-8")
    return load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))


def test_a_code_is_filled_and_other_codes_types_and_figures_are_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "bodies.csv", DIRECTORY)
    result = _load(city, operator, tmp_path / "a.csv", LEDGER)
    assert result.inserted == 4
    with city.engine(Role.OWNER).connect() as conn:
        codes = conn.execute(
            text("SELECT name, credit_code FROM organization.organization ORDER BY name")
        ).all()
        told = conn.execute(
            text(
                "SELECT row_number, column_header, rule, original, suggestion"
                " FROM staging.issue WHERE load_id = :id AND rule IN ('unit.other_code',"
                " 'unit.other_type', 'headcount.differs', 'column.not_kept.no_origin')"
                " ORDER BY row_number, column_number"
            ),
            {"id": result.load_id},
        ).all()
        people = conn.execute(
            text("SELECT people FROM organization.headcount ORDER BY people")
        ).scalars()
        assert list(people) == [10, 30]
    assert {tuple(one) for one in codes} == {("甲局", NEW_CODE), ("乙局", KNOWN_CODE)}
    assert [tuple(one)[:3] for one in told] == [
        (0, "变更日期", "column.not_kept.no_origin"),
        (3, "编制人数", "headcount.differs"),
        (5, "统一社会信用代码", "unit.other_code"),
        (5, "类别", "unit.other_type"),
    ]
    assert [tuple(one)[3:] for one in told[1:3]] == [("40", "30"), (OTHER_CODE, KNOWN_CODE)]
    assert _load(city, operator, tmp_path / "a.csv", LEDGER).unchanged == 4
