"""A town whose area questions are answered both ways: by kept sums, and place by place."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from makers import make_area, make_place
from shapely import MultiPoint, Point, box
from shapely.geometry import mapping
from small_city import SOUTH, WEST, City, build
from sqlalchemy import Connection, insert, text

from assets.domain import AreaAnswer
from assets.estate.actions import Party, record_holding, refresh_derived
from assets.estate.model import Extent, HoldingKind
from assets.registry import DOMAINS
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.questions import Asked, asked_area, collect_places, parse_question
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from gis.squares import FINEST
from gis.summed import collect_summed
from gis.summing import refresh_sums
from gis.tables import metadata

TODAY = today()
SOON = TODAY + timedelta(days=40)
UNDRAWN = "320408"
"""A district without a boundary."""
DISTRICTS = ("320401", "320402", "320403", UNDRAWN, None)
AGES = (1, 2, 3, 10, 11, 60, 100, 101, 400, 3000, 9000)
"""Days ago on which something was otherwise, or may be asked about."""


@dataclass
class Town:
    """The small city with more in it, and who may ask."""

    city: City
    tokens: dict[str, str]
    places: list[int]
    dice: random.Random
    above: dict[str, list[int]] = field(default_factory=lambda: {"site": [], "building": []})
    """What may have parts, by kind."""

    @property
    def database(self) -> Database:
        return self.city.database

    def refresh(self) -> int:
        return refresh_sums(self.database.engine(Role.LOADER), TODAY)


def found_town(database: Database) -> Town:
    """The small city with 160 places strewn over it."""
    city = build(database)
    dice = random.Random(20261123)
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        grants = {
            "district": [Grant("viewer", admin_area_code="320402")],
            "city": [Grant("viewer", admin_area_code="320400")],
            "body": [Grant("viewer", organization_id=city.ids["agency 1"])],
            "open only": [Grant("viewer", max_security_class=0)],
            "nobody": [],
        }
        tokens = {
            name: rights_actions.open_session(
                conn,
                rights_actions.ensure_account(conn, name, given),
                kind="web",
                lifetime=timedelta(hours=1),
            )
            for name, given in grants.items()
        }
        tokens |= {"everything": city.everything, "partial": city.partial}
        town = Town(city, tokens, [], dice)
        make_area(conn, UNDRAWN, name="示例新城", parent_code="320400")
        town.places = [scatter(conn, town, at) for at in range(160)]
        touch(conn, town.places)
        refresh_derived(conn)
    return town


def spot_in(dice: random.Random) -> tuple[float, float]:
    lon, lat = dice.uniform(WEST, WEST + 0.3), dice.uniform(SOUTH, SOUTH + 0.1)
    if dice.random() < 0.4:  # on the lines of the grid, to the last digit
        lon, lat = round(lon * FINEST) / FINEST, round(lat * FINEST) / FINEST
    return lon, lat


def scatter(conn: Connection, town: Town, at: int) -> int:
    """A property or a room, anywhere, with some of all that figures ask for."""
    dice = town.dice
    kind = dice.choice(("site", "building", "room", "housing_unit"))
    lon, lat = spot_in(dice)
    above = {"building": "site", "room": "building"}.get(kind)
    hangs = above is not None and town.above[above] and dice.random() < 0.5
    parent_id = dice.choice(town.above[above]) if above and hangs else None
    place_id = make_place(
        conn,
        f"X{at}",
        kind,
        **_shape(dice, lon, lat),
        parent=(parent_id, above) if above and parent_id else None,
        areas={
            "gross": round(dice.uniform(1, 900), 2),
            **({"usable": round(dice.uniform(1, 90), 2)} if dice.random() < 0.6 else {}),
        }
        if dice.random() < 0.8
        else None,
        address=dice.choice((None, "", f"示例路{at}号")),
        use_status=dice.choice((None, "idle", "in_use")),
        **_belonging(conn, town, parent_id),
        valid_from=dice.choice((None, None, None, _ago(dice), SOON)),
        valid_to=dice.choice((None, None, None, TODAY + timedelta(days=9), TODAY)),
    )
    change_past(conn, town, place_id)
    if kind in ("site", "building"):
        town.above[kind].append(place_id)
        _row(conn, kind, place_id, year_built=dice.choice((None, 1979, 2003, TODAY.year + 1)),
             ownership_status=dice.choice((None, "registered", "pending")))  # fmt: skip
        if dice.random() < 0.7:
            _title(conn, town, place_id)
    if kind == "room" and dice.random() < 0.8:
        _row(conn, kind, place_id, room_class=dice.choice((None, "office", "vacant", "technical")))
    if kind == "room" and dice.random() < 0.5:
        _use(conn, town, place_id)
    elif dice.random() < 0.7:
        _hold(conn, town, place_id)
    return place_id


def _belonging(conn: Connection, town: Town, parent_id: int | None) -> dict[str, Any]:
    """Whose a place is: of anybody, or as what it hangs in, in some of it or in all."""
    dice = town.dice
    bodies = [None, *(town.city.ids[f"agency {body}"] for body in range(4))]
    found: dict[str, Any] = {
        "admin_area_code": dice.choice(DISTRICTS),
        "steward_id": dice.choice(bodies),
        "security_class": dice.choice((0, 0, 1)),
    }
    kept = [(), ("admin_area_code", "security_class"), tuple(found)][dice.randrange(3)]
    if parent_id and kept:
        row = conn.execute(
            text(f"SELECT {', '.join(kept)} FROM place.place WHERE place_id = :id"),
            {"id": parent_id},
        ).one()
        found |= dict(row._mapping)
    return found


def _ago(dice: random.Random) -> date:
    return TODAY - timedelta(days=dice.choice(AGES))


def _shape(dice: random.Random, lon: float, lat: float) -> dict[str, Any]:
    """A spot, or an outline of some hundred metres round it, of one piece or of two."""
    if dice.random() < 0.5:
        return {"anchor": (lon, lat)}
    shape = box(lon, lat, lon + dice.uniform(1e-4, 4e-3), lat + dice.uniform(1e-4, 4e-3))
    if dice.random() < 0.1:
        shape = shape.union(box(lon + 0.02, lat, lon + 0.021, lat + 0.001))
    return {"wkt": shape.wkt}


def change_past(conn: Connection, town: Town, place_id: int) -> None:
    """Something that held of a place on earlier days, or was measured then."""
    dice = town.dice
    values = {"id": place_id, "day": _ago(dice), "area": round(dice.uniform(1, 900), 2)}
    if dice.random() < 0.5:
        measure = (
            "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, measured_on,"
            " rights_cell) SELECT place_id, :kind, :area, :source, :day, rights_cell"
            " FROM place.place WHERE place_id = :id ON CONFLICT DO NOTHING"
        )
        for _ in range(dice.randrange(1, 3)):
            chosen = {
                "kind": dice.choice(("gross", "usable")),
                "source": dice.choice(("declared", "survey")),
                "day": dice.choice((values["day"], _ago(dice), TODAY)),
            }
            conn.execute(text(measure), values | chosen)
    if dice.random() < 0.12:
        lon, lat = spot_in(dice)
        shape = box(lon, lat, lon + 1e-3, lat + 1e-3).wkt if dice.random() < 0.5 else None
        conn.execute(
            text(
                "INSERT INTO place.place_version (place_id, address, use_status, geom, valid_to,"
                " rights_cell) SELECT place_id, :address, 'idle', ST_GeomFromText(:shape, 4490),"
                " :day, rights_cell FROM place.place WHERE place_id = :id ON CONFLICT DO NOTHING"
            ),
            values | {"shape": shape, "address": dice.choice((None, "旧址"))},
        )
    if dice.random() < 0.12 and town.above["site"]:
        conn.execute(
            text(
                "INSERT INTO place.former_parent (place_id, parent_id, valid_to, rights_cell)"
                " SELECT place_id, :above, :day, rights_cell FROM place.place"
                " WHERE place_id = :id AND place_id <> :above ON CONFLICT DO NOTHING"
            ),
            values | {"above": dice.choice((None, *town.above["site"][:20]))},
        )


def _row(conn: Connection, table: str, place_id: int, **values: Any) -> None:
    cell = conn.execute(
        text("SELECT rights_cell FROM place.place WHERE place_id = :id"), {"id": place_id}
    ).scalar_one()
    conn.execute(
        insert(metadata.tables[f"place.{table}"]).values(
            place_id=place_id, rights_cell=cell, **values
        )
    )


def _title(conn: Connection, town: Town, place_id: int) -> None:
    """A title of the place's cell, or of any other."""
    cell = "(SELECT rights_cell FROM place.place WHERE place_id = :id)"
    if town.dice.random() < 0.5:
        cell = "(SELECT cell FROM rights.cell ORDER BY (cell * 7919) % :odd LIMIT 1)"
    title_id = conn.execute(
        text(
            "INSERT INTO place.title (state, kind, valid_from, valid_to, rights_cell)"
            f" SELECT :state, 'estate', :begins, :ends, {cell} WHERE :id > :odd - :odd"
            " RETURNING title_id"
        ),
        {
            "id": place_id,
            "odd": town.dice.choice((3, 5, 7, 11, 13)),
            "state": town.dice.choice(("registered", "registered", "pending")),
            "begins": town.dice.choice((None, SOON)),
            "ends": None,
        },
    ).scalar_one()
    _row(conn, "title_place", place_id, title_id=title_id, share_kind="own")


