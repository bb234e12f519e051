"""Boundaries that change take places, their parts and the rights on them along."""

from typing import Any

import small_city
from small_city import SOUTH, WEST, City
from sqlalchemy import Connection, text

from gis.db import Database, Role, transaction
from gis.places.correcting import recell
from gis.places.districts import settle_districts


def _move_line(conn: Connection) -> None:
    """The first district now reaches over the site of the second."""
    for code, west, east in (("320401", WEST, WEST + 0.19), ("320402", WEST + 0.19, WEST + 0.2)):
        conn.execute(
            text(
                "UPDATE place.admin_area SET geom = ST_Multi(ST_MakeEnvelope("
                ":west, :south, :east, :north, Find_SRID('place', 'admin_area', 'geom')))"
                " WHERE code = :code"
            ),
            {"code": code, "west": west, "east": east, "south": SOUTH, "north": SOUTH + 0.1},
        )


def _districts(database: Database, *place_ids: int) -> list[tuple[Any, ...]]:
    with transaction(database.engine(Role.OWNER), None) as conn:
        return [
            tuple(row)
            for row in conn.execute(
                text(
                    "SELECT p.admin_area_code, c.admin_area_code FROM place.place AS p"
                    " JOIN rights.cell AS c ON c.cell = p.rights_cell"
                    " WHERE place_id = ANY (:ids) ORDER BY place_id"
                ),
                {"ids": list(place_ids)},
            )
        ]


def test_places_follow_the_line_with_their_parts_and_cells(own_database: Database) -> None:
    city: City = small_city.build(own_database)
    moved = city.ids["site 1"], city.ids["building 1.0"], city.ids["building 1.1"]
    assert set(_districts(own_database, *moved)) == {("320402", "320402")}
    with transaction(own_database.engine(Role.LOADER), city.everything) as conn:
        assert settle_districts(conn) == 0
    with transaction(own_database.engine(Role.OWNER), None) as conn:
        _move_line(conn)
    with transaction(own_database.engine(Role.LOADER), city.everything) as conn:
        assert settle_districts(conn) == 1
    assert set(_districts(own_database, *moved)) == {("320401", "320401")}
    assert _districts(own_database, city.ids["site 2"]) == [("320403", "320403")]
    with transaction(own_database.engine(Role.WEB), city.partial) as conn:
        seen = "SELECT count(*) FROM place.place WHERE place_id = ANY (:ids)"
        assert conn.execute(text(seen), {"ids": list(moved)}).scalar_one() == 0


def test_who_reports_in_a_functional_area_stays_while_it_is_counted_there(
    own_database: Database,
) -> None:
    city: City = small_city.build(own_database)
    with transaction(own_database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text(
                "INSERT INTO place.admin_area (code, name, level, kind, statistics_code, source)"
                " VALUES ('320471', '示例经开区', 'district', 'functional', '320402', '示例')"
            )
        )
    ids = [city.ids["site 1"], city.ids["building 1.0"]]
    with transaction(own_database.engine(Role.LOADER), city.everything) as conn:
        recell(conn, ids, area="320471")
        assert settle_districts(conn) == 0
    assert set(_districts(own_database, *ids)) == {("320471", "320471")}
    with transaction(own_database.engine(Role.OWNER), None) as conn:
        _move_line(conn)
    with transaction(own_database.engine(Role.LOADER), city.everything) as conn:
        assert settle_districts(conn) == 1
    assert set(_districts(own_database, *ids)) == {("320401", "320401")}
