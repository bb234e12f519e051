"""Posts and their offices: who sits in which room, and how that stands to the standard."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from assets.space.comparing import State
from assets.space.offices import Fault, PostVerdict, Seat, judge
from assets.space.queries import REPORT
from assets.space.readings import pack_readings
from assets.space.standards import standards_on
from gis.errors import InputError
from gis.organizations.then import bodies_then, name_then
from gis.places.counted import own_areas
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN, AreaKind

MOST_POSTS: Final = 20_000
"""Seats judged at once: leaders of a province; beyond it a body is named."""
OF_ALL: Final = "true"
OF_BODY: Final = "s.holder_id = :body"
OF_ROOMS: Final = "h.place_id = ANY (:rooms)"
_PERSON: Final = "coalesce('k' || t.person_key, 'p' || t.post_id)"
# Rooms without a class are somebody's office until they are said to be something else.
_SEATS: Final = f"""
WITH seat AS MATERIALIZED (
  SELECT s.*, h.place_id, {_PERSON} AS person, t.title, t.rank_code AS post_rank,
         t.valid_to AS left_on
  FROM estate.sharer AS s JOIN estate.holding AS h USING (holding_id)
  LEFT JOIN organization.post AS t ON t.post_id = s.post_id
  WHERE h.kind = 'occupies' AND h.extent = 'whole' AND {IN_FORCE.format("h")} AND ({{chosen}})
)
SELECT s.sharer_id, s.post_id, s.person, s.title, coalesce(s.rank_code, s.post_rank) AS rank,
  s.heads, s.left_on, s.place_id, coalesce({shown_name("p", rooms="{rooms}")}, p.code) AS room,
  building.place_id AS building_id, building.name AS building, f.label AS floor, c.area_m2,
  s.share, s.approval_document, b.organization_id, b.code, b.name, b.level_code,
  b.admin_area_code, area.name AS district
FROM seat AS s JOIN place.place AS p USING (place_id) JOIN {{rooms}} AS r USING (place_id)
JOIN ({bodies_then()}) AS b ON b.organization_id = s.holder_id
LEFT JOIN place.admin_area AS area ON area.code = b.admin_area_code
LEFT JOIN {{areas}} AS c USING (place_id)
LEFT JOIN place.floor AS f ON f.place_id = p.parent_id
LEFT JOIN LATERAL (
  WITH RECURSIVE above AS (
    SELECT p.parent_id AS place_id
    UNION
    SELECT up.parent_id FROM above JOIN place.place AS up USING (place_id)
    WHERE up.kind <> 'building'
  )
  SELECT up.place_id, coalesce({shown_name("up")}, up.code) AS name FROM above
  JOIN place.place AS up USING (place_id) WHERE up.kind = 'building') AS building ON true