def _hold(conn: Connection, town: Town, place_id: int) -> None:
    record_holding(
        conn,
        place_id=place_id,
        kind=town.dice.choice((HoldingKind.OCCUPIES, HoldingKind.OWNS)),
        parties=[Party(town.city.ids[f"agency {town.dice.randrange(4)}"])],
        extent=Extent.PART,
        valid_from=town.dice.choice((None, TODAY - timedelta(days=3), SOON)),
        source="census",
    )


def _use(conn: Connection, town: Town, place_id: int) -> None:
    """Somebody has a room for itself, or had, or will have."""
    since, until = town.dice.choice(
        ((None, None), (None, TODAY), (_ago(town.dice), None), (None, SOON), (SOON, None))
    )
    record_holding(
        conn,
        place_id=place_id,
        kind=HoldingKind.OCCUPIES,
        parties=[Party(town.city.ids[f"agency {town.dice.randrange(4)}"])],
        valid_from=since,
        valid_to=until,
        source="census",
    )


def _question(dice: random.Random) -> dict[str, Any]:
    """An area of any form."""
    lon, lat = spot_in(dice)
    form = dice.randrange(6)
    if form == 0:
        return {"within": {}}
    if form == 1:
        return {
            "within": {"admin_area": dice.choice(("320401", "320402", "320400", UNDRAWN, UNDRAWN))},
            "invert": dice.random() < 0.3,
            "touching": dice.random() < 0.3,
        }
    if form == 2:
        within: dict[str, Any] = {"point": [lon, lat], "radius_m": dice.uniform(20, 9000)}
    else:
        size = dice.choice((0.003, 0.03, 0.2))
        shape = (
            box(lon, lat, lon + size, lat + size * dice.uniform(0.2, 1))
            if form == 3
            else MultiPoint([spot_in(dice) for _ in range(7)]).convex_hull
        )
        if form == 5:
            shape = Point(lon, lat).buffer(0.04).difference(Point(lon, lat).buffer(0.011))
        within = {"geometry": json.loads(json.dumps(mapping(shape)))}
    return {
        "within": within,
        "invert": dice.random() < 0.3,
        "buffer_m": dice.choice((0, 0, 150)),
        "touching": dice.random() < 0.3,
    }


