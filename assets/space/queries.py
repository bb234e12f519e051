"""Reads of office space. All under row security."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from assets.space.comparing import Compared, State, compare
from assets.space.covered import IN_SCOPE, IS_COVERED
from assets.space.having import CLASSED_THEN, FEW, HAD, MANY
from assets.space.model import StandardKind
from assets.space.readings import pack_readings
from assets.space.rules import ROOM_CLASSES, Entitlement, Lack, StandardTable, entitlement
from assets.space.standards import standards_on
from gis.clock import today
from gis.db import run_script
from gis.errors import InputError
from gis.organizations.then import bodies_then
from gis.places.counted import own_areas
from gis.places.then import JOIN_THEN, PARENT_THEN
from gis.places.vocabulary import IN_FORCE, AreaKind

REPORT: Final = "verdicts"
"""By this name the register keeps rules of its own for which areas count here."""
MOST_JUDGED: Final = 1_000
"""Bodies judged to count how many are over: a large city; of a province a district is chosen."""
SOME: Final = 300
"""So many bodies at most are named to the database at once."""
_FEW_OF: Final = 4
"""Where it has so many times more, they are read in several such goes; else all of it is read."""
# One statement counts: that of the newest day by rank, else the newest without; of one day the
# census before the directory. Its total is its own, so that two sources are never mixed.
_QUOTA: Final = """
SELECT organization_id, rank_code, people, counted_on
FROM (
  SELECT c.*, dense_rank() OVER (PARTITION BY c.organization_id
                                 ORDER BY c.is_ranked DESC, c.counted_on DESC, c.source) AS at
  FROM (
    SELECT h.organization_id, h.rank_code, h.people, h.counted_on, h.source,
           bool_or(h.rank_code IS NOT NULL)
             OVER (PARTITION BY h.organization_id, h.counted_on, h.source) AS is_ranked
    FROM organization.headcount AS h
    WHERE h.kind = 'quota' AND h.counted_on <= :as_of AND {of_body}
  ) AS c
) AS stated WHERE at = 1"""
_ROOMS: Final = """
SELECT d.holder_id AS organization_id, d.room_class, count(*) AS rooms,
  sum(c.area_m2 * d.share / d.alike) AS area_m2,
  count(*) FILTER (WHERE c.area_m2 IS NULL) AS unmeasured,
  count(*) FILTER (WHERE d.alike > 1) AS shared_alike
FROM pg_temp.had_leaf AS d LEFT JOIN {areas} AS c USING (place_id)
WHERE d.is_room GROUP BY d.holder_id, d.room_class"""
# What a body has that is not known room by room: a whole floor or building, or a part of something
# in which no room is said to be its own; by what hung in what on the day. EXCEPT sorts or hashes
# whatever it is told of sizes, where NOT IN would compare each with each.
_UNTOLD: Final = f"""
WITH RECURSIVE above AS (
  SELECT DISTINCT d.holder_id, {PARENT_THEN.format("d")} AS place_id
  FROM pg_temp.had_leaf AS d {JOIN_THEN.format("d")} WHERE d.is_room
  UNION
  SELECT above.holder_id, {PARENT_THEN.format("p")}
  FROM above JOIN place.place AS p USING (place_id) {JOIN_THEN.format("p")}
)
SELECT holder_id AS organization_id FROM pg_temp.had_leaf WHERE NOT is_room
UNION
SELECT parts.holder_id FROM (
  SELECT y.holder_id, h.place_id FROM estate.holding AS h
  JOIN estate.holding_party AS y USING (holding_id)
  WHERE h.kind = 'occupies' AND h.extent <> 'whole' AND {IN_FORCE.format("h")} AND {{of_body}}
  EXCEPT SELECT above.holder_id, above.place_id FROM above
) AS parts"""
_UNCLASSED: Final = (None, "vacant")
"""Classes of a room that somebody has which do not say what it is."""
# LIMIT keeps the last condition from being read for the whole register at once, as EXISTS would be.
_BODIES: Final = f"""
SELECT b.organization_id, b.code, b.name, b.level_code, b.admin_area_code, area.name AS district
FROM ({bodies_then()}) AS b
LEFT JOIN place.admin_area AS area ON area.code = b.admin_area_code
LEFT JOIN place.term AS t ON t.list = 'organization_category' AND t.term = b.category_code
WHERE {IN_FORCE.format("b")} AND {{of_body}}
  AND {IS_COVERED}
  AND (EXISTS (SELECT FROM organization.headcount AS n
               WHERE n.organization_id = b.organization_id AND n.kind = 'quota'
                 AND n.counted_on <= :as_of)
       OR (SELECT true FROM estate.holding_party AS y
           JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
           JOIN estate.holding_leaf AS l ON l.holding_id = h.holding_id
             AND l.during @> CAST(:as_of AS date)
           WHERE y.holder_id = b.organization_id LIMIT 1))