WHERE {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
  AND coalesce(r.room_class, 'vacant') IN ('office', 'vacant')
ORDER BY b.admin_area_code NULLS LAST, b.code, s.post_id NULLS LAST, p.code, s.sharer_id
LIMIT {MOST_POSTS + 1}"""
# Whoever is asked about, with all the offices of the same people.
_OF_THE_SAME: Final = f"""{_PERSON} IN (
  SELECT {_PERSON.replace("t.", "u.")} FROM estate.sharer AS v
  JOIN estate.holding AS w USING (holding_id)
  JOIN organization.post AS u ON u.post_id = v.post_id
  WHERE w.kind = 'occupies' AND {IN_FORCE.format("w")} AND ({{chosen}}))"""
_POSTS: Final = f"""
SELECT t.post_id, t.title, t.rank_code, t.valid_from, t.valid_to,
  (SELECT array_agg(coalesce({shown_name("p")}, p.code) ORDER BY p.code)
   FROM estate.sharer AS s JOIN estate.holding AS h USING (holding_id)
   JOIN organization.post AS u ON u.post_id = s.post_id
   JOIN place.place AS p ON p.place_id = h.place_id
   WHERE {_PERSON.replace("t.", "u.")} = {_PERSON} AND h.kind = 'occupies'
     AND {IN_FORCE.format("h")} AND {IS_OPEN.format("p")}) AS rooms,
  t.person_key, t.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write,
  (SELECT array_agg(concat_ws(' ', {name_then("o")}, u.title) ORDER BY o.code, u.post_id)
   FROM organization.post AS u JOIN organization.organization AS o USING (organization_id)
   WHERE u.person_key = t.person_key AND u.post_id <> t.post_id AND {IN_FORCE.format("u")}
  ) AS others
FROM organization.post AS t
WHERE t.organization_id = :body AND {IN_FORCE.format("t")}
ORDER BY t.post_id LIMIT :most"""
MOST_OFFERED: Final = 500


@dataclass(frozen=True)
class PostsListed:
    """Some of the posts, and how many there are.

    Args:
        total: Of those chosen by body and district, whatever their state.
        counts: How many are in which state.
        faults: How many break which rule of one office each.
        shown: How many are left after the state or the fault that was asked for.
        districts: Code and name of every district that has one.
    """

    total: int
    counts: Mapping[State, int]
    faults: Mapping[Fault, int]
    shown: int
    items: Sequence[PostVerdict]
    districts: Mapping[str, str]


def listed_posts(
    conn: Connection,
    as_of: date,
    *,
    organization_id: int | None = None,
    district: str | None = None,
    state: State | None = None,
    fault: Fault | None = None,
    limit: int,
    offset: int = 0,
) -> PostsListed:
    """A page of the posts that have an office, by district, body and post.

    Raises:
        InputError: There are more than are judged at once.
    """
    judged = judged_posts(conn, as_of, organization_id=organization_id)
    named = {one.body.admin_area_code: one.body.district for each in judged for one in each.seats}
    chosen = [one for one in judged if district in (None, one.seats[0].body.admin_area_code)]
    shown = [
        one
        for one in chosen
        if state in (None, one.compared.state) and (fault is None or fault in one.faults)
    ]
    states = Counter(one.compared.state for one in chosen)
    faults = Counter(each for one in chosen for each in one.faults)
    return PostsListed(
        len(chosen),
        {each: states[each] for each in State},
        {each: faults[each] for each in Fault},
        len(shown),
        shown[offset : offset + limit],
        {code: name for code, name in named.items() if code},
    )


def judged_posts(
    conn: Connection, as_of: date, *, organization_id: int | None = None
) -> list[PostVerdict]:
    """Every post that has an office on a day, and the people of each rank in each room.

    Args:
        conn: In the name of whoever asks.
        organization_id: Only posts of this body; all offices of their holders are looked at.

    Raises:
        InputError: There are more than are judged at once.
    """
    if organization_id is None:
        return _judged(conn, as_of, OF_ALL)
    body = OF_BODY.replace("s.", "v.")
    chosen = f"{OF_BODY} OR {_OF_THE_SAME.format(chosen=body)}"
    found = _judged(conn, as_of, chosen, body=organization_id)
    return [one for one in found if one.seats[0].body.organization_id == organization_id]


def posts_in(conn: Connection, as_of: date, rooms: Sequence[int]) -> list[PostVerdict]:
    """The posts and people who sit in some rooms, with all the offices these people have."""
    inside = OF_ROOMS.replace("h.", "w.")
    chosen = f"{OF_ROOMS} OR {_OF_THE_SAME.format(chosen=inside)}"
    return _judged(conn, as_of, chosen, rooms=list(rooms))


def posts_of(conn: Connection, organization_id: int, as_of: date) -> Sequence[Row[Any]]:
    """Posts of a body on a day, for somebody to be given a room.

    Returns:
        `post_id, title, rank_code, valid_from, valid_to, rooms` (names of the rooms that whoever
        holds it has already, for this post or another; null: none), `person_key, may_write, others`
        (the other posts of whoever holds it, after their bodies; null: none known); at most
        `MOST_OFFERED`.
    """
    asked = {"body": organization_id, "as_of": as_of, "most": MOST_OFFERED}
    return conn.execute(text(_POSTS), asked).all()


def _judged(conn: Connection, as_of: date, chosen: str, **values: Any) -> list[PostVerdict]:
    areas = own_areas(conn, as_of, AreaKind.USABLE, "SELECT place_id FROM seat", REPORT)
    rooms = places_as_of(conn, as_of).rooms
    query = text(_SEATS.format(chosen=chosen, areas=areas, rooms=rooms))
    rows = conn.execute(query, {"as_of": as_of, "report": REPORT, **values}).all()
    if len(rows) > MOST_POSTS:
        raise InputError("space.posts.too_many", most=MOST_POSTS)
    return judge([_seat(row) for row in rows], standards_on(conn, as_of), pack_readings())


def _seat(row: Any) -> Seat:
    return Seat(
        row.sharer_id, row, row.post_id, row.person, row.title, row.rank, row.heads, row.left_on,
        row.place_id, row.room, row.building_id, row.building, row.floor, row.area_m2, row.share,
        row.approval_document,
    )  # fmt: skip
