"""What of an address or a name tells one place from another, whatever short cuts SQL takes."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from etl.merge.wording import folded, numbers, plain, street, without_areas
from gis.db import Database, Role

# Each on what the one before left; where a mark is missing no pattern is tried.
STREET = "0-9路街巷弄"
AREAS = (
    rf"^[^{STREET}]{{1,6}}?(?:省|自治区)",
    rf"^[^{STREET}]{{2,5}}?市",
    rf"^[^{STREET}]{{1,5}}?[^小社园厂库校景片矿林0-9](?:区|县|旗)",
    rf"^[^{STREET}]{{1,6}}?(?:街道|镇|乡)",
)
BARE = f"SELECT {without_areas('t')} FROM unnest(CAST(%(texts)s AS text[])) AS t"
WORDS = ("省", "自治区", "市", "区", "县", "旗", "街道", "镇", "乡", "街", "道", "路", "弄", "小",
         "社", "园", "甲", "江苏", "常州", "天宁", "1", "12", "号", "治", "自")  # fmt: skip


@pytest.fixture(scope="module")
def conn(database: Database) -> Connection:
    with database.engine(Role.OWNER).connect() as connection:
        yield connection


def _by_pattern(address: str) -> str:
    for pattern in AREAS:
        address = re.sub(pattern, "", address, count=1)
    return address


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("江苏省常州市天宁区雕庄街道和平路12号", "和平路12号"),
        ("广西壮族自治区南宁市青秀区民族大道1号", "民族大道1号"),
        ("天宁区和平路12号", "和平路12号"),
        ("和平小区12号", "和平小区12号"),
        ("和平小区天宁区1号", "1号"),
        ("华园小区武进区1号", "1号"),
        ("和平路市场街道1号", "和平路市场街道1号"),
        ("阿拉善左旗巴彦浩特镇1号", "1号"),
        ("路桥区1号", "路桥区1号"),
        ("", ""),
    ],
)
def test_areas_are_taken_off_and_estates_and_streets_stay(
    conn: Connection, address: str, bare: str
) -> None:
    assert conn.exec_driver_sql(BARE, {"texts": [address]}).scalar_one() == bare


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map("".join), min_size=50,
                max_size=400))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_looking_for_marks_first_takes_off_what_the_patterns_would(
    conn: Connection, texts: list[str]
) -> None:
    found = conn.exec_driver_sql(BARE, {"texts": texts}).scalars().all()
    assert dict(zip(texts, found, strict=True)) == {one: _by_pattern(one) for one in texts}


@pytest.mark.parametrize(
    ("sql", "written", "meant"),
    [
        (numbers("t"), "3号楼b座", "3,b"),
        (numbers("t"), "ab座", ""),
        (numbers("t"), "甲楼", "甲"),
        (numbers("t"), "", ""),
        (folded("t"), "第二十三幢", "第23幢"),
        (folded("t"), "一百零五号", "105号"),
        (folded("t"), "和平路", "和平路"),
        (plain("t"), " Ｂ座　１２ 号", "b座12号"),
        (plain("t"), "和平路12号", "和平路12号"),
        (street("t", "''"), "和平-（东）[1]号'\"、·《》", "和平东号"),
    ],
)
def test_a_text_is_folded_and_taken_apart(
    conn: Connection, sql: str, written: str, meant: str
) -> None:
    query = f"SELECT {sql} FROM (SELECT CAST(%(text)s AS text) AS t) AS one"
    assert conn.exec_driver_sql(query, {"text": written}).scalar_one() == meant
