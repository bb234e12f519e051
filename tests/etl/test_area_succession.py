"""Areas have days and successors: what states an abolished one means what took over."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from handed_in import open_account
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text

from assets.estate.actions import settle_projects
from etl.admin_areas import AdminArea, save_areas, unlisted_formers
from etl.area_files import areas_from_file
from etl.load import LoadOptions, LoadResult, load_file
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import SourceError
from gis.places.area_succession import abolished_areas
from gis.places.districts import settle_districts, undecided_districts
from gis.places.locating import districts_of
from gis.rights.actions import Grant
from tests.conftest import Operator

TABLE = """行政区划代码,名称,启用日期,停用日期,原代码
320405,戚墅堰区,,2015-06-01,
320483,武进市,1995-06-08,2002-04-03,
320412,武进区,2002-04-03,,320483、320405
"""
SPLIT = """code,name,valid_from,valid_to,successor_code
320499,旧城区,,2020-01-01,320402 320404
"""


def _save(conn: Connection, folder: Path, table: str) -> int:
    path = folder / "codes.csv"
    path.write_text(table, "utf-8")
    return save_areas(conn, areas_from_file(path, source="民政部门"))


def _rows(conn: Connection, statement: str) -> list[tuple[Any, ...]]:
    rows = conn.execute(text(statement))
    return [tuple(None if one is None else str(one) for one in row) for row in rows]


AREAS = (
    "SELECT code, valid_from, valid_to FROM place.admin_area"
    " WHERE code IN ('320405', '320412', '320483') ORDER BY code"
)
STEPS = "SELECT from_code, to_code, happened_on FROM place.admin_area_succession ORDER BY 1, 2"


def test_days_and_former_codes_of_a_table_are_written_once(city: Database, tmp_path: Path) -> None:
    with city.engine(Role.OWNER).begin() as conn:
        assert _save(conn, tmp_path, TABLE) == 5
        assert _rows(conn, AREAS) == [
            ("320405", None, "2015-06-01"),
            ("320412", "2002-04-03", None),
            ("320483", "1995-06-08", "2002-04-03"),
        ]
        assert _rows(conn, STEPS) == [
            ("320405", "320412", "2015-06-01"), ("320483", "320412", "2002-04-03"),
        ]  # fmt: skip
        assert _save(conn, tmp_path, TABLE) == 0
        # A table without these columns takes nothing back; one that begins anew revives.
        assert _save(conn, tmp_path, "code,name\n320483,武进市\n") == 0
        assert [one.code for one in abolished_areas(conn)] == ["320405", "320483"]
        _save(conn, tmp_path, "code,name,start_date\n320483,武进市,2024/1/1\n")
        assert [one.code for one in abolished_areas(conn)] == ["320405"]


def test_a_former_code_that_nobody_lists_ends_and_one_that_goes_on_does_not(
    city: Database, tmp_path: Path
) -> None:
    table = (
        "代码,名称,启用日期,原代码\n320412,武进区,2002-04-03,320499\n"
        "320405,新设区,2015-06-01,320412\n"
    )
    with city.engine(Role.OWNER).begin() as conn:
        _save(conn, tmp_path, table)
        found = (
            "SELECT code, name, valid_to FROM place.admin_area WHERE code IN ('320499','320412')"
        )
        assert _rows(conn, f"{found} ORDER BY code") == [
            ("320412", "武进区", None), ("320499", "320499", "2002-04-03"),
        ]  # fmt: skip
        assert [(one.code, one.heirs) for one in abolished_areas(conn)] == [("320499", ["320412"])]


def test_what_took_over_is_found_over_any_number_of_steps_and_in_circles(
    city: Database, tmp_path: Path
) -> None:
    table = (
        "code,name,end_date,successor_code\n1000,甲,2000-01-01,2000\n2000,乙,2005-01-01,320402\n"
        "3000,丙,2000-01-01,4000\n4000,丁,2001-01-01,3000\n"
    )
    with city.engine(Role.OWNER).begin() as conn:
        _save(conn, tmp_path, table)
        found = {one.code: list(one.heirs) for one in abolished_areas(conn)}
    assert found == {"100000": ["320402"], "200000": ["320402"]}


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("code,name,former_code\n320412,武进区,320483\n", "admin_areas.no_day"),
        ("代码,名称,启用日期\n320412,武进区,某日\n", "admin_areas.no_date"),
        ("代码,名称,启用日期,停用日期\n320412,武进区,2002-01-01,2002-01-01\n",
         "admin_areas.ends_before"),
        ("代码,名称,停用日期,新代码\n320483,武进市,2002-01-01,999999\n", "admin_areas.no_parent"),
    ],
)  # fmt: skip
def test_a_table_that_contradicts_itself_is_refused(
    city: Database, tmp_path: Path, table: str, key: str
) -> None:
    with city.engine(Role.OWNER).connect() as conn, pytest.raises(SourceError) as refused:
        _save(conn, tmp_path, table)
    assert refused.value.key == key


LEDGER = """房产编号,名称,地址坐落,行政区划,使用单位,总建筑面积（m²）
A-1,甲馆,甲路1号,320405,文化馆,1000
A-2,乙馆,乙路2号,武进市,文化馆,900
A-3,丙馆,丙路3号,320402,文化馆,800
"""


def _load(city: Database, operator: Operator, path: Path) -> LoadResult:
    options = LoadOptions(any_area=True, datum="CGCS2000")
    return load_file(city, path, token=operator.token, options=options)


def _told(city: Database, load_id: int) -> list[tuple[Any, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        return _rows(
            conn,
            "SELECT rule, severity, row_number, original, suggestion FROM staging.issue"
            f" WHERE load_id = {load_id} AND rule LIKE 'area.%' ORDER BY row_number, rule",
        )


def test_a_row_of_an_abolished_district_counts_in_its_successor(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    with city.engine(Role.OWNER).begin() as conn:
        _save(conn, tmp_path, TABLE)
    path = tmp_path / "a.csv"
    path.write_text(LEDGER, "utf-8")
    result = _load(city, operator, path)
    assert result.inserted == 3
    with city.engine(Role.OWNER).connect() as conn:
        found = "SELECT stated_admin_area_code, admin_area_code FROM place.place ORDER BY code"
        assert _rows(conn, found) == [("320412",) * 2, ("320412",) * 2, ("320402",) * 2]
    assert [(one[0], one[2], one[3], one[4]) for one in _told(city, result.load_id)] == [
        ("area.abolished", "2", "320405", "320412"),
        ("area.abolished", "3", "武进市", "320412"),
    ]
    assert _load(city, operator, path).unchanged == 3


SPLIT_LEDGER = """建筑编号,名称,地址,行政区划代码,经度,纬度,建筑面积
B-1,有位置,甲路1号,320499,119.96,31.78,1000
B-2,无位置,乙路2号,320499,,,900
"""


def test_of_several_successors_the_spot_decides_or_the_row_waits(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    with city.engine(Role.OWNER).begin() as conn:
        _save(conn, tmp_path, SPLIT)
    path = tmp_path / "建筑.csv"
    path.write_text(SPLIT_LEDGER, "utf-8")
    result = _load(city, operator, path)
    assert (result.inserted, result.waiting) == (1, 1)
    rules = [(one[0], one[1], one[2]) for one in _told(city, result.load_id)]
    assert rules == [
        ("area.abolished_several", "warn", "2"),
        ("area.abolished_several", "warn", "3"),
        ("area.which_successor", "question", "3"),
    ]
    with city.engine(Role.OWNER).connect() as conn:
        found = "SELECT admin_area_code, stated_admin_area_code FROM place.place"
        assert _rows(conn, found) == [("320402", None)]


def test_a_cover_that_names_an_abolished_district_means_its_successor(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    with city.engine(Role.OWNER).begin() as conn:
        _save(conn, tmp_path, TABLE)
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active.append(["行政区划代码", "320405"])
    sheet = book.create_sheet("办公用房建设项目")
    sheet.append(["序号", "项目名称", "建设单位", "建设规模（平方米）"])
    sheet.append([1, "某业务用房", "某局", 3000])
    book.save(tmp_path / "survey.xlsx")
    result = _load(city, operator, tmp_path / "survey.xlsx")
    assert result.inserted == 1
    with city.engine(Role.OWNER).connect() as conn:
        found = "SELECT admin_area_code FROM estate.construction_project"
        assert _rows(conn, found) == [("320412",)]
    assert [one[:3] for one in _told(city, result.load_id)] == [("area.abolished", "warn", "0")]


def test_places_grants_bodies_and_projects_follow_when_the_table_comes(
    own_database: Database, operator: Operator, tmp_path: Path
) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        make_area(conn, "320400", level="city")
        for code in ("320402", "320405", "320412"):
            make_area(conn, code, parent_code="320400")
        body = make_organization(conn, "O1", admin_area_code="320405")
        site = make_place(conn, "Y1", admin_area_code="320405", steward_id=body,
                          stated_admin_area_code="320405")  # fmt: skip
        make_place(conn, "D1", "building", parent=(site, "site"), admin_area_code="320405")
        conn.execute(
            text(
                "INSERT INTO estate.construction_project (code, name, admin_area_code, rights_cell)"
                " VALUES ('J1', '某楼', '320405', rights.cell_for(NULL, '320405', 0::smallint))"
            )
        )
    old, new, other = (
        open_account(own_database, name, Grant("viewer", admin_area_code=code))
        for name, code in (("旧", "320405"), ("新", "320412"), ("他", "320402"))
    )

    def seen(token: str) -> tuple[int, ...]:
        with transaction(own_database.engine(Role.WEB), token) as conn:
            return tuple(
                conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in ("place.place", "estate.construction_project")
            )

    assert [seen(token) for token in (old, new, other)] == [(2, 1), (0, 0), (0, 0)]
    with transaction(own_database.engine(Role.LOADER), operator.token) as conn:
        _save(conn, tmp_path, TABLE)
        assert settle_districts(conn) == 1
        assert settle_projects(conn) == 1
        assert undecided_districts(conn) == []
        assert (settle_districts(conn), settle_projects(conn)) == (0, 0)
    with own_database.engine(Role.OWNER).connect() as conn:
        found = "SELECT admin_area_code, stated_admin_area_code FROM place.place ORDER BY place_id"
        assert _rows(conn, found) == [("320412", "320412"), ("320412", None)]
        bodies = "SELECT admin_area_code FROM organization.organization"
        assert _rows(conn, bodies) == [("320412",)]
    assert [seen(token) for token in (old, new, other)] == [(2, 1), (2, 1), (0, 0)]


def test_places_of_a_district_that_was_split_stay_until_they_are_located_and_are_told(
    own_database: Database, operator: Operator, tmp_path: Path
) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        make_area(conn, "320400", level="city")
        for code in ("320402", "320404", "320499"):
            make_area(conn, code, parent_code="320400")
        make_place(conn, "Y1", admin_area_code="320499")
    both = open_account(own_database, "旧", Grant("viewer", admin_area_code="320499"))
    with transaction(own_database.engine(Role.LOADER), operator.token) as conn:
        _save(conn, tmp_path, SPLIT)
        assert settle_districts(conn) == 0
        [left] = undecided_districts(conn)
    assert (left.code, list(left.heirs), left.place_count) == ("320499", ["320402", "320404"], 1)
    with own_database.engine(Role.OWNER).begin() as conn:
        for code in ("320402", "320404"):
            make_place(conn, f"Y{code}", admin_area_code=code)
    with transaction(own_database.engine(Role.WEB), both) as conn:
        assert conn.execute(text("SELECT count(*) FROM place.place")).scalar_one() == 3


def test_a_known_area_in_force_that_the_table_does_not_list_goes_on_and_is_told(
    own_database: Database, operator: Operator, tmp_path: Path
) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        make_area(conn, "320400", level="city")
        make_area(conn, "320412", parent_code="320400")
        make_place(conn, "Y1", admin_area_code="320412")
    path = tmp_path / "change.csv"
    path.write_text("代码,名称,启用日期,原代码\n320405,新设区,2015-06-01,320412\n", "utf-8")
    found = "SELECT p.admin_area_code, a.valid_to FROM place.place AS p JOIN place.admin_area AS a"
    found += " ON a.code = '320412'"
    with transaction(own_database.engine(Role.LOADER), operator.token) as conn:
        areas = areas_from_file(path, source="民政部门")
        save_areas(conn, areas)
        assert settle_districts(conn) == 0
        assert unlisted_formers(conn, areas) == ["320412"]
        assert _rows(conn, found) == [("320412", None)]
        assert save_areas(conn, areas) == 0
        # Listed as going on, nobody need be asked; listed with its end, it ends.
        table = path.read_text("utf-8")
        for line, expected in (("", ("320412", None)), ("2015-06-01", ("320405", "2015-06-01"))):
            path.write_text(
                table.replace("启用日期", "停用日期,启用日期").replace(",2015", ",,2015")
                + f"320412,某区,{line},,\n",
                "utf-8",
            )
            areas = areas_from_file(path, source="民政部门")
            save_areas(conn, areas)
            settle_districts(conn)
            assert unlisted_formers(conn, areas) == []
            assert _rows(conn, found) == [expected]


def test_a_change_that_is_announced_for_a_later_day_moves_nothing_before(
    own_database: Database, operator: Operator, tmp_path: Path
) -> None:
    ground = shapely.box(119, 31, 120, 32)
    later = today() + timedelta(days=400)
    old = AdminArea("320405", "某区", "district", "320400", ground, True, "示例")
    with own_database.engine(Role.OWNER).begin() as conn:
        make_area(conn, "320400", level="city")
        save_areas(conn, [old])
        place_id = make_place(conn, "Y1", anchor=(119.5, 31.5), admin_area_code="320405")
    holder = open_account(own_database, "旧", Grant("viewer", admin_area_code="320405"))
    announced = [
        AdminArea("320405", "某区", "district", "320400", None, True, "示例", valid_to=later),
        AdminArea("320402", "某区", "district", "320400", ground, True, "示例", valid_from=later,
                  former_codes=("320405",)),
    ]  # fmt: skip
    for _ in range(2):
        with transaction(own_database.engine(Role.LOADER), operator.token) as conn:
            save_areas(conn, announced)
            assert (settle_districts(conn), settle_projects(conn)) == (0, 0)
            assert abolished_areas(conn) == []
            # What is put on the map, or names it, until then is in the district of today.
            spot = districts_of(conn, [place_id], [119.5], [31.5], [None])[place_id]
            assert spot.code == "320405"
    path = tmp_path / "建筑.csv"
    path.write_text(
        "建筑编号,名称,地址,行政区划,经度,纬度\nB-1,甲,甲路1号,,119.6,31.6\nB-2,乙,乙路2号,某区,,\n",
        "utf-8",
    )
    result = _load(own_database, operator, path)
    assert (result.inserted, _told(own_database, result.load_id)) == (2, [])
    with transaction(own_database.engine(Role.WEB), holder) as conn:
        seen = _rows(conn, "SELECT code, admin_area_code FROM place.place ORDER BY code")
    assert seen == [("B-1", "320405"), ("B-2", "320405"), ("Y1", "320405")]
