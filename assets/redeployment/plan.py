"""Plans as they stand: their rooms, who would have them, and what changed meanwhile.

Everything is read under row security. What a plan does not speak of is as the register says on the
plan's day, so nothing is copied when a plan is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.domain import Fact, PlaceFacts
from assets.estate.actions.arranging import room_versions
from assets.estate.actions.holdings import Party, parties_of_holdings
from assets.redeployment.model import ReleasedTo, State, StepKind
from assets.redeployment.parties import from_json
from gis.clock import today
from gis.errors import Forbidden, NotFound, Phrase
from gis.places.names import shown_name

EDITABLE: Final = (State.DRAFT, State.RETURNED)
_PLAN: Final = """
SELECT p.*, o.name AS body_name, coalesce(m.title, m.name) AS made_by_name,
  p.made_by = (SELECT rights.current_account_id()) AS is_mine,
  p.rights_cell IN (SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'redeployment')
    AS may_write
FROM redeployment.plan AS p JOIN organization.organization AS o USING (organization_id)
LEFT JOIN rights.account AS m ON m.account_id = p.made_by"""
_LISTED: Final = f"""
SELECT l.*, count(*) OVER () AS total,
  (SELECT count(*) FROM ({{newest}}) AS r WHERE r.kind <> 'leave') AS rooms
FROM ({_PLAN}) AS l
ORDER BY l.state IN ('approved', 'rejected', 'dropped'), l.plan_id DESC LIMIT :limit OFFSET :offset
"""
_NEWEST: Final = """
SELECT DISTINCT ON (coalesce(CAST(r.place_id AS text), r.place_title)) r.*
FROM redeployment.plan_room AS r WHERE r.plan_id = {plan}
ORDER BY coalesce(CAST(r.place_id AS text), r.place_title), r.step DESC"""
_ROOMS: Final = f"""
SELECT n.*, p.code, b.place_id AS building_id, coalesce({shown_name("b")}, b.code) AS building
FROM ({_NEWEST.format(plan=":plan")}) AS n
LEFT JOIN place.place AS p ON p.place_id = n.place_id
LEFT JOIN place.place AS f ON f.place_id = p.parent_id
LEFT JOIN place.place AS b ON b.place_id = CASE f.kind WHEN 'floor' THEN f.parent_id
  ELSE f.place_id END AND b.kind = 'building'
WHERE n.kind <> 'leave' ORDER BY n.place_title, n.plan_room_id"""
_STEPS: Final = """
SELECT r.step, min(r.kind) AS kind, count(*) AS rooms, min(r.made_at) AS made_at,
  coalesce(min(a.title), min(a.name)) AS who
FROM redeployment.plan_room AS r LEFT JOIN rights.account AS a ON a.account_id = r.made_by
WHERE r.plan_id = :plan GROUP BY r.step ORDER BY r.step DESC"""
_SITTING: Final = """
SELECT h.place_id, h.extent, h.holding_id FROM estate.holding AS h
WHERE h.place_id = ANY (:rooms) AND h.kind = 'occupies'
  AND (h.valid_from IS NULL OR h.valid_from <= :day) AND (h.valid_to IS NULL OR h.valid_to > :day)
ORDER BY h.place_id, h.holding_id"""
# Let, lent or reserved, itself or with what it hangs in; or that is somebody's as a whole.
_BLOCKED: Final = """
SELECT l.place_id, h.kind,
  (SELECT string_agg(o.name, '、' ORDER BY o.name) FROM estate.holding_party AS y
   JOIN organization.organization AS o ON o.organization_id = y.holder_id
   WHERE y.holding_id = h.holding_id) AS who
