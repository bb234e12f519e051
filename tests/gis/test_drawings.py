"""Drawn tables say what the register says, to whom the register says it."""

from collections.abc import Callable

import pytest
from small_city import City, build
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from assets.registry import LAYERS
from gis.db import Database, Role, transaction
from gis.layers import Layer

DRAWN = [layer for layer in LAYERS if layer.drawn]
layers = pytest.mark.parametrize("layer", DRAWN, ids=lambda layer: layer.name)


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_drawings"))


def differences(conn: Connection, layer: Layer) -> int:
    """Rows that only the layer's view or only its drawn table has."""
    listed = ", ".join(f"'{a.name}', v.{a.name}" for a in layer.attributes)
    points = " OR v.anchor IS NOT NULL" if layer.has_unshaped else ""
    said = (
        "SELECT v.place_id, p.rights_cell, v.kind, v.code, v.name,"
        f" jsonb_strip_nulls(jsonb_build_object({listed})) AS attributes,"
        " ST_AsText(ST_ForcePolygonCW(coalesce(v.geom, v.anchor))), ST_X(v.anchor), ST_Y(v.anchor)"
        f" FROM map.{layer.name} AS v JOIN place.place AS p USING (place_id)"
        f" WHERE v.geom IS NOT NULL{points}"
    )
    drawn = (
        "SELECT place_id, rights_cell, kind, code, name, attributes, ST_AsText(shape),"
        f" anchor_lon, anchor_lat FROM {layer.drawn}"
    )
    count: int = conn.execute(
        text(
            f"SELECT count(*) FROM (({said} EXCEPT {drawn}) UNION ALL ({drawn} EXCEPT {said})) AS d"
        )
    ).scalar_one()
    return count


def differ(conn: Connection) -> dict[str, int]:
    return {layer.name: n for layer in DRAWN if (n := differences(conn, layer))}


@layers
def test_a_drawn_table_holds_what_its_layer_shows(city: City, layer: Layer) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        assert differences(conn, layer) == 0
        rows = conn.execute(text(f"SELECT count(*) FROM {layer.drawn}")).scalar_one()
        left = conn.execute(text("SELECT count(*) FROM place.stale_drawing")).scalar_one()
    # None in that city, or none with a shape.
    assert rows > 0 or layer.name in {"parcel", "floor", "zone", "section", "structure"}
    assert left == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE place.place SET name = 'X' || name",
        "UPDATE place.place SET geom = ST_Translate(geom, 0.01, 0)",
        "UPDATE place.place SET geom = NULL",
        "UPDATE place.place SET anchor = NULL, located_by = NULL, geom = NULL WHERE kind = 'site'",
        "UPDATE place.place SET valid_to = '2020-01-01'",
        "UPDATE place.place SET security_class = 1,"
        " rights_cell = rights.cell_for(steward_id, admin_area_code, 1::smallint)",
        "UPDATE place.floor SET level = level + 10",
        "UPDATE place.room SET number = 'R' || number",
        "UPDATE place.building SET year_built = 2021",
        "UPDATE place.site SET population = 'institution'",
        "UPDATE place.counted_area SET area_m2 = area_m2 + 1",
        "DELETE FROM place.counted_area",
        "DELETE FROM place.room",
        "DELETE FROM place.building",
    ],
)
def test_what_is_drawn_follows_every_change(city: City, change: str) -> None:
    with city.database.engine(Role.OWNER).connect() as conn:
        conn.execute(text(change))
        before = differ(conn)
        conn.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        after = differ(conn)
        bumped = conn.execute(
            text("SELECT data_version - :was FROM rights.version"), {"was": version(city)}
        ).scalar_one()
        conn.rollback()
    assert before or "valid_to" in change
    assert after == {}
    assert bumped == 1


def version(city: City) -> int:
    with city.database.engine(Role.OWNER).connect() as conn:
        found: int = conn.execute(text("SELECT data_version FROM rights.version")).scalar_one()
    return found


def test_a_place_that_goes_is_drawn_no_more(city: City) -> None:
    with city.database.engine(Role.OWNER).connect() as conn:
        room = city.ids["room 0.1.1"]
        for table in ("estate.holding_leaf", "place.area_measure", "place.room", "place.place"):
            conn.execute(text(f"DELETE FROM {table} WHERE place_id = :id"), {"id": room})
        conn.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        rows = conn.execute(
            text("SELECT count(*) FROM estate.drawn_room WHERE place_id = :id"), {"id": room}
        ).scalar_one()
        conn.rollback()
    assert rows == 0


def test_drawing_everything_again_changes_nothing(city: City) -> None:
    row = text("SELECT array_agg(ctid::text ORDER BY place_id) FROM estate.drawn_building")
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        before = conn.execute(row).scalar_one()
        conn.execute(text("SELECT place.renew_drawings(NULL)"))
        assert conn.execute(row).scalar_one() == before


@layers
@pytest.mark.parametrize("account", ["everything", "partial", "nobody"])
def test_drawings_are_seen_by_who_sees_their_places(city: City, layer: Layer, account: str) -> None:
    token = {"everything": city.everything, "partial": city.partial, "nobody": None}[account]
    with transaction(city.database.engine(Role.WEB), token) as conn:
        drawn = conn.execute(text(f"SELECT place_id FROM {layer.drawn}")).scalars().all()
        seen = conn.execute(text("SELECT place_id FROM place.place")).scalars().all()
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        every = conn.execute(text(f"SELECT place_id FROM {layer.drawn}")).scalars().all()
    assert set(drawn) == set(every) & set(seen)
    assert bool(drawn) == (bool(every) and token is not None)


@layers
@pytest.mark.parametrize("role", [Role.WEB, Role.OPERATOR, Role.LOADER])
def test_nobody_writes_a_drawing(city: City, layer: Layer, role: Role) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction(city.database.engine(role), city.everything) as conn,
    ):
        conn.execute(text(f"UPDATE {layer.drawn} SET name = 'X'"))


def test_bits_stand_for_the_cells_of_each_scope(city: City) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(text("SELECT rights.cell_for(NULL, '320403', 2::smallint)"))
        wrong = conn.execute(
            text(
                "SELECT count(*) FROM rights.scope AS s CROSS JOIN rights.cell AS c"
                " WHERE (get_bit(s.cell_bits, c.cell) = 1) IS DISTINCT FROM EXISTS"
                " (SELECT FROM rights.scope_cell AS sc"
                "  WHERE sc.scope_id = s.scope_id AND sc.cell = c.cell)"
            )
        ).scalar_one()
    assert wrong == 0