def answer_of(
    conn: Connection,
    body: dict[str, Any],
    as_of: date,
    collect: Callable[..., Asked] = collect_places,
) -> tuple[list[AreaAnswer], Asked]:
    question = parse_question(body, as_of)
    asked = collect(conn, question, asked_area(conn, question))
    return answers(conn, asked), asked


def answers(conn: Connection, asked: Asked) -> list[AreaAnswer]:
    """What every domain answers that keeps sums."""
    every = [domain.area_facts for domain in DOMAINS if domain.area_facts]
    return [facts.answer(conn, asked) for facts in every if facts.sums]


DAYS = (0, 0, 9, 41, *(-days for days in AGES))


def compare(town: Town, count: int = 4, days: Sequence[int] = DAYS) -> int:
    """Asks everybody the same both ways, of some days from today on.

    Returns:
        How many squares counted by their sums.
    """
    summed = 0
    for name, token in town.tokens.items():
        with transaction(town.database.engine(Role.WEB), token, is_one_moment=True) as conn:
            for _ in range(count):
                body = _question(town.dice)
                as_of = TODAY + timedelta(days=town.dice.choice(days))
                singly, _ = answer_of(conn, body, as_of)
                kept, asked = answer_of(conn, body, as_of, collect_summed)
                assert kept == singly, (name, body, as_of)
                if asked.is_summed:
                    summed += conn.execute(
                        text("SELECT count(*) FROM pg_temp.asked_square")
                    ).scalar_one()
    return summed


