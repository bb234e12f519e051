"""A place that is a state secret becomes a stub: nothing that tells it remains anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from handed_in import open_account
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from assets.estate import actions as estate
from assets.estate.model import HoldingKind
from assets.registry import METADATA
from gis.db import Database, Role, transaction
from gis.errors import Conflict, Forbidden, NotFound
from gis.history import add_history_tables
from gis.places.actions import touch
from gis.places.search import search
from gis.rights.actions import Grant
from gis.uncounted import Uncounted, not_located
from tests.conftest import Operator

BOX = "POLYGON((119.9 31.8,119.91 31.8,119.91 31.81,119.9 31.81,119.9 31.8))"
TELLING = ("和平北路", "指挥中心", "密室", "JS-7781", "苏(2020)常州市", "隐蔽", "ZK-0042", "某科")
"""Pieces of every text the secret place was told by."""


@dataclass(frozen=True)
class Told:
    """A site of which one building, with a room, is to become secret; and a neighbour."""

    site: int
    building: int
    room: int
    neighbour: int
    agency: int


@pytest.fixture
def told(own_database: Database, operator: Operator) -> Told:
    with own_database.engine(Role.OWNER).begin() as conn:
        return _tell(conn)


def _tell(conn: Connection) -> Told:
    make_area(conn, "320402", name="天宁区")
    make_area(conn, "320402001", name="某街道", level="town", parent_code="320402")
    agency = make_organization(conn, "某科")
    site = make_place(conn, "S1", name="大院", address="天宁区公开路1号", wkt=BOX,
                      admin_area_code="320402001", areas={"gross": 10000})  # fmt: skip
    building = make_place(
        conn, "ZK-0042", "building", name="应急指挥中心楼", address="天宁区和平北路88号", wkt=BOX,
        parent=(site, "site"), admin_area_code="320402001", steward_id=agency, remark="隐蔽工程",
        use_status="in_use", areas={"gross": 3000, "usable": 1800},
    )  # fmt: skip
    room = make_place(conn, "ZK-0042-9", "room", name="密室一号", parent=(building, "building"),
                      anchor=(119.905, 31.805), admin_area_code="320402001",
                      areas={"usable": 40})  # fmt: skip
    neighbour = make_place(conn, "S2", name="综合服务中心", address="天宁区和平南路2号", wkt=BOX,
                           admin_area_code="320402001", areas={"gross": 700})  # fmt: skip
    cells = {
        place_id: conn.execute(
            text("SELECT rights_cell FROM place.place WHERE place_id = :id"), {"id": place_id}
        ).scalar_one()
        for place_id in (building, room)
    }
    values = {"b": building, "r": room, "bc": cells[building], "rc": cells[room], "n": neighbour}
    for statement in (
        "INSERT INTO place.building (place_id, year_built, rights_cell) VALUES (:b, 1988, :bc)",
        "INSERT INTO place.room (place_id, number, rights_cell) VALUES (:r, '密室1', :rc)",
        "INSERT INTO place.identifier (place_id, scheme, value, rights_cell)"
        " VALUES (:b, 'asset_card', 'JS-7781', :bc)",
        "INSERT INTO place.title (title_id, number, state, kind, rights_cell) OVERRIDING SYSTEM"
        " VALUE VALUES (1, '苏(2020)常州市不动产权第0088号', 'registered', 'house', :bc)",
        "INSERT INTO place.title_place (title_id, place_id, rights_cell) VALUES (1, :b, :bc)",
        "INSERT INTO place.place_version (place_id, name, address, valid_to, rights_cell)"
        " VALUES (:b, '旧指挥中心', '和平北路86号', '2020-01-01', :bc)",
        "INSERT INTO place.lineage VALUES (:n, :b, 'split', '2019-01-01')",
        "UPDATE place.place SET name = '新应急指挥中心楼' WHERE place_id = :b",
        "UPDATE place.identifier SET value = 'JS-7781A' WHERE place_id = :b",
    ):
        conn.execute(text(statement), values)
    touch(conn, [neighbour])
    party = [estate.Party(agency)]
    estate.record_holding(
        conn, place_id=building, kind=HoldingKind.OCCUPIES, parties=party, decision="某科专用密令"
    )
    _stage(conn)
    return Told(site, building, room, neighbour, agency)


def _stage(conn: Connection) -> None:
    conn.execute(
        text("INSERT INTO staging.load (load_id, file_name, file_sha256) OVERRIDING SYSTEM VALUE"
             " VALUES (1, '和平北路88号.xlsx', '\\x00'), (2, '别处.xlsx', '\\x00')")
    )  # fmt: skip
    conn.execute(
        text("INSERT INTO staging.held_row VALUES"
             " (1, '表', 5, 'property', 'waiting', '{\"地址\": \"天宁区 和平北路88号\"}'),"
             " (2, '表', 6, 'property', 'waiting', '{\"地址\": \"天宁区和平南路2号\"}')")
    )  # fmt: skip
    conn.execute(
        text("INSERT INTO staging.issue (load_id, issue_number, sheet, row_number, column_header,"
             " rule, severity, suggestion, original) VALUES"
             " (1, 1, '表', 5, '面积', 'area.ratio', 'warn', NULL, '某科 12'),"
             " (2, 1, '表', 9, '卡片', 'code.short', 'warn', 'JS-7781', 'JS-7781'),"
             " (2, 2, '表', 6, '面积', 'area.ratio', 'warn', '700', '7000')")
    )  # fmt: skip


def _mark(database: Database, operator: Operator, *place_ids: int) -> None:
    with transaction(database.engine(Role.LOADER), operator.token) as conn:
        estate.mark_secret(conn, place_ids, "保密办文〔示例〕1号")


def _everything(database: Database) -> Iterator[tuple[str, str]]:
    """Every row of every table, history and staging among them, as text."""
    add_history_tables(METADATA)
    with database.engine(Role.OWNER).connect() as conn:
        for table in METADATA.sorted_tables:
            if table.fullname.startswith("organization.") or "organization_" in table.name:
                continue  # that a body exists says nothing of a place
            for row in conn.execute(text(f"SELECT t::text FROM {table.fullname} AS t")).scalars():
                yield table.fullname, row


def _one(database: Database, query: str, **values: object) -> tuple[object, ...]:
    with database.engine(Role.OWNER).connect() as conn:
        return tuple(conn.execute(text(query), values).one())


def test_stubs_beyond_a_million_places_keep_codes_of_their_own(
    own_database: Database, operator: Operator
) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        make_area(conn, "320402")
        conn.execute(text("ALTER TABLE place.place ALTER place_id RESTART WITH 1234561"))
        ids = [make_place(conn, f"S{at}", admin_area_code="320402") for at in range(2)]
    with transaction(own_database.engine(Role.LOADER), operator.token) as conn:
        estate.mark_secret(conn, ids, None)
        codes = conn.execute(text("SELECT code FROM place.place ORDER BY place_id")).scalars()
        assert list(codes) == ["320402-X1234561", "320402-X1234562"]


def test_nothing_that_tells_the_place_remains_in_any_table(
    own_database: Database, operator: Operator, told: Told
) -> None:
    before = " ".join(row for _table, row in _everything(own_database))
    assert all(piece in before for piece in TELLING)
    _mark(own_database, operator, told.building)
    left = [
        (table, row)
        for table, row in _everything(own_database)
        for piece in TELLING
        if piece in row and not (piece == "ZK-0042" and "S2" in row)
    ]
    assert left == []
    shapes = _one(
        own_database,
        "SELECT count(*) FROM history.place_place WHERE place_id = ANY (:ids)"
        " AND (geom IS NOT NULL OR anchor IS NOT NULL)",
        ids=[told.building, told.room],
    )
    assert shapes == (0,)


def test_kind_district_and_areas_stay_and_the_part_leaves_the_open_place(
    own_database: Database, operator: Operator, told: Told
) -> None:
    _mark(own_database, operator, told.building)
    row = (
        "SELECT kind, admin_area_code, parent_id, security_class FROM place.place"
        " WHERE place_id = :id"
    )
    assert _one(own_database, row, id=told.building) == ("building", "320402", None, 3)
    assert _one(own_database, row, id=told.room) == ("room", "320402", told.building, 3)
    areas = _one(
        own_database,
        "SELECT array_agg(area_kind || ' ' || area_m2 ORDER BY area_kind)"
        " FROM place.area_measure WHERE place_id = :id",
        id=told.building,
    )
    # Its 3000 m2 stand in the site's 10000 already; nobody states usable areas above it.
    assert areas == (["usable 1800.00"],)
    total = "SELECT sum(net_area_m2)::text FROM place.counted_area WHERE area_kind = 'gross'"
    assert _one(own_database, total) == ("10700.00",)
    assert _one(own_database, "SELECT code FROM place.place WHERE place_id = :id",
                id=told.building)[0] == f"320402-X{told.building:06d}"  # fmt: skip


def test_other_places_and_their_rows_in_staging_are_left_alone(
    own_database: Database, operator: Operator, told: Told
) -> None:
    name = "SELECT name, address, geom IS NOT NULL FROM place.place WHERE place_id = :id"
    before = [_one(own_database, name, id=one) for one in (told.site, told.neighbour)]
    _mark(own_database, operator, told.building)
    assert [_one(own_database, name, id=one) for one in (told.site, told.neighbour)] == before
    held = "SELECT cells::text FROM staging.held_row ORDER BY load_id"
    with own_database.engine(Role.OWNER).connect() as conn:
        assert conn.execute(text(held)).scalars().all() == ["{}", '{"地址": "天宁区和平南路2号"}']
        quoted = "SELECT original FROM staging.issue ORDER BY load_id, issue_number"
        assert conn.execute(text(quoted)).scalars().all() == [None, None, "7000"]


def test_one_line_of_its_past_says_who_made_it_a_stub(
    own_database: Database, operator: Operator, told: Told
) -> None:
    _mark(own_database, operator, told.building)
    assert _one(
        own_database,
        "SELECT count(*), min(history_operation), min(history_account_id), min(history_load_id),"
        " min(security_class) FROM history.place_place WHERE place_id = :id",
        id=told.building,
    ) == (1, "U", operator.account_id, None, 0)
    assert _one(
        own_database, "SELECT decision FROM place.secrecy WHERE place_id = :id", id=told.building
    ) == ("保密办文〔示例〕1号",)


def test_search_finds_it_by_nothing_and_no_question_counts_it(
    own_database: Database, operator: Operator, told: Told
) -> None:
    _mark(own_database, operator, told.building)
    with transaction(own_database.engine(Role.WEB), operator.token) as conn:
        for typed in ("指挥中心", "yjzhzx", "和平北路", "JS-7781", "ZK-0042", "某科"):
            assert told.building not in [hit.place_id for hit in search(conn, typed)]
        code = f"320402-X{told.building:06d}"
        assert search(conn, code) == []
        today = date(2026, 11, 22)
        assert not_located(conn, today) == Uncounted(0, 0.0)


def test_a_secret_property_keeps_its_floor_area_and_counts_once(
    own_database: Database, operator: Operator, told: Told
) -> None:
    _mark(own_database, operator, told.site)
    with transaction(own_database.engine(Role.WEB), operator.token) as conn:
        area = text(
            "SELECT sum(net_area_m2) FROM place.counted_area JOIN place.place USING (place_id)"
            " WHERE security_class = 3 AND area_kind = 'gross'"
        )
        assert conn.execute(area).scalar_one() == 10000
        shown = conn.execute(text("SELECT code FROM map.property")).scalars().all()
    assert shown == ["S2"]


def test_the_database_refuses_a_stub_that_says_more(
    own_database: Database, operator: Operator, told: Told
) -> None:
    _mark(own_database, operator, told.building)
    with (
        pytest.raises(IntegrityError, match="ck_place_stub"),
        own_database.engine(Role.OWNER).begin() as conn,
    ):
        conn.execute(
            text("UPDATE place.place SET address = '和平北路' WHERE place_id = :id"),
            {"id": told.building},
        )
    with pytest.raises(Conflict), own_database.engine(Role.OWNER).begin() as conn:
        estate.record_holding(
            conn, place_id=told.room, kind=HoldingKind.OCCUPIES, parties=[estate.Party(told.agency)]
        )


def test_only_who_may_write_the_place_and_all_in_it_makes_it_a_stub(
    own_database: Database, operator: Operator, told: Told
) -> None:
    stranger = open_account(own_database, "stranger", Grant("clerk", admin_area_code="320402"))
    viewer = open_account(own_database, "viewer", Grant("viewer", max_security_class=3))
    with pytest.raises(Forbidden):
        _mark(own_database, Operator(0, viewer), told.building)
    with pytest.raises(NotFound):
        _mark(own_database, operator, 10**9)
    _mark(own_database, Operator(0, stranger), told.building)
    assert _one(own_database, "SELECT security_class FROM place.place WHERE place_id = :id",
                id=told.building) == (3,)  # fmt: skip
