"""Counted areas telescope, and what is derived follows its place."""

from decimal import Decimal

from makers import make_place
from sqlalchemy import Connection, text

from gis.places.actions import refresh_derived, touch
from gis.places.pinyin import pinyin_initials


def _net(conn: Connection) -> dict[str, Decimal]:
    rows = conn.execute(
        text(
            "SELECT code, net_area_m2 FROM place.counted_area JOIN place.place USING (place_id)"
            " WHERE area_kind = 'gross'"
        )
    )
    return {row[0]: row[1] for row in rows}


def _refresh(conn: Connection, *place_ids: int) -> None:
    touch(conn, place_ids)
    refresh_derived(conn)


def test_a_parent_counts_only_what_its_parts_do_not(conn: Connection) -> None:
    site = make_place(conn, "S", areas={"gross": 1000})
    one = make_place(conn, "B1", "building", parent=(site, "site"), areas={"gross": 600})
    make_place(conn, "B2", "building", parent=(site, "site"))
    _refresh(conn, one)
    assert _net(conn) == {"S": Decimal(400), "B1": Decimal(600)}


def test_a_figure_skips_levels_without_one(conn: Connection) -> None:
    site = make_place(conn, "S", areas={"gross": 1000})
    building = make_place(conn, "B", "building", parent=(site, "site"))
    section = make_place(conn, "U", "section", parent=(building, "building"))
    make_place(conn, "H1", "housing_unit", parent=(section, "section"), areas={"gross": 80})
    make_place(conn, "H2", "housing_unit", parent=(section, "section"), areas={"gross": 70})
    _refresh(conn, site)
    assert _net(conn) == {"S": Decimal(850), "H1": Decimal(80), "H2": Decimal(70)}
    assert sum(_net(conn).values()) == 1000


def test_the_certificate_counts_before_what_was_declared(conn: Connection) -> None:
    site = make_place(conn, "S", areas={"gross": 1000})
    conn.execute(
        text(
            "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
            " SELECT place_id, 'gross', 990.5, 'certificate', rights_cell FROM place.place"
        )
    )
    _refresh(conn, site)
    assert _net(conn) == {"S": Decimal("990.50")}


def test_a_figure_that_is_gone_no_longer_counts(conn: Connection) -> None:
    site = make_place(conn, "S", areas={"gross": 1000})
    _refresh(conn, site)
    conn.execute(text("DELETE FROM place.area_measure"))
    _refresh(conn, site)
    assert _net(conn) == {}


def test_initials_follow_the_phrase_where_a_character_is_read_two_ways() -> None:
    assert pinyin_initials("重庆路") == "cql"
    assert pinyin_initials("银行") == "yh"
    assert pinyin_initials("A座") == "az"


def test_what_is_derived_goes_with_its_place(conn: Connection) -> None:
    place_id = make_place(conn, "A", areas={"gross": 10})
    _refresh(conn, place_id)
    conn.execute(text("DELETE FROM place.area_measure"))
    conn.execute(text("DELETE FROM place.place"))
    assert conn.execute(text("SELECT count(*) FROM place.search_text")).scalar() == 0
    assert conn.execute(text("SELECT count(*) FROM place.counted_area")).scalar() == 0


def test_what_is_derived_follows_the_rights_of_its_place(conn: Connection) -> None:
    place_id = make_place(conn, "A", areas={"gross": 10})
    _refresh(conn, place_id)
    conn.execute(
        text(
            "UPDATE place.place SET security_class = 1,"
            " rights_cell = rights.cell_for(NULL, NULL, CAST(1 AS smallint))"
        )
    )
    cells = conn.execute(
        text(
            "SELECT rights_cell FROM place.place"
            " UNION ALL SELECT rights_cell FROM place.search_text"
            " UNION ALL SELECT rights_cell FROM place.counted_area"
        )
    ).scalars()
    assert len(set(cells)) == 1


def test_refreshing_again_writes_nothing(conn: Connection) -> None:
    place_id = make_place(conn, "A", name="行政中心", areas={"gross": 10})
    _refresh(conn, place_id)
    postings = conn.execute(text("SELECT count(*) FROM place.search_posting")).scalar()
    _refresh(conn, place_id)
    assert conn.execute(text("SELECT count(*) FROM place.search_posting")).scalar() == postings
