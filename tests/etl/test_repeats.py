"""Rows of one sheet that say a thing again, or say otherwise of what may be the same thing."""

from pathlib import Path

from sqlalchemy import text

from etl.load import LoadResult, load_file
from gis.db import Database, Role
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
