"""The register against cards, measured areas and titles. 示例数据: every place here is invented."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from conftest import Operator
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text

from assets.certificates.three_way import Matched, Side, match, tolerance_of
from assets.certificates.three_way_report import build_three_way
from assets.estate.actions import find_places
from assets.services.papers.tables import printed_row
from gis.clock import today
from gis.db import Database, Role

TODAY = date(2026, 11, 22)
NUMBER = "苏（2020）常州市不动产权第0000001号"


@pytest.fixture
def conn(own_database: Database, operator: Operator) -> Iterator[Connection]:
    with own_database.engine(Role.OWNER).connect() as connection:
        opened = connection.begin()
        _run(connection, "SELECT set_config('onemap.session', :token, true)", token=operator.token)
        make_area(connection, "320402", name="天宁区")
        yield connection
        opened.rollback()


def _run(conn: Connection, query: str, **values: Any) -> Any:
    return conn.execute(text(query), values)


def _place(conn: Connection, code: str, kind: str = "site", **sources: str) -> int:
    parent = sources.pop("parent", None)
    place_id = make_place(
        conn, code, kind, admin_area_code="320402", anchor=(119.9, 31.8),
        parent=(int(parent), "site") if parent else None,
    )  # fmt: skip
    for source, area in sources.items():
        _run(
            conn,
            "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
            " SELECT place_id, 'gross', :area, :source, rights_cell FROM place.place"
            " WHERE place_id = :id",
            id=place_id, area=area, source=source,
        )  # fmt: skip
    return place_id


def _title(conn: Connection, place_id: int, owner: int) -> None:
    _run(
        conn,
        "WITH t AS (INSERT INTO place.title"
        " (number, state, kind, owner_name, owner_id, rights_cell)"
        " SELECT :number, 'registered', 'real_estate', '示例', :owner, rights_cell"
        " FROM place.place WHERE place_id = :id RETURNING title_id, rights_cell)"
        " INSERT INTO place.title_place (title_id, place_id, rights_cell)"
        " SELECT title_id, :id, rights_cell FROM t",
        number=NUMBER, owner=owner, id=place_id,
    )  # fmt: skip


def _card(conn: Connection, number: str, **more: Any) -> None:
    values = {"code": f"K-{number}", "number": number, **more}
    names = ", ".join(values)
    _run(
        conn,
        f"INSERT INTO estate.asset_card ({names}, rights_cell) SELECT"
        f" {', '.join(f':{name}' for name in values)}, min(cell) FROM rights.cell",
        **values,
    )


def _by_code(conn: Connection, day: date = TODAY) -> dict[str, Matched]:
    return {str(one.head["code"]): one for one in match(conn, day)}


def _told(one: Matched) -> list[tuple[str, str, Any, Any]]:
    return [(each.side, each.subject, each.ledger, each.other) for each in one.differences]


def test_each_side_is_equal_differs_or_says_nothing_and_the_difference_is_told(
    conn: Connection,
) -> None:
    owner, other = make_organization(conn, "甲局"), make_organization(conn, "乙局")
    equal = _place(conn, "A", declared="1000", survey="1000.40", certificate="1000")
    differs = _place(conn, "B", declared="500", survey="470", certificate="501")
    _place(conn, "C", survey="80")
    rented = _place(conn, "D", declared="60")
    _run(
        conn,
        "INSERT INTO place.site (place_id, is_leased_in, rights_cell)"
        " SELECT place_id, true, rights_cell FROM place.place WHERE place_id = :id",
        id=rented,
    )
    _title(conn, equal, owner)
    _title(conn, differs, other)
    _run(
        conn,
        "WITH h AS (INSERT INTO estate.holding (place_id, kind, extent, source, rights_cell)"
        " SELECT place_id, 'owns', 'whole', 'census', rights_cell FROM place.place"
        " WHERE code IN ('A', 'B') RETURNING holding_id, rights_cell)"
        " INSERT INTO estate.holding_party (holding_id, holder_id, share, rights_cell)"
        " SELECT holding_id, :owner, 1, rights_cell FROM h",
        owner=owner,
    )
    _card(conn, "A", area_m2=1000)
    _card(conn, "B", area_m2=300, certificate_no="苏(2019)常州市不动产权第0000009号")
    _card(conn, "X9", area_m2=70, category_name="房屋", value_yuan=5)
    _card(conn, "X8", category_name="家具", value_yuan=5)
    # A computer and a database that bear the property's number or stand in it are no estate.
    _card(
        conn,
        "A-1",
        category_code="2010104",
        category_name="库房台式机",
        value_yuan=7,
        place_id=equal,
        found_by="address",
    )
    _card(conn, "A-2", category_name="数据库", value_yuan=7, place_id=equal, found_by="address")
    _card(conn, "C", category_name="家具", value_yuan=7)
    assert find_places(conn) == 2
    found = _by_code(conn)
    assert {code: [one.verdicts[side].value for side in Side] for code, one in found.items()} == {
        "A": ["equal", "equal", "equal"],
        "B": ["differs", "differs", "differs"],
        "C": ["lacks", "unstated", "lacks"],
        "D": ["not_owned", "lacks", "not_owned"],
    }
    assert _told(found["A"]) == []
    assert (found["A"].cards, found["A"].value_yuan, found["C"].cards) == (["A"], (None, None), ())
    assert _told(found["B"]) == [
        ("account", "gross", Decimal(500), Decimal(300)),
        ("actual", "gross", Decimal(500), Decimal(470)),
        ("title", "gross", Decimal(500), Decimal(501)),
        ("account", "number", (NUMBER,), ("苏(2019)常州市不动产权第0000009号",)),
        ("title", "owner", ("甲局",), ("示例",)),
    ]
    report = build_three_way(conn, TODAY)
    tables = {one.name: one.rows for one in report.tables}
    assert [row["card"] for row in tables["cards"]] == ["X9"]
    assert tables["differing"][0]["difference_m2"] == Decimal(-200)
    assert [(row["code"], row["side"]) for row in tables["lacking"]] == [
        ("C", "account"), ("C", "actual"), ("C", "title"), ("D", "actual")
    ]  # fmt: skip
    assert sum(row["property_count"] for row in tables["summary"]) == 12
    _run(
        conn,
        "INSERT INTO certificates.ownership_record (place_id, place_title, state, rights_cell,"
        " bureau_cell) SELECT place_id, 'B', 'recorded', rights_cell, rights_cell"
        " FROM place.place WHERE place_id = :id",
        id=differs,
    )
    report = build_three_way(conn, today())
    # What is rented from others is not awaited.
    assert {
        row["code"]: (row["ownership"], row["ownership_since"])
        for row in report.tables[-1].rows
    } == {
        "A": ("open", None), "B": ("recorded", today()), "C": ("open", None),
        "D": ("leased_in", None),
    }  # fmt: skip


def test_what_is_several_on_one_side_is_listed_as_the_readers_language_lists(
    conn: Connection,
) -> None:
    place = _place(conn, "A", declared="10")
    for body in ("甲局", "乙局"):
        owner = make_organization(conn, body)
        _run(
            conn,
            "WITH h AS (INSERT INTO estate.holding (place_id, kind, extent, source, rights_cell)"
            " SELECT place_id, 'owns', 'part', 'census', rights_cell FROM place.place"
            " WHERE place_id = :id RETURNING holding_id, rights_cell)"
            " INSERT INTO estate.holding_party (holding_id, holder_id, share, rights_cell)"
            " SELECT holding_id, :owner, 1, rights_cell FROM h",
            id=place, owner=owner,
        )  # fmt: skip
    _title(conn, place, make_organization(conn, "丙局"))
    differing = build_three_way(conn, TODAY).tables[1]
    said = differing.rows[0]["ledger_said"]
    assert sorted(said) == ["乙局", "甲局"]
    at = [column.field for column in differing.columns].index("ledger_said")
    for language, between in (("en", ", "), ("zh", "、")):
        assert printed_row(differing, differing.rows[0], language)[at] == between.join(said)


def test_a_past_day_goes_by_what_a_building_hung_in_then(conn: Connection) -> None:
    before, after = _place(conn, "S1", declared="300"), _place(conn, "S2", declared="200")
    house = _place(conn, "H", "building", parent=str(after), survey="300")
    _run(
        conn,
        "INSERT INTO place.former_parent (place_id, parent_id, valid_to, rights_cell)"
        " SELECT place_id, :before, DATE '2025-06-01', rights_cell FROM place.place"
        " WHERE place_id = :house",
        before=before, house=house,
    )  # fmt: skip
    floor = make_place(conn, "F", "floor", parent=(house, "building"))
    room = make_place(conn, "R", "room", parent=(floor, "floor"))
    _run(
        conn,
        "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
        " SELECT place_id, 'usable', 40, 'survey', rights_cell FROM place.place"
        " WHERE place_id = :id",
        id=room,
    )
    _title(conn, house, make_organization(conn, "甲局"))
    _card(conn, "H", area_m2=300, acquired_on=date(2020, 1, 1))
    find_places(conn)
    then, now = _by_code(conn, date(2025, 1, 1)), _by_code(conn)
    for found, has, none in ((then, "S1", "S2"), (now, "S2", "S1")):
        assert list(found[has].cards) == ["H"]
        assert found[has].areas["gross"][Side.ACCOUNT] == 300
        assert found[has].areas["gross"][Side.ACTUAL] == 300
        assert list(found[has].titles) == [NUMBER]
        assert found[has].rooms == (1, 40)
        assert list(found[none].cards) == []
        assert [found[none].verdicts[side].value for side in Side] == ["lacks"] * 3
    assert [then["S1"].verdicts[side].value for side in Side][:2] == ["equal", "equal"]
    assert [now["S2"].verdicts[side].value for side in Side][:2] == ["differs", "differs"]


def test_cards_of_buildings_add_up_and_rooms_larger_than_the_house_are_told(
    conn: Connection,
) -> None:
    site = _place(conn, "S", declared="300")
    house = _place(conn, "H", "building", parent=str(site), survey="300")
    floor = make_place(conn, "F", "floor", parent=(house, "building"))
    room = make_place(conn, "R", "room", parent=(floor, "floor"))
    _run(
        conn,
        "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
        " SELECT place_id, 'usable', 301, 'survey', rights_cell FROM place.place"
        " WHERE place_id = :id",
        id=room,
    )
    _card(conn, "S", area_m2=100, value_yuan=1)
    _card(conn, "H", area_m2=200, value_yuan=2, booked_on=date(2025, 1, 1))
    find_places(conn)
    (one,) = match(conn, TODAY)
    assert (list(one.cards), one.areas["gross"][Side.ACCOUNT]) == (["H", "S"], 300)
    assert _told(one) == [("actual", "rooms", Decimal(300), Decimal(301))]
    # Before the house was booked there was the other card alone.
    assert _by_code(conn, date(2024, 1, 1))["S"].cards == ["S"]


def test_two_places_at_one_address_are_no_answer_and_a_card_stays_without_a_place(
    conn: Connection,
) -> None:
    for code in "AB":
        place = _place(conn, code)
        _run(conn, "UPDATE place.place SET address = '甲路1号' WHERE place_id = :id", id=place)
    _card(conn, "1", address="甲路 1号", category_name="房屋")
    _card(conn, "2", address="甲路１号", name="B", category_name="房屋")
    assert find_places(conn) == 1
    found = _run(conn, "SELECT number, found_by FROM estate.asset_card ORDER BY number").all()
    assert [tuple(row) for row in found] == [("1", None), ("2", "address_and_name")]


def test_the_tolerance_is_a_row_of_the_pack_that_nobody_has_verified() -> None:
    found = tolerance_of(TODAY)
    assert (found.area_m2, found.value_yuan, found.is_verified) == (
        Decimal("0.5"), Decimal("0.01"), False
    )  # fmt: skip
