"""Zones lie over rooms, whole or in part, and are nobody's parent."""

import json
from decimal import Decimal

import pytest
from handed_in import open_account
from makers import make_area, make_place
from sqlalchemy import text

from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import InputError, NotFound
from gis.places.actions import refresh_derived
from gis.places.queries import place_card
from gis.places.zones import ZoneMember, record_zone
from gis.rights.actions import Grant
from tests.conftest import Operator

BOX = [[119.9, 31.8], [119.91, 31.8], [119.91, 31.81], [119.9, 31.81], [119.9, 31.8]]
SHAPE = json.dumps({"type": "Polygon", "coordinates": [BOX]})
BOW = json.dumps({"type": "Polygon", "coordinates": [[*BOX[:2], BOX[3], BOX[2], BOX[0]]]})


@pytest.fixture
def rooms(own_database: Database) -> list[int]:
    with own_database.engine(Role.OWNER).begin() as conn:
        for area in ("320402", "320404"):
            make_area(conn, area)
        building = make_place(conn, "B", "building", admin_area_code="320402")
        return [
            make_place(conn, f"R{n}", "room", parent=(building, "building"),
                       admin_area_code="320402", areas={"usable": 20}) for n in (1, 2, 3)
        ]  # fmt: skip


def test_a_zone_covers_rooms_in_whole_or_part_and_both_cards_say_so(
    own_database: Database, operator: Operator, rooms: list[int]
) -> None:
    members = [
        ZoneMember(rooms[0]),
        ZoneMember(rooms[1], share=Decimal("0.5")),
        ZoneMember(rooms[2], area_m2=Decimal("7.5")),
    ]
    with transaction(own_database.engine(Role.OPERATOR), operator.token) as conn:
        zone = record_zone(conn, name="三楼东区", shape=SHAPE, members=members,
                           zone_type="fire_compartment")  # fmt: skip
        refresh_derived(conn)
    with transaction(own_database.engine(Role.WEB), operator.token) as conn:
        card = place_card(conn, zone, today())
        told = [(r["relation"], r["name"], r["share"], r["area_m2"]) for r in card.relations]
        assert told == [("member", "R1", None, None), ("member", "R2", 0.5, None),
                        ("member", "R3", None, 7.5)]  # fmt: skip
        over = place_card(conn, rooms[1], today())
        assert [(r["relation"], r["name"]) for r in over.relations] == [("zone", "三楼东区")]
        assert over.place["name"] == "R2"
        assert conn.execute(text("SELECT name, zone_type FROM map.zone")).all() == [
            ("三楼东区", "fire_compartment")
        ]
        parents = "SELECT count(*) FROM place.place WHERE parent_kind = 'zone'"
        assert conn.execute(text(parents)).scalar_one() == 0


@pytest.mark.parametrize(
    ("members", "shape"),
    [
        ([], SHAPE),
        ([ZoneMember(1), ZoneMember(1)], SHAPE),
        ([ZoneMember(1, share=Decimal("1.5"))], SHAPE),
        ([ZoneMember(1, share=Decimal("0.5"), area_m2=Decimal(3))], SHAPE),
        ([ZoneMember(1)], BOW),
        ([ZoneMember(1)], json.dumps({"type": "Point", "coordinates": BOX[0]})),
    ],
)
def test_a_zone_that_makes_no_sense_is_refused(
    own_database: Database,
    operator: Operator,
    rooms: list[int],
    members: list[ZoneMember],
    shape: str,
) -> None:
    meant = [ZoneMember(rooms[0], member.share, member.area_m2) for member in members]
    with (
        pytest.raises(InputError),
        transaction(own_database.engine(Role.OPERATOR), operator.token) as conn,
    ):
        record_zone(conn, name="无", shape=shape, members=meant)


def test_a_zone_over_rooms_of_others_is_not_seen_and_its_past_neither(
    own_database: Database, operator: Operator, rooms: list[int]
) -> None:
    with transaction(own_database.engine(Role.OPERATOR), operator.token) as conn:
        record_zone(conn, name="三楼东区", shape=SHAPE, members=[ZoneMember(rooms[0])])
        conn.execute(text("UPDATE place.zone_member SET share = 0.5"))
        refresh_derived(conn)
    tables = ("place.zone", "place.zone_member", "history.place_zone_member")
    stranger = open_account(own_database, "stranger", Grant("clerk", admin_area_code="320404"))
    for token, seen in ((operator.token, True), (stranger, False), ("", False)):
        with transaction(own_database.engine(Role.WEB), token) as conn:
            for table in tables:
                count = conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                assert (count > 0) is seen, (table, token)
    with (
        pytest.raises(NotFound),
        transaction(own_database.engine(Role.OPERATOR), stranger) as conn,
    ):
        record_zone(conn, name="越权", shape=SHAPE, members=[ZoneMember(rooms[0])])


def test_nobody_reads_the_past_of_grants(own_database: Database, operator: Operator) -> None:
    open_account(own_database, "clerk", Grant("clerk"))
    open_account(own_database, "clerk", Grant("viewer"))
    with transaction(own_database.engine(Role.WEB), operator.token) as conn:
        assert conn.execute(text("SELECT count(*) FROM history.rights_grant")).scalar_one() == 0
