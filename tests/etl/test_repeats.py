"""Rows of one sheet that say a thing again, or say otherwise of what may be the same thing."""

from pathlib import Path

from sqlalchemy import text

from etl.load import LoadResult, load_file
from gis.db import Database, Role
from gis.i18n import translate
from tests.conftest import Operator

HEADER = "序号,地址坐落,行政区划代码,总建筑面积（m²）,使用单位\n"


def _load(city: Database, operator: Operator, path: Path, *rows: str) -> LoadResult:
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), "gb18030")
    return load_file(city, path, token=operator.token)


def _issues(city: Database, result: LoadResult) -> list[tuple[int, str, str]]:
    with city.engine(Role.OWNER).connect() as conn:
        listed = conn.execute(
            text(
                "SELECT row_number, rule, severity FROM staging.issue WHERE load_id = :id"
                " AND rule LIKE 'duplicate.%' ORDER BY 1"
            ),
            {"id": result.load_id},
        )
        return [tuple(row) for row in listed]


def test_a_row_that_says_all_of_an_earlier_one_again_is_rejected(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    same = "甲路1号,320402,1000,财政局"
    result = _load(city, operator, tmp_path / "a.csv", f"1,{same}", "2,乙路2号,320402,900,税务局",
                   f"3,{same}")  # fmt: skip
    assert (result.inserted, result.rejected, result.waiting) == (2, 1, 0)
    assert _issues(city, result) == [(4, "duplicate.address", "reject")]


def test_a_row_with_the_address_of_an_earlier_one_and_other_figures_waits(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    result = _load(
        city, operator, tmp_path / "a.csv",
        "1,甲路1号,320402,1000,财政局", "2,甲路1号,320402,900,税务局",
        "3,甲路1号,320404,900,税务局",
    )  # fmt: skip
    # One address in two districts is two addresses.
    assert (result.inserted, result.rejected, result.waiting) == (2, 0, 1)
    assert _issues(city, result) == [(3, "duplicate.differs", "question")]


def test_the_body_of_a_row_that_waits_is_not_called_one_of_several(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    result = _load(
        city, operator, tmp_path / "a.csv",
        "1,甲路1号,320402,1000,财政局", "2,甲路1号,320402,900,人防办",
    )  # fmt: skip
    with city.engine(Role.OWNER).connect() as conn:
        listed = conn.execute(
            text("SELECT row_number, rule FROM staging.issue WHERE load_id = :id"),
            {"id": result.load_id},
        ).all()
    assert (3, "duplicate.differs") in listed
    assert (3, "unit.ambiguous") not in listed
    assert (3, "unit.unknown") not in listed


def _sentence(city: Database, result: LoadResult, language: str) -> str:
    with city.engine(Role.OWNER).connect() as conn:
        (issue,) = conn.execute(
            text(
                "SELECT rule, params FROM staging.issue WHERE load_id = :id"
                " AND rule LIKE 'duplicate.%'"
            ),
            {"id": result.load_id},
        )
    return translate(language, issue.rule, **issue.params)


def _longitude(city: Database, address: str) -> float:
    with city.engine(Role.OWNER).connect() as conn:
        found: float = conn.execute(
            text("SELECT round(ST_X(anchor)::numeric, 4) FROM place.place WHERE address = :where"),
            {"where": address},
        ).scalar_one()
    return float(found)


COORDINATES = "名称,地址,行政区划代码,经度,纬度,坐标系\n"


def test_two_positions_of_one_address_are_told_with_both_rows_and_mended_in_the_file(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "a.csv", "1,甲路1号,320402,1000,财政局")
    first = "甲楼,甲路1号,320402,119.9701,31.78,CGCS2000"
    second = "甲楼,甲路1号,320402,119.9733,31.78,CGCS2000"
    path = tmp_path / "位置坐标.csv"
    path.write_text(COORDINATES + f"{first}\n{second}\n", "utf-8")
    result = load_file(city, path, token=operator.token)
    assert (result.updated, result.rejected, result.waiting) == (1, 0, 1)
    assert _issues(city, result) == [(3, "duplicate.position", "question")]
    for language, words in (("zh", "删去第 2 行后重新导入"), ("en", "delete row 2 and load again")):
        assert words in _sentence(city, result, language)
    assert _longitude(city, "甲路1号") == 119.9701
    # The clerk found that the second is right.
    path.write_text(COORDINATES + f"{second}\n", "utf-8")
    mended = load_file(city, path, token=operator.token)
    assert (mended.updated, mended.waiting) == (1, 0)
    assert _longitude(city, "甲路1号") == 119.9733


def test_two_projects_of_one_name_are_told_with_both_rows_and_loaded_under_two_names(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    header = "序号,项目名称,审批部门,建设单位,地址坐落,建设规模（m²）,估算投资（万元）\n"
    rows = ["1,示例综合楼,示例发改委,示例财政局,甲路1号,1000,300",
            "2,示例综合楼,示例发改委,示例财政局,甲路1号,2000,500"]  # fmt: skip
    path = tmp_path / "p.csv"
    path.write_text(header + "\n".join(rows) + "\n", "utf-8")
    result = load_file(city, path, token=operator.token)
    assert (result.inserted, result.rejected, result.waiting) == (1, 0, 1)
    assert _issues(city, result) == [(3, "duplicate.record", "question")]
    for language, words in (("zh", "与第 2 行的项目名称"), ("en", "Row 2 has the same project")):
        assert words in _sentence(city, result, language)
    path.write_text(header + f"{rows[0]}\n{rows[1].replace('综合楼', '综合楼二期')}\n", "utf-8")
    mended = load_file(city, path, token=operator.token)
    assert (mended.inserted, mended.unchanged, mended.waiting) == (1, 1, 0)