FROM estate.holding_leaf AS l JOIN estate.holding AS h USING (holding_id)
WHERE l.place_id = ANY (:rooms) AND l.exclusive_group = 'use'
  AND l.during && daterange(CAST(:day AS date), NULL)
  AND (h.kind <> 'occupies' OR h.place_id <> l.place_id)"""
_STANDS: Final = """
WITH RECURSIVE above AS (
  SELECT place_id AS room, parent_id, valid_from, valid_to FROM place.place
  WHERE place_id = ANY (:rooms)
  UNION ALL
  SELECT above.room, p.parent_id, p.valid_from, p.valid_to
  FROM above JOIN place.place AS p ON p.place_id = above.parent_id
)
SELECT room, min(valid_to) AS ends FROM above GROUP BY room"""
_NAMES: Final = """
SELECT o.organization_id, o.name FROM organization.organization AS o
WHERE o.organization_id = ANY (:bodies)"""
# Of plans that are shared: what is one's own alone is told on no card.
_ON_PLACE: Final = """
SELECT p.name, p.state, n.released_to FROM redeployment.plan AS p
JOIN redeployment.plan_room AS n USING (plan_id)
WHERE n.place_id = :place AND p.is_shared AND n.kind <> 'leave'
  AND p.state NOT IN ('rejected', 'dropped')
  AND (p.state <> 'approved' OR n.released_to IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM redeployment.plan_room AS later
    WHERE later.plan_id = n.plan_id AND later.place_id = n.place_id AND later.step > n.step)
