"""Search: from the beginning, the middle, by initials, by code, and only what may be seen."""

from datetime import timedelta

import pytest
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text

from assets.estate.actions import Party, record_holding
from assets.estate.model import Extent, HoldingKind
from gis.db import Database, Role, transaction
from gis.places.actions import refresh_derived, touch
from gis.places.search import search
from gis.rights.actions import Grant, ensure_account, open_session


@pytest.fixture
def estate(conn: Connection) -> Connection:
    places = [
        make_place(conn, "320402-Y0001", name="常州市行政中心", anchor=(119.97, 31.81)),
        make_place(conn, "320402-Y0002", name="行政中心２号楼", address="龙城大道 1280 号"),
        make_place(conn, "320402-Y0003", name="财政局办公楼"),
        make_place(conn, "320402-Y0004", name="重庆路仓库"),
    ]
    bureau = make_organization(conn, "bureau", name="常州市文化广电局")
    record_holding(
        conn,
        place_id=places[3],
        kind=HoldingKind.OCCUPIES,
        parties=[Party(bureau)],
        extent=Extent.PART,
    )
    touch(conn, places[:3])
    refresh_derived(conn)
    return conn


@pytest.mark.parametrize(
    ("typed", "codes", "matched"),
    [
        ("常州市行政中心", ["320402-Y0001"], "name"),
        ("行政中心", ["320402-Y0002", "320402-Y0001"], "name"),
        ("中心2号", ["320402-Y0002"], "name"),
        ("政 2号", ["320402-Y0002"], "name"),
        ("czj", ["320402-Y0003"], "pinyin"),
        ("CQL", ["320402-Y0004"], "pinyin"),
        ("320402-y0003", ["320402-Y0003"], "code"),
        ("龙城大道1280", ["320402-Y0002"], "address"),
        ("广电局", ["320402-Y0004"], "holder"),
    ],
)
def test_a_place_is_found_by_what_people_type(
    estate: Connection, typed: str, codes: list[str], matched: str
) -> None:
    hits = search(estate, typed)
    assert [hit.code for hit in hits] == codes
    assert hits[0].matched == matched


def test_a_hit_says_where_it_is(estate: Connection) -> None:
    assert search(estate, "常州市行政中心")[0].anchor == pytest.approx((119.97, 31.81))
    assert search(estate, "财政局")[0].anchor is None


def test_a_part_is_told_by_the_address_it_stands_at(conn: Connection) -> None:
    site = make_place(conn, "Y1", address="龙城大道1280号")
    building = make_place(conn, "D1", "building", name="1号楼", parent=(site, "site"))
    touch(conn, [site, building])
    refresh_derived(conn)
    (hit,) = search(conn, "D1")
    assert (hit.name, hit.address) == ("1号楼", "龙城大道1280号")


@pytest.mark.parametrize("typed", ["", "  ", "没有这个地方", "%", "'; DROP TABLE place.place; --"])
def test_nothing_is_found_for_nonsense(estate: Connection, typed: str) -> None:
    assert search(estate, typed) == []


def test_the_list_is_cut_where_asked(estate: Connection) -> None:
    assert len(search(estate, "320402", limit=2)) == 2