ORDER BY b.admin_area_code NULLS LAST, b.code"""


_SUPERIORS: Final = f"""
SELECT b.organization_id, b.parent_id, b.code, b.name,
  {IS_COVERED} AS is_in_scope
FROM ({bodies_then()}) AS b
LEFT JOIN place.term AS t ON t.list = 'organization_category' AND t.term = b.category_code
WHERE {IN_FORCE.format("b")}"""


@dataclass(frozen=True)
class Rooms:
    """The rooms a body has of one class.

    Args:
        room_class: Term of list room_class; null: not stated.
        area_m2: Usable, its share of each; of rooms with an area.
        unmeasured: Rooms without an area.
        shared_alike: Rooms that several share without stated shares.
    """

    room_class: str | None
    rooms: int
    area_m2: Decimal
    unmeasured: int
    shared_alike: int


@dataclass(frozen=True)
class Verdict:
    """What a body has against what it may have, and why.

    Args:
        body: `organization_id, code, name, level_code, admin_area_code, district`.
        counted_on: The day its quota was counted; null: none is known.
        compared: Offices, service rooms, equipment rooms, and all of them.
        rooms: By class, those that the standard does not limit too.
        is_untold: What it has is not known room by room, or nothing is known at all: it may be
            over, but nothing says that it is not.
    """

    body: Any
    entitlement: Entitlement
    counted_on: date | None
    compared: tuple[Compared, ...]
    rooms: tuple[Rooms, ...]
    is_untold: bool

    @property
    def state(self) -> State:
        """What offices, service and equipment rooms together come to."""
        return self.compared[-1].state

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """Why it, or a part of it, cannot be judged, each reason once."""
        unmeasured = any(one.unmeasured for one in self.rooms if one.room_class in ROOM_CLASSES)
        return (
            *self.entitlement.lacks,
            *([Lack.ROOMS_UNTOLD] if self.is_untold else []),
            *([Lack.NO_AREA] if unmeasured else []),
        )


@dataclass(frozen=True)
class Listed:
    """Some of the verdicts, and how many there are.

    Args:
        total: Bodies in the chosen district, whatever their state.
        counts: Of these, how many are in which state; null where they are too many to judge at
            once.
        districts: Code and name of every district that has a body, in order of the codes.
    """

    total: int
    counts: Mapping[State, int] | None
    items: Sequence[Verdict]
    districts: Mapping[str, str]


def listed(
    conn: Connection,
    as_of: date,
    *,
    district: str | None = None,
    state: State | None = None,
    limit: int,
    offset: int = 0,
) -> Listed:
    """A page of the verdicts, by district, then code.

    Args:
        district: Code of the area of the bodies; null: every one.
        state: Only bodies of which offices, service and equipment rooms together come to this.

    Raises:
        InputError: A state is asked for of more bodies than are judged at once.
    """
    found = bodies(conn, as_of)
    named = {one.admin_area_code: one.district for one in found if one.admin_area_code}
    chosen = [one for one in found if district in (None, one.admin_area_code)]
    if len(chosen) > MOST_JUDGED:
        if state is not None:
            raise InputError("space.too_many_to_judge", most=MOST_JUDGED)
        page = verdicts(conn, as_of, of=chosen[offset : offset + limit])
        return Listed(len(chosen), None, page, named)
    judged = verdicts(conn, as_of, of=chosen)
    counts = Counter(one.state for one in judged)
    shown = [one for one in judged if state in (None, one.state)]
    return Listed(
        len(chosen),
        {each: counts[each] for each in State},
        shown[offset : offset + limit],
        named,
    )


def all_of(conn: Connection, as_of: date, district: str | None = None) -> Sequence[Verdict]:
    """The verdicts of a district, or all of them.

    Raises:
        InputError: There are more bodies than are judged at once.
    """
    chosen = [one for one in bodies(conn, as_of) if district in (None, one.admin_area_code)]
    if len(chosen) > MOST_JUDGED:
        raise InputError("space.too_many_to_judge", most=MOST_JUDGED)
    return verdicts(conn, as_of, of=chosen)


def bodies(
    conn: Connection, as_of: date, *, organization_id: int | None = None
) -> Sequence[Row[Any]]:
    """Bodies that the standard is for and of which the account sees people or what they have.

    Returns:
        `organization_id, code, name, level_code, admin_area_code, district`, by district, then
        code.
    """
    values = {"as_of": as_of, "types": list(IN_SCOPE), "body": organization_id}
    of_body = "true" if organization_id is None else "b.organization_id = :body"
    return conn.execute(text(_BODIES.format(of_body=of_body)), values).all()


def systems(conn: Connection, as_of: date) -> Mapping[int, Row[Any]]:
    """The head of each body's system (系统): the highest body above it that the standard is for.

    Returns:
        `organization_id, parent_id, code, name` of the head by body; a body that stands under none
        is its own.
    """
    values = {"as_of": as_of, "types": list(IN_SCOPE)}
    found = {row.organization_id: row for row in conn.execute(text(_SUPERIORS), values)}
    heads: dict[int, Row[Any]] = {}
    for body, row in found.items():
        head, at, seen = row, row.parent_id, {body}
        while at in found and at not in seen:
            seen.add(at)
            head = found[at] if found[at].is_in_scope else head
            at = found[at].parent_id
        heads[body] = head
    return heads


def verdicts(
    conn: Connection, as_of: date, *, of: Sequence[Row[Any]] | None = None
) -> Sequence[Verdict]:
    """What bodies have against what they may have.

    A few statements read what there is, whichever number of bodies; the rest is arithmetic.

    Args:
        conn: In the name of whoever asks: rooms and people are those the account sees.
        as_of: The day, of bodies, people, rooms, areas and standard.
        of: Some of `bodies`; null: all of them.

    Returns:
        In the order of `bodies`.
    """
    judged = bodies(conn, as_of) if of is None else of
    table = standards_on(conn, as_of)
    at_once = _at_once(conn, len(judged))
    return [
        one
        for start in range(0, len(judged), at_once)
        for one in _judged(conn, as_of, judged[start : start + at_once], table)
    ]


def _at_once(conn: Connection, count: int) -> int:
    """How many of so many bodies are read at once."""
    if count <= SOME:
        return SOME
    known = conn.execute(text("SELECT count(*) FROM organization.organization")).scalar_one()
    return SOME if count * _FEW_OF < known else count


def _judged(
    conn: Connection, as_of: date, judged: Sequence[Row[Any]], table: StandardTable
) -> list[Verdict]:
    quotas: dict[int, list[Any]] = {}
    rooms: dict[int, list[Rooms]] = {}
    with _Reader(conn, as_of, [one.organization_id for one in judged]) as read:
        for row in read.all(_QUOTA, "h.organization_id"):
            quotas.setdefault(row.organization_id, []).append(row)
        for row in read.all(_ROOMS, areas=read.collect()):
            area = Decimal(row.area_m2 or 0)
            one = Rooms(row.room_class, row.rooms, area, row.unmeasured, row.shared_alike)
            rooms.setdefault(row.organization_id, []).append(one)
        untold = {row.organization_id for row in read.all(_UNTOLD, "y.holder_id")}
    return [
        _verdict(
            body,
            quotas.get(body.organization_id, ()),
            rooms.get(body.organization_id, ()),
            table,
            has_more=body.organization_id in untold,
        )
        for body in judged
    ]


class _Reader:
    """Statements about some bodies, or about all where these are many.

    To the planner every policy halves its table and costs as much as a look at it, so that it would
    go row by row through a city, and through the whole register for one agency.
    """

    def __init__(
        self, conn: Connection, as_of: date, body_ids: Sequence[int], **values: Any
    ) -> None:
        self._conn, self._as_of = conn, as_of
        self._values = {"as_of": as_of, "report": REPORT, "bodies": [*body_ids], **values}
        self._is_some = len(body_ids) <= SOME
        self._unfit = ("hashjoin", "mergejoin") if self._is_some else ("nestloop",)

    def __enter__(self) -> "_Reader":
        self._plan("off")
        return self

    def __exit__(self, *_: object) -> None:
        self._plan("on")

    def _plan(self, by: str) -> None:
        run_script(self._conn, "; ".join(f"SET LOCAL enable_{one} = {by}" for one in self._unfit))

    def all(self, query: str, column: str = "", **more: str) -> Sequence[Row[Any]]:
        """Its rows; a statement that makes a table has none."""
        of_body = f"{column} = ANY (:bodies)" if self._is_some else "true"
        made = self._conn.execute(text(query.format(of_body=of_body, **more)), self._values)
        return made.all() if made.returns_rows else ()

    def collect(self) -> str:
        """Makes `pg_temp.had_leaf`; SQL of the areas of what is in it (`own_areas`)."""
        run_script(self._conn, "DROP TABLE IF EXISTS pg_temp.had_leaf")
        self.all(HAD, "y.holder_id", **(FEW if self._is_some else MANY))
        if self._as_of < today():
            self.all(CLASSED_THEN)
        run_script(self._conn, "ANALYZE pg_temp.had_leaf")
        places = "SELECT place_id FROM pg_temp.had_leaf"
        return own_areas(self._conn, self._as_of, AreaKind.USABLE, places, REPORT)


def of_rooms_had(
    conn: Connection, as_of: date, organization_ids: Sequence[int], query: str, **values: Any
) -> Sequence[Row[Any]]:
    """What a query finds of the rooms some bodies have on a day.

    Args:
        query: SQL with `{areas}`, a source of `place_id, area_m2`; it reads `pg_temp.had_leaf`, of
            these bodies alone unless they are many.
        values: That it binds beside `as_of` and `bodies`.
    """
    with _Reader(conn, as_of, organization_ids, **values) as read:
        return read.all(query, areas=read.collect())


def _verdict(
    body: Any,
    quota: Sequence[Any],
    rooms: Sequence[Rooms],
    table: StandardTable,
    *,
    has_more: bool,
) -> Verdict:
    people = {row.rank_code: row.people for row in quota}
    may_have = entitlement(body.level_code, people, table, pack_readings())
    tolerance = table.of(StandardKind.TOLERANCE)
    limited = [one for one in rooms if one.room_class in ROOM_CLASSES]
    is_untold = has_more or not rooms or any(one.room_class in _UNCLASSED for one in rooms)
    unmeasured = {one.room_class or "" for one in limited if one.unmeasured}
    compared = compare(
        may_have,
        {one.room_class or "": one.area_m2 for one in limited},
        (tolerance.value if tolerance else None) or Decimal(),
        unmeasured=ROOM_CLASSES if is_untold else unmeasured,
    )
    counted_on = quota[0].counted_on if quota else None
    return Verdict(body, may_have, counted_on, compared, tuple(rooms), is_untold)
