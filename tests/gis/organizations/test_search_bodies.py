"""Bodies are found by whatever people call them, and their texts follow the directory."""

from datetime import date

import pytest
from makers import make_area, make_organization
from sqlalchemy import Connection, text

from gis.organizations.search import refresh_body_texts, search_bodies


@pytest.fixture
def directory(conn: Connection) -> Connection:
    make_area(conn, "320402", name="天宁区")
    bureau = make_organization(conn, "JG-01", name="常州市财政局", short_name="市财政局",
                               credit_code="11320400014110352X")  # fmt: skip
    make_organization(conn, "JG-02", name="天宁区财政局", parent_id=bureau,
                      admin_area_code="320402")  # fmt: skip
    moved = make_organization(conn, "JG-03", name="常州市文化广电和旅游局")
    conn.execute(
        text(
            "INSERT INTO organization.organization_name (organization_id, name, kind, valid_to)"
            " VALUES (:body, '常州市文化局', 'official', '2018-01-01')"
        ),
        {"body": moved},
    )
    refresh_body_texts(conn)
    return conn


@pytest.mark.parametrize(
    ("typed", "codes", "matched"),
    [
        ("常州市财政局", ["JG-01"], "name"),
        ("市财政局", ["JG-01"], "name"),
        ("财政", ["JG-02", "JG-01"], "name"),
        ("天宁区 财政局", ["JG-02"], "name"),
        ("常州市文化局", ["JG-03"], "former_name"),
        ("czsczj", ["JG-01"], "pinyin"),
        ("czj", ["JG-02", "JG-01"], "pinyin"),
        ("11320400014110352x", ["JG-01"], "code"),
        ("jg-03", ["JG-03"], "code"),
        ("教育局", [], ""),
        ("——", [], ""),
        ("", [], ""),
    ],
)
def test_a_body_is_found_by_what_people_type(
    directory: Connection, typed: str, codes: list[str], matched: str
) -> None:
    hits = search_bodies(directory, typed, 10)
    assert sorted(hit.code for hit in hits) == sorted(codes)
    if matched:
        assert hits[0].matched == matched


def test_a_hit_says_under_whom_and_where(directory: Connection) -> None:
    (hit,) = search_bodies(directory, "天宁区财政局", 10)
    assert (hit.superior_name, hit.admin_area_name) == ("常州市财政局", "天宁区")


def test_bodies_of_a_day_are_those_that_existed(directory: Connection) -> None:
    directory.execute(
        text("UPDATE organization.organization SET valid_to = '2020-01-01' WHERE code = 'JG-02'")
    )
    for day, codes in (
        (None, ["JG-01", "JG-02"]),
        (date(2019, 12, 31), ["JG-01", "JG-02"]),
        (date(2020, 1, 1), ["JG-01"]),
    ):
        hits = search_bodies(directory, "财政局", 10, day)
        assert sorted(hit.code for hit in hits) == codes


def test_a_renamed_body_is_found_by_its_new_name_only(directory: Connection) -> None:
    directory.execute(
        text("UPDATE organization.organization SET name = '常州市审计局' WHERE code = 'JG-02'")
    )
    refresh_body_texts(directory)
    assert [hit.code for hit in search_bodies(directory, "审计", 10)] == ["JG-02"]
    assert [hit.code for hit in search_bodies(directory, "czssjj", 10)] == ["JG-02"]
    assert search_bodies(directory, "天宁区", 10) == []
    assert search_bodies(directory, "tnqczj", 10) == []


def test_refreshing_what_has_not_changed_writes_nothing(directory: Connection) -> None:
    before = directory.execute(text("SELECT ctid::text FROM organization.body_text")).all()
    refresh_body_texts(directory)
    assert directory.execute(text("SELECT ctid::text FROM organization.body_text")).all() == before
