"""Numbers of bodies in a statutory register: several of one body, ended ones, ones that pass on."""

from datetime import date
from pathlib import Path

from handed_in import register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

HEADER = "机构编号,停用日期,机构名称,用能人数,关联单位,关联单位统一社会信用代码\n"


def _load(city: Database, operator: Operator, path: Path, *rows: str) -> LoadResult:
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), "utf-8")
    return load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))


def _numbers(city: Database) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT o.name, r.number, r.valid_from, r.valid_to"
                " FROM organization.organization_register AS r"
                " JOIN organization.organization AS o USING (organization_id)"
                " ORDER BY r.number, r.valid_to NULLS LAST"
            )
        )
        return [tuple(row) for row in rows]


def _issues(city: Database, result: LoadResult) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT row_number, column_header, original, params FROM staging.issue"
                " WHERE load_id = :id AND rule = 'unit.second_number'"
            ),
            {"id": result.load_id},
        )
        return [tuple(row) for row in rows]


def test_a_second_number_of_a_body_is_kept_beside_the_first_and_told_at_its_cell(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "1.csv", "G-1,,文化馆,30,,")
    before = register_state(city)
    second = _load(city, operator, tmp_path / "2.csv", "G-2,,文化馆,30,文化馆,")
    assert _numbers(city) == [("文化馆", "G-1", None, None), ("文化馆", "G-2", None, None)]
    assert _issues(city, second) == [(2, "机构编号", "G-2", {"other": "G-1"})]
    assert (second.updated, second.unchanged) == (1, 0)
    again = _load(city, operator, tmp_path / "2.csv", "G-2,,文化馆,30,文化馆,")
    assert (again.unchanged, _issues(city, again)) == (1, [])
    undo_load(city, second.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_two_numbers_of_a_body_in_one_list_are_both_kept(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "0.csv", "G-0,,图书馆,30,,")
    rows = ("G-1,,图书馆东馆,30,图书馆,", "G-2,,图书馆西馆,9,图书馆,")
    both = _load(city, operator, tmp_path / "1.csv", *rows)
    assert [number for _, number, *_ in _numbers(city)] == ["G-0", "G-1", "G-2"]
    assert {row for row, *_ in _issues(city, both)} == {2, 3}


def test_a_number_that_ended_may_be_given_to_another_body(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "1.csv", "G-1,,文化馆,30,,", "G-2,,图书馆,20,,")
    rows = ("G-1,2025-06-30,文化馆,30,文化馆,", "G-1,,图书馆,20,图书馆,")
    _load(city, operator, tmp_path / "2.csv", *rows)
    ended = date(2025, 6, 30)
    assert _numbers(city) == [
        ("文化馆", "G-1", None, ended),
        ("图书馆", "G-1", ended, None),
        ("图书馆", "G-2", None, None),
    ]
    assert _load(city, operator, tmp_path / "2.csv", *rows).unchanged == 2
