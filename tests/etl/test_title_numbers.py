"""A cell without a number where one is known, and places that have several numbers."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Operator
from handed_in import register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from gis.db import Database, Role

FIRST, SECOND = date(2023, 12, 31), date(2024, 12, 31)
HEAD = "院落编号,名称,地址坐落,产权单位,产权证号,发证日期,证载面积\n"
A, B, C = (f"苏(20{at}0)示例不动产权第00{at}0{at}1{at}号" for at in (0, 1, 2))
SLIP = A.replace("第0000010号", "第0000070号")
Cells = list[tuple[Any, ...]]

TITLES = (
    "SELECT t.number, t.owner_name, t.issued_on::text, l.area_m2::integer, t.valid_to"
    " FROM place.title AS t JOIN place.title_place AS l USING (title_id) ORDER BY 1"
)
TOLD = (
    "SELECT column_header, rule, original, suggestion FROM staging.issue"
    " WHERE load_id = :id AND rule LIKE 'title.%' ORDER BY column_number, rule"
)


class Register:
    """A register that lists are loaded into."""

    def __init__(self, city: Database, operator: Operator, folder: Path) -> None:
        self.city, self.operator, self.folder = city, operator, folder

    def load(self, *cells: str, on: date | None = FIRST) -> LoadResult:
        """One place; what each row says after its address."""
        path = self.folder / "properties.csv"
        rows = "".join(f"S1,甲院,甲路1号,{one}\n" for one in cells)
        path.write_text(HEAD + rows, "utf-8")
        options = LoadOptions(any_area=True, profile="site", as_of=on)
        return load_file(self.city, path, token=self.operator.token, options=options)

    def rows(self, query: str, **values: object) -> Cells:
        with self.city.engine(Role.OWNER).connect() as conn:
            return [tuple(row) for row in conn.execute(text(query), values)]

    def told(self, result: LoadResult) -> Cells:
        return self.rows(TOLD, id=result.load_id)

    def has_several(self, other: str = B) -> None:
        """Two numbers, one owner and area each, as two lists of other people brought them."""
        self.load(f"甲局,{A},2000-01-01,100")
        with self.city.engine(Role.OWNER).begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO place.title (number, state, kind, owner_name, issued_on,"
                    " stated_on, rights_cell) SELECT :number, state, kind, '乙局', '2010-01-01',"
                    " stated_on, rights_cell FROM place.title"
                ),
                {"number": other},
            )
            conn.execute(
                text(
                    "INSERT INTO place.title_place (title_id, place_id, share_kind, area_m2,"
                    " rights_cell) SELECT n.title_id, l.place_id, l.share_kind, 50, l.rights_cell"
                    " FROM place.title AS n, place.title_place AS l WHERE n.number = :number"
                ),
                {"number": other},
            )


OF_A = (A, "甲局", "2000-01-01", 100, None)
OF_B = (B, "乙局", "2010-01-01", 50, None)


@pytest.fixture
def register(city: Database, operator: Operator, tmp_path: Path) -> Register:
    return Register(city, operator, tmp_path)


@pytest.mark.parametrize("on", [FIRST, SECOND, None])
def test_what_stands_beside_no_number_where_one_is_known_is_told(
    register: Register, on: date | None
) -> None:
    register.load(f"甲局,{A},2000-01-01,100")
    result = register.load("乙局,无证,2001-01-01,90", on=on)
    assert register.rows(TITLES) == [OF_A]
    assert register.told(result) == [
        ("产权单位", "title.without_number", "乙局", "甲局"),
        ("产权证号", "title.number_known", "无证", A),
        ("发证日期", "title.without_number", "2001-01-01", "2000-01-01"),
        ("证载面积", "title.without_number", "90.00", "100.00"),
    ]


def test_what_agrees_with_the_known_number_is_no_news(register: Register) -> None:
    register.load(f"甲局,{A},2000-01-01,100")
    result = register.load("甲局,办理中,2000-01-01,100", on=SECOND)
    assert [one[1] for one in register.told(result)] == ["title.number_known"]


@pytest.mark.parametrize("on", [FIRST, SECOND])
def test_a_new_number_beside_several_ends_none_of_them(register: Register, on: date) -> None:
    register.has_several()
    result = register.load(f"丙局,{C},2020-01-01,30", on=on)
    assert register.rows(TITLES) == [OF_A, OF_B, (C, "丙局", "2020-01-01", 30, None)]
    assert register.told(result) == [("产权证号", "title.beside", C, f"{A}、{B}")]
    before = register_state(register.city)
    again = register.load(f"丙局,{C},2020-01-01,30", on=on)
    assert (again.unchanged, register.told(again)) == (1, [])
    assert register_state(register.city) == before


def test_a_slip_of_the_pen_is_corrected_and_the_others_stay(register: Register) -> None:
    register.has_several()
    result = register.load(f",{SLIP},,")
    assert register.rows(TITLES) == [(SLIP, *OF_A[1:]), OF_B]
    assert register.told(result) == [("产权证号", "title.replaced", SLIP, A)]


def test_a_later_slip_ends_the_one_it_differs_from(register: Register) -> None:
    register.has_several()
    assert register.told(register.load(f"甲局,{SLIP},,100", on=SECOND)) == []
    ended = (*OF_A[:4], SECOND)
    assert register.rows(TITLES) == [ended, (SLIP, "甲局", None, 100, None), OF_B]


def test_a_number_that_resembles_two_ends_none(register: Register) -> None:
    neighbour = A.replace("第0000010号", "第0000090号")
    register.has_several(neighbour)
    result = register.load(f"丁局,{SLIP},,10")
    assert register.told(result) == [("产权证号", "title.beside", SLIP, f"{A}、{neighbour}")]
    assert len(register.rows(TITLES)) == 3


@pytest.mark.parametrize("between", ["、", "；", ", ", " ", "\n"])
def test_several_numbers_in_one_cell_are_registered_each(register: Register, between: str) -> None:
    row = f'甲局,"{A}{between}{B}",2000-01-01,100'
    result = register.load(row)
    assert register.rows(TITLES) == [OF_A, (B, "甲局", "2000-01-01", None, None)]
    told = "SELECT column_header FROM staging.issue WHERE rule = 'certificate.several'"
    assert register.rows(told) == [("产权证号",)]
    assert register.load(row).unchanged == 1
    assert register.told(result) == []
    # Either is a number of the place: one is corrected, the other stays.
    register.load(f'甲局,"{A}{between}{C}",2000-01-01,100')
    assert [one[0] for one in register.rows(TITLES)] == [A, C]


def test_a_number_with_a_note_behind_it_is_one(register: Register) -> None:
    row = f"甲局,{A} 补发,2000-01-01,100"
    result = register.load(row)
    assert register.rows(TITLES) == [(f"{A}补发", *OF_A[1:])]
    told = "SELECT rule FROM staging.issue WHERE load_id = :id AND rule LIKE 'certificate%'"
    assert register.rows(told, id=result.load_id) == [("certificate.form",)]
    assert register.load(row).unchanged == 1


def test_each_of_several_numbers_of_a_cell_is_checked(register: Register) -> None:
    odd = "第七字档案馆第22号"
    row = f'甲局,"{A}、{odd}",2000-01-01,100'
    result = register.load(row)
    assert {one[0] for one in register.rows(TITLES)} == {A, odd}
    told = "SELECT rule, params FROM staging.issue WHERE load_id = :id AND rule LIKE 'certificate%'"
    assert register.rows(told, id=result.load_id) == [
        ("certificate.several_form", {"numbers": odd})
    ]
    assert register.load(row).unchanged == 1


def test_a_row_under_one_of_several_numbers_of_a_cell_is_asked_about(register: Register) -> None:
    register.load(f"甲局,{A}、{B},2000-01-01,100")
    path = register.folder / "other.csv"
    path.write_text(f"院落编号,名称,地址坐落,产权证号\nS9,档案馆,青洋路8号,{B}、{C}\n", "utf-8")
    options = LoadOptions(any_area=True, profile="site")
    result = load_file(register.city, path, token=register.operator.token, options=options)
    assert result.waiting == 1
    rules = "SELECT rule FROM staging.match_question WHERE load_id = :id"
    assert register.rows(rules, id=result.load_id) == [("match.same_title",)]
