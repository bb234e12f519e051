"""Rows that a file marks as state secrets: stubs, never more, and for good."""

from pathlib import Path

import openpyxl
from handed_in import register_state
from sqlalchemy import text

from assets.registry import METADATA
from etl.load import LoadOptions, LoadResult, check_file, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from gis.history import add_history_tables
from tests.conftest import Operator

HEADERS = ["楼栋编号", "名称", "地址坐落", "行政区划代码", "建筑面积（m²）", "使用单位", "经度",
           "纬度", "坐标系", "备注"]  # fmt: skip
OPEN = [
    "D01",
    "财政局办公楼",
    "天宁区甲路1号",
    "320402",
    1000,
    "财政局",
    119.97,
    31.78,
    "CGCS2000",
    None,
]
SECRET = [
    "DX-7702",
    "听风楼",
    "天宁区暗巷7号",
    "320402001",
    2500.5,
    "静默所",
    119.98,
    31.79,
    "CGCS2000",
    "勿外传",
]
TELLING = ("听风楼", "暗巷", "DX-7702", "静默所", "勿外传", "119.98", "31.79", "回声室")


def _file(path: Path, *rows: list[object], secrecy: str | None = "密级") -> Path:
    book = openpyxl.Workbook()
    book.active.append([*HEADERS, secrecy] if secrecy else HEADERS)
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def _load(city: Database, operator: Operator, path: Path, profile: str = "building") -> LoadResult:
    return load_file(city, path, token=operator.token,
                     options=LoadOptions(any_area=True, profile=profile))  # fmt: skip


def _told(city: Database) -> list[tuple[str, str]]:
    """Rows of any table of places, holdings, history, staging that hold a telling text."""
    add_history_tables(METADATA)
    found = []
    with city.engine(Role.OWNER).connect() as conn:
        for table in METADATA.sorted_tables:
            if "organization" in table.fullname or "admin_area" in table.fullname:
                continue
            rows = conn.execute(text(f"SELECT t::text FROM {table.fullname} AS t")).scalars()
            found += [(table.fullname, row) for row in rows for one in TELLING if one in row]
    return found


def _one(city: Database, query: str) -> tuple[object, ...]:
    with city.engine(Role.OWNER).connect() as conn:
        return tuple(conn.execute(text(query)).one())


STUB = (
    "SELECT p.kind, p.admin_area_code, m.area_m2::text, p.code ~ '^320402-D0*[0-9]+$'"
    " FROM place.place AS p JOIN place.area_measure AS m USING (place_id) WHERE security_class = 3"
)


def test_a_secret_row_becomes_a_stub_and_its_words_are_kept_nowhere(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _file(tmp_path / "a.xlsx", [*OPEN, "公开"], [*SECRET, "机密"])
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected, result.waiting) == (2, 0, 0)
    assert _one(city, STUB) == ("building", "320402", "2500.50", True)
    assert _told(city) == []
    assert _one(city, "SELECT count(*), bool_and(original IS NULL) FROM staging.issue"
                      " WHERE rule = 'secret.stub'") == (1, True)  # fmt: skip


def test_a_second_load_knows_its_stubs_and_an_undo_takes_them_back(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(city)
    twice = [*SECRET[:2], "天宁区暗巷9号", *SECRET[3:], "涉密"]
    twice[0] = "D03"
    path = _file(tmp_path / "a.xlsx", [*OPEN, "公开"], [*SECRET, "机密"], twice)
    first = _load(city, operator, path)
    state = register_state(city)
    again = _load(city, operator, path)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 3)
    assert register_state(city) == state
    undo_load(city, first.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_a_census_that_says_so_makes_a_stub_of_an_open_place_and_no_undo_brings_it_back(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = _load(city, operator, _file(tmp_path / "a.xlsx", OPEN, SECRET, secrecy=None))
    assert _told(city) != []
    second = _load(city, operator, _file(tmp_path / "b.xlsx", [*OPEN, ""], [*SECRET, "涉密"]))
    assert _told(city) == []
    stub = _one(city, STUB)
    for load in (second, first):
        undo_load(city, load.load_id or 0, token=operator.token)
        assert _one(city, STUB) == stub
        assert _told(city) == []
    assert _one(city, "SELECT count(*) FROM place.place") == (1,)


def test_rooms_of_a_secret_building_are_stubs_whatever_their_sheet_says(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(_file(tmp_path / "a.xlsx", [*OPEN, "公开"], [*SECRET, "机密"]))
    book.active.title = "楼栋"
    sheet = book.create_sheet("房间")
    sheet.append(["房间编号", "楼栋编号", "房间号", "房间名称", "使用面积"])
    sheet.append(["R1", "DX-7702", "301", "回声室", 55])
    sheet.append(["R2", "D01", "101", "会议室", 66])
    book.save(tmp_path / "b.xlsx")
    result = load_file(city, tmp_path / "b.xlsx", token=operator.token,
                       options=LoadOptions(any_area=True))  # fmt: skip
    assert result.inserted == 4
    assert _told(city) == []
    assert _one(city, "SELECT p.security_class, above.security_class, p.name FROM place.place AS p"
                      " JOIN place.place AS above ON above.place_id = p.parent_id"
                      " WHERE p.kind = 'room' ORDER BY 1 DESC LIMIT 1") == (3, 3, None)  # fmt: skip


def test_a_secret_part_of_an_open_place_leaves_it_and_its_area_stays_counted_there(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, _file(tmp_path / "a.xlsx", OPEN, secrecy=None))
    book = openpyxl.Workbook()
    book.active.append(
        ["房间编号", "楼栋编号", "房间号", "房间名称", "建筑面积", "使用面积", "涉密"]
    )
    book.active.append(["R1", "D01", "301", "回声室", 55, 40, "是"])
    book.save(tmp_path / "r.xlsx")
    for outcome in ((1, 0), (0, 1)):
        result = _load(city, operator, tmp_path / "r.xlsx", profile="room")
        assert (result.inserted, result.unchanged) == outcome
    assert _told(city) == []
    assert _one(city, "SELECT p.parent_id, array_agg(area_kind || area_m2) FROM place.place AS p"
                      " JOIN place.area_measure USING (place_id) WHERE security_class = 3"
                      " GROUP BY 1") == (None, ["usable40.00"])  # fmt: skip


def test_a_word_for_secrecy_that_nobody_knows_keeps_the_row_out_unquoted(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _file(tmp_path / "a.xlsx", [*OPEN, "公开"], [*SECRET, "三级甲"])
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected) == (1, 1)
    assert _told(city) == []
    _result, issues = check_file(city, path, token=operator.token)
    assert "secret.unclear" in set(issues["rule"])
    assert not issues.astype(str).apply(lambda column: column.str.contains("暗巷|听风")).any().any()