def test_search_shows_only_what_the_account_may_see(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        mine = make_organization(conn, "mine")
        touch(conn, [
            make_place(conn, "A", name="行政中心东楼", steward_id=mine),
            make_place(conn, "B", name="行政中心西楼"),
        ])  # fmt: skip
        refresh_derived(conn)
        account_id = ensure_account(conn, "clerk", [Grant("clerk", mine)])
        token = open_session(conn, account_id, lifetime=timedelta(minutes=5))
    with transaction(own_database.engine(Role.WEB), token) as conn:
        assert [hit.code for hit in search(conn, "政中心")] == ["A"]
        assert [hit.code for hit in search(conn, "xzzx")] == ["A"]
        assert search(conn, "B") == []
        assert conn.execute(text("SELECT count(*) FROM place.search_text")).scalar() == 2
    with transaction(own_database.engine(Role.WEB), None) as conn:
        assert search(conn, "行政中心") == []


def test_a_place_is_found_by_a_certificate_number_if_one_may_see_that_certificate(
    own_database: Database,
) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        make_area(conn, "320402")
        site = make_place(conn, "Y91", address="证书路 1 号示例房", admin_area_code="320402")
        other = make_organization(conn, "other")
        for number, cell in (
            ("苏（2021）示例不动产权第0000917号", "(SELECT rights_cell FROM place.place)"),
            ("示例房权证字第55817号", "rights.cell_for(:other, NULL, 0::smallint)"),
        ):
            conn.execute(
                text(
                    "WITH made AS (INSERT INTO place.title (number, state, kind, rights_cell)"
                    f" VALUES (:number, 'registered', 'real_estate', {cell}) RETURNING title_id)"
                    " INSERT INTO place.title_place (title_id, place_id, rights_cell)"
                    " SELECT made.title_id, p.place_id, p.rights_cell FROM made, place.place AS p"
                ),
                {"number": number, "other": other} if ":other" in cell else {"number": number},
            )
        touch(conn, [site])
        refresh_derived(conn)
        hits = search(conn, "苏(2021)示例不动产权第0000917号")
        assert [(hit.code, hit.matched) for hit in hits] == [("Y91", "title")]
        assert [hit.code for hit in search(conn, "55817")] == ["Y91"]
        grant = Grant("viewer", admin_area_code="320402")
        account_id = ensure_account(conn, "district", [grant])
        token = open_session(conn, account_id, lifetime=timedelta(minutes=5))
    with transaction(own_database.engine(Role.WEB), token) as conn:
        assert [hit.code for hit in search(conn, "0000917")] == ["Y91"]
        assert search(conn, "55817") == []
        # Neither does a second word ask of the certificate, nor does it hide what else matches.
        assert [hit.code for hit in search(conn, "证书路1号 0917")] == ["Y91"]
        assert search(conn, "证书路1号 55817") == []
        assert search(conn, "Y91 5581") == []
        assert [(hit.code, hit.matched) for hit in search(conn, "示例")] == [("Y91", "title")]
        assert [(hit.code, hit.matched) for hit in search(conn, "示例房")] == [("Y91", "address")]


def test_who_types_a_whole_number_means_its_place_and_not_those_that_hold_it(
    conn: Connection,
) -> None:
    numbered = {code: make_place(conn, code) for code in ("Y1", "Y2")}
    for code, value in (("Y1", "4471"), ("Y2", "8-4471-9")):
        conn.execute(
            text(
                "INSERT INTO place.identifier (place_id, scheme, value, rights_cell)"
                " SELECT place_id, 'asset_card', :value, rights_cell FROM place.place"
                " WHERE place_id = :place_id"
            ),
            {"place_id": numbered[code], "value": value},
        )
    touch(conn, list(numbered.values()))
    refresh_derived(conn)
    assert [hit.code for hit in search(conn, "4471")] == ["Y1"]
    assert [hit.code for hit in search(conn, "447")] == ["Y1", "Y2"]
    # Beside another word it may be a part of either.
    assert [hit.code for hit in search(conn, "4471 8")] == ["Y2"]


def test_a_code_without_its_district_comes_before_the_same_digits_elsewhere(
    conn: Connection,
) -> None:
    make_area(conn, "320402")
    other = make_place(conn, "320401-Y000005")
    wanted = make_place(conn, "320402-D000006", "building")
    conn.execute(
        text(
            "INSERT INTO place.identifier (place_id, scheme, value, rights_cell)"
            " SELECT place_id, 'asset_card', 'D000006', rights_cell FROM place.place"
            " WHERE place_id = :place_id"
        ),
        {"place_id": other},
    )
    touch(conn, [other, wanted])
    refresh_derived(conn)
    for typed in ("D000006", "d000006"):
        hits = search(conn, typed)
        assert [(hit.code, hit.matched) for hit in hits] == [
            ("320402-D000006", "code"),
            ("320401-Y000005", "identifier"),
        ]
