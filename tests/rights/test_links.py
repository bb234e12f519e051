"""Links between places have no cell of their own: who sees or writes one end has no link by it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, text

from assets.registry import METADATA
from gis.db import Role, transaction
from gis.errors import Forbidden
from gis.history import SCHEMA
from gis.rights.actions import Grant, ensure_account, open_session
from gis.rights.policies import joins_places
from tests.rights.answers import Answer, Probe, ask
from tests.rights.askers import Asker
from tests.rights.conftest import World
from tests.rights.reads import NOBODYS_ID
from tests.rights.spots import OTHER_BODY, SEEN_BODY

LINKS = sorted(
    (table for table in METADATA.sorted_tables if joins_places(table) and table.schema != SCHEMA),
    key=lambda table: table.fullname,
)
_VALUES = {"kind": "merged", "happened_on": "2020-01-01"}


def _ends(table: Table) -> tuple[str, str]:
    first, second = (
        key.parent.name for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
    )
    return first, second


def _seen(conn: Connection, name: str, ends: tuple[str, str]) -> set[tuple[int, int]]:
    found = conn.execute(text(f"SELECT {ends[0]}, {ends[1]} FROM {name}"))
    return {(row[0], row[1]) for row in found}


def _add(conn: Connection, table: Table, first: int, second: int) -> int:
    one, other = _ends(table)
    more = {name: value for name, value in _VALUES.items() if name in table.columns}
    listed = ", ".join((one, other, *more))
    values = ", ".join(f":{name}" for name in (one, other, *more))
    statement = text(f"INSERT INTO {table.fullname} ({listed}) VALUES ({values})")
    return conn.execute(statement, {one: first, other: second, **more}).rowcount


def test_there_are_links_to_ask_about() -> None:
    assert {table.fullname for table in LINKS} >= {
        "place.lineage", "place.site_parcel", "place.zone_member",
    }  # fmt: skip


@pytest.mark.parametrize("table", LINKS, ids=lambda table: table.fullname)
def test_a_link_is_seen_by_who_sees_both_of_its_places(world: World, table: Table) -> None:
    ends = _ends(table)
    past = f"{SCHEMA}.{table.fullname.replace('.', '_')}"
    with world.database.engine(Role.OWNER).connect() as conn:
        every = _seen(conn, table.fullname, ends)
    hidden_from = 0
    for asker in world.askers.values():
        known = {
            place
            for name in asker.spots
            for place in world.city.spots[name].places.values()
        }  # fmt: skip
        expected = {pair for pair in every if set(pair) <= known}
        with transaction(world.database.engine(Role.WEB), asker.token) as conn:
            if asker.name != "everything":
                assert _seen(conn, table.fullname, ends) == expected, asker.name
                assert _seen(conn, past, ends) <= expected, asker.name
        hidden_from += expected < every
    assert hidden_from > 5


def _refused(world: World, token: str, table: Table, first: int, second: int) -> str:
    """What an attempt at adding a link is told."""
    database = world.fresh_database("links")
    with (
        pytest.raises(Forbidden) as error,
        transaction(database.engine(Role.WEB), token) as conn,
    ):
        _add(conn, table, first, second)
    said = f"{error.value} {error.value.__cause__}"
    return said.replace(str(first), "").replace(str(second), "")


def _both_seen(world: World) -> str:
    """A session of who writes one body's places and only reads the other's."""
    database = world.fresh_database("links")
    with transaction(database.engine(Role.OWNER), None) as conn:
        bodies = world.city.bodies
        grants = (Grant("clerk", bodies[SEEN_BODY]), Grant("viewer", bodies[OTHER_BODY]))
        account_id = ensure_account(conn, "两边", grants)
        return open_session(conn, account_id, lifetime=timedelta(hours=1))


@pytest.mark.parametrize("table", LINKS, ids=lambda table: table.fullname)
def test_a_link_is_written_by_who_writes_both_of_its_places(world: World, table: Table) -> None:
    spots = world.city.spots
    clerk, reader = str(world.askers["clerk"].token), _both_seen(world)
    own, other = spots["seen"].places["building"], spots["other_body"].places["building"]
    nothing = _refused(world, clerk, table, own, NOBODYS_ID)
    assert "row-level security" in nothing
    for first, second in ((own, other), (other, own)):
        assert _refused(world, clerk, table, first, second) == nothing
        assert _refused(world, reader, table, first, second) == nothing
    first, second = _ends(table)
    database = world.fresh_database("links")
    for token in (clerk, reader):
        with transaction(database.engine(Role.OWNER), None) as conn:
            half = [
                pair for pair in _seen(conn, table.fullname, (first, second))
                if len({place // 10_000 for place in pair}) == 2
            ]  # fmt: skip
        with transaction(database.engine(Role.WEB), token) as conn:
            for pair in half:
                asked = {"first": pair[0], "second": pair[1]}
                of_both = f"WHERE {first} = :first AND {second} = :second"
                removed = conn.execute(text(f"DELETE FROM {table.fullname} {of_both}"), asked)
                assert removed.rowcount == 0
    mine = spots["seen"].places["room"]
    with transaction(database.engine(Role.WEB), clerk) as conn:
        assert _add(conn, table, own, mine) == 1
    turned = text(f"UPDATE {table.fullname} SET {second} = :other WHERE {second} = :mine")
    for token in (clerk, reader):
        with (
            pytest.raises(Forbidden, match="may_not_write"),
            transaction(database.engine(Role.WEB), token) as conn,
        ):
            conn.execute(turned, {"other": other, "mine": mine})
    with transaction(database.engine(Role.WEB), clerk) as conn:
        removed = conn.execute(
            text(f"DELETE FROM {table.fullname} WHERE {second} = :mine"), {"mine": mine}
        )
        assert removed.rowcount == 1


def _asked(world: World, asker: Asker, path: str, body: dict[str, Any]) -> Answer:
    browser = world.fresh("links").test_client()
    place = path.split("/")[3]
    form = ask(browser, asker, Probe("", "item", "GET", f"/api/places/{place}/edit"))
    version = json.loads(form.text)["version"]
    body = {**body, "version": version, "reason": "更正"}
    return ask(browser, asker, Probe("", "write attempt", "POST", path, body))


def test_a_place_is_joined_to_a_hidden_one_no_more_than_to_none(world: World) -> None:
    asker, seen = world.askers["clerk"], world.city.spots["seen"].places
    hidden = world.city.spots["other_body"].places
    for path, body, at in (
        (f"/api/places/{seen['building']}/move", {"parent_id": None}, "parent_id"),
        (f"/api/places/{seen['room']}/merge", {"values": {}, "others": []}, "others"),
    ):
        kind = "site" if at == "parent_id" else "room"
        answers = []
        for number in (hidden[kind], NOBODYS_ID):
            said = [number] if at == "others" else number
            answer = _asked(world, asker, path, {**body, at: said})
            answers.append((answer.status, answer.text.replace(str(number), "")))
        assert answers[0] == answers[1]
        assert answers[0][0] in {400, 403, 404, 409}