def change_something(conn: Connection, town: Town) -> None:
    """Something that figures rest on, somewhere."""
    dice = town.dice
    place_id = dice.choice(town.places)
    values = {"id": place_id, "rest": dice.randrange(5), "soon": TODAY + timedelta(days=5)}
    lon, lat = spot_in(dice)
    changes: list[str | Callable[[], Any]] = [
        f"UPDATE place.place SET anchor = ST_Point({lon!r}, {lat!r}, 4490) WHERE place_id = :id"
        " AND anchor IS NOT NULL",
        "UPDATE place.place SET anchor = NULL, located_by = NULL WHERE place_id = :id",
        "UPDATE place.place SET use_status = 'idle', address = '别处' WHERE place_id = :id",
        "UPDATE place.place SET valid_to = :soon WHERE place_id = :id",
        "UPDATE place.area_measure SET area_m2 = area_m2 + 0.07 WHERE place_id = :id",
        "UPDATE place.building SET year_built = 1999, ownership_status = 'disputed'"
        " WHERE place_id = :id",
        "UPDATE place.site SET ownership_status = 'disputed' WHERE place_id = :id",
        "UPDATE place.title SET state = 'registered', valid_from = NULL WHERE title_id % 5 = :rest",
        "UPDATE place.title SET valid_to = :soon WHERE title_id % 5 = :rest AND valid_from IS NULL",
        "DELETE FROM place.title_place WHERE place_id % 25 = :rest",
        "UPDATE estate.holding SET valid_to = :soon WHERE place_id = :id"
        " AND coalesce(valid_from < :soon, true)",
        "UPDATE estate.holding_party SET holder_id = (SELECT min(holder_id) FROM"
        " estate.holding_party) WHERE holding_id = (SELECT max(holding_id) FROM estate.holding"
        " WHERE place_id = :id)",
        "UPDATE place.place SET valid_from = CAST(:soon AS date) - 100 WHERE place_id = :id"
        " AND valid_to IS NULL",
        "UPDATE place.place SET valid_to = CAST(:soon AS date) - 12 WHERE place_id = :id"
        " AND (valid_from IS NULL OR valid_from < CAST(:soon AS date) - 12)",
        "UPDATE place.area_measure SET measured_on = measured_on - 30 WHERE place_id = :id"
        " AND measured_on IS NOT NULL AND area_kind = 'gross' AND source = 'survey'",
        "DELETE FROM place.area_measure WHERE place_id = :id AND measured_on IS NOT NULL",
        "UPDATE place.place SET parent_id = NULL, parent_kind = NULL WHERE place_id = :id",
        "DELETE FROM place.former_parent WHERE place_id = :id",
        "UPDATE place.room SET room_class = 'office' WHERE place_id % 5 = :rest",
        "UPDATE estate.holding SET valid_to = CAST(:soon AS date) - 10 WHERE extent = 'whole'"
        " AND holding_id % 5 = :rest AND coalesce(valid_from < CAST(:soon AS date) - 10, true)",
        lambda: change_past(conn, town, place_id),
        lambda: _give_away(conn, town, place_id),
        lambda: _hold(conn, town, place_id),
        lambda: town.places.append(scatter(conn, town, 1000 + len(town.places))),
    ]
    change = dice.choice(changes)
    if isinstance(change, str):
        conn.execute(text(change), values)
    else:
        change()
    touch(conn, [place_id, town.places[-1]])
    refresh_derived(conn)


def _give_away(conn: Connection, town: Town, place_id: int) -> None:
    """The place goes to another body; what hangs on it follows, its titles do not."""
    body = town.city.ids[f"agency {town.dice.randrange(4)}"]
    conn.execute(
        text(
            "UPDATE place.place SET steward_id = :body,"
            " rights_cell = rights.cell_for(:body, admin_area_code, security_class)"
            " WHERE place_id = :id"
        ),
        {"id": place_id, "body": body},
    )