ORDER BY p.plan_id DESC LIMIT 5"""


@dataclass(frozen=True)
class PlanRoom:
    """What a plan says of a room.

    Args:
        place_id: Null: the room is gone.
        code: Of today; null where the room is gone.
        building_id: Null: it hangs in none.
        stood: Who had it when the step was taken.
        wanted: Nobody: it is to be vacant.
        released_to: What it is given up for; null: it is not.
    """

    place_id: int | None
    title: str
    code: str | None
    building_id: int | None
    building: str | None
    kind: StepKind
    seen_version: str
    stood: tuple[Party, ...]
    wanted: tuple[Party, ...]
    released_to: ReleasedTo | None
    receiver_id: int | None


@dataclass(frozen=True)
class Standing:
    """What the register says of rooms on a day.

    Args:
        parties: Who has each room for itself.
        in_part: Rooms of which somebody has a part, and which is not stated.
        blocked: Why nobody can be put into a room, or out of it.
        versions: Of who has each, as `room_versions`.
    """

    parties: Mapping[int, tuple[Party, ...]]
    in_part: frozenset[int]
    blocked: Mapping[int, Phrase]
    versions: Mapping[int, str]


@dataclass(frozen=True)
class Clash:
    """A room of a plan that is not any more as the plan saw it.

    Args:
        why: What happened, in words.
        now: Who has it now.
        may_keep: Whether what is wanted can stand on what is now; else the room leaves the plan.
    """

    room: PlanRoom
    why: Phrase
    now: tuple[Party, ...] = field(default=())
    may_keep: bool = True


def find_plan(conn: Connection, plan_id: int) -> Mapping[str, Any]:
    """A plan: its columns, `body_name, made_by_name, is_mine, may_write`.

    Raises:
        NotFound: There is none of this number that the account may see.
    """
    query = text(f"{_PLAN} WHERE p.plan_id = :plan")
    row = conn.execute(query, {"plan": plan_id}).mappings().one_or_none()
    if row is None:
        raise NotFound("redeployment.no_such_plan", plan_id=plan_id)
    return dict(row)


def list_plans(conn: Connection, *, limit: int, offset: int = 0) -> Sequence[Mapping[str, Any]]:
    """Plans that are worked at first, the newest first: as `find_plan`, `rooms`, `total`."""
    query = _LISTED.format(newest=_NEWEST.format(plan="l.plan_id"))
    asked = {"limit": limit, "offset": offset}
    return [dict(row) for row in conn.execute(text(query), asked).mappings()]


def refuse_hidden(conn: Connection, plan_id: int) -> None:
    """Nobody changes or carries out a plan of which rooms are hidden from the account.

    Raises:
        Forbidden: It speaks of some.
    """
    query = text("SELECT redeployment.hides_rooms(:plan)")
    if conn.execute(query, {"plan": plan_id}).scalar_one():
        raise Forbidden("redeployment.hidden_rooms")


def day_of(plan: Mapping[str, Any]) -> date:
    """The day that a plan is about: its first one, or today where that is past."""
    first: date = plan["from_on"]
    return max(first, today())


def rooms_of(conn: Connection, plan_id: int) -> Sequence[PlanRoom]:
    """The rooms of a plan, by title."""
    return [
        PlanRoom(
            row.place_id, row.place_title, row.code, row.building_id, row.building,
            StepKind(row.kind), row.seen_version, from_json(row.stood), from_json(row.wanted),
            row.released_to and ReleasedTo(row.released_to), row.receiver_id,
        )
        for row in conn.execute(text(_ROOMS), {"plan": plan_id})
    ]  # fmt: skip


def steps_of(conn: Connection, plan_id: int) -> Sequence[Mapping[str, Any]]:
    """Steps of a plan, the newest first: `step, kind, rooms, made_at, who`."""
    return [dict(row) for row in conn.execute(text(_STEPS), {"plan": plan_id}).mappings()]


def standing(conn: Connection, rooms: Sequence[int], day: date) -> Standing:
    """What the register says of rooms on a day."""
    asked = {"rooms": list(rooms), "day": day}
    rows = conn.execute(text(_SITTING), asked).all()
    whole = {row.holding_id: row.place_id for row in rows if row.extent == "whole"}
    parties: dict[int, tuple[Party, ...]] = {}
    for holding_id, shared in parties_of_holdings(conn, list(whole)).items():
        room = whole[holding_id]
        parties[room] = (*parties.get(room, ()), *shared)
    blocked = {
        row.place_id: Phrase(f"redeployment.blocked.{row.kind}", {"who": row.who or "–"})
        for row in conn.execute(text(_BLOCKED), asked)
    }
    for row in conn.execute(text(_STANDS), asked):
        if row.ends is not None and row.ends <= day:
            blocked[row.room] = Phrase("redeployment.blocked.closed", {"day": row.ends})
    in_part = frozenset(row.place_id for row in rows if row.extent != "whole")
    return Standing(parties, in_part, blocked, room_versions(conn, rooms))


def clashes(conn: Connection, plan: Mapping[str, Any]) -> Sequence[Clash]:
    """Rooms of a plan that changed since it saw them, or that cannot be had any more, by title.

    A plan that is carried out has none: that its rooms changed is its own doing.
    """
    is_over = plan["state"] in (State.REJECTED, State.DROPPED)
    if is_over or plan["merged_edit_ids"] is not None:
        return ()
    rooms = rooms_of(conn, plan["plan_id"])
    now = standing(conn, [one.place_id for one in rooms if one.place_id], day_of(plan))
    found = []
    for one in rooms:
        if one.place_id is None or one.code is None:
            found.append(Clash(one, Phrase("redeployment.clash.gone"), may_keep=False))
            continue
        has = now.parties.get(one.place_id, ())
        if why := now.blocked.get(one.place_id):
            found.append(Clash(one, why, has, may_keep=False))
        elif one.place_id in now.in_part:
            found.append(Clash(one, Phrase("redeployment.clash.in_part"), has, may_keep=False))
        elif now.versions[one.place_id] != one.seen_version:
            who = "、".join(names_of(conn, has).values())
            key = "redeployment.clash.rearranged" if has else "redeployment.clash.vacated"
            found.append(Clash(one, Phrase(key, {"who": who}), has))
    return found


def names_of(conn: Connection, parties: Sequence[Party]) -> Mapping[int, str]:
    """Names of bodies, in the order they are named."""
    bodies = list(dict.fromkeys(one.holder_id for one in parties))
    known = {
        row.organization_id: row.name for row in conn.execute(text(_NAMES), {"bodies": bodies})
    }
    return {body: known.get(body, f"#{body}") for body in bodies}


def place_facts(conn: Connection, place_id: int, as_of: date) -> PlaceFacts:
    """In which shared plans a room is, and what it was given up for; none of the past."""
    if as_of < today():
        return PlaceFacts()
    return PlaceFacts(
        tuple(
            Fact(
                f"redeployment.fact.{row.released_to}" if row.state == State.APPROVED
                else "redeployment.fact.planned",
                row.name,
            )
            for row in conn.execute(text(_ON_PLACE), {"place": place_id})
        )
    )  # fmt: skip
