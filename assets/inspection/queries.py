"""Reads of inspections, visits, findings and what is to be put right. All under row security."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from assets.campaign.queries import cells_of, read
from assets.inspection.model import Answer, DayKind, Kind, Origin, State
from assets.inspection.rules import Answered, Term
from gis.errors import Forbidden, NotFound
from gis.places.names import standing_name

IN_PLACE: Final = """{place} IN (
  WITH RECURSIVE down AS (
    SELECT CAST(:id AS bigint) AS place_id
    UNION
    SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id)
  SELECT down.place_id FROM down)"""
"""A place is the one of `:id` or a part of it."""
A_PAGE: Final = 100
"""Rows of one page of a list; all are counted."""
_MINE: Final = "SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'inspection'"
_WHO: Final = "coalesce(a.title, a.name)"
_INSPECTIONS: Final = f"""
SELECT i.*, i.rights_cell IN ({_MINE}) AS may_plan,
  count(v.visit_id) AS bodies, count(v.visit_id) FILTER (WHERE v.state = 'done') AS done,
  count(*) OVER () AS total
FROM inspection.inspection AS i LEFT JOIN inspection.visit AS v USING (inspection_id)
WHERE CAST(:id AS bigint) IS NULL OR i.inspection_id = :id
GROUP BY i.inspection_id
ORDER BY i.starts_on DESC, i.inspection_id DESC LIMIT :limit OFFSET :offset"""
_INSPECTORS: Final = f"""
SELECT n.account_id, {_WHO} AS name,
  n.account_id = (SELECT rights.current_account_id()) AS is_me
FROM inspection.inspector AS n LEFT JOIN rights.account AS a USING (account_id)
WHERE n.inspection_id = :id ORDER BY name"""
_ITEMS: Final = """
SELECT t.* FROM inspection.item AS t WHERE t.inspection_id = :id ORDER BY t.position"""
_VISITS: Final = f"""
SELECT v.visit_id, v.organization_id, o.name, o.code, v.state, v.done_on, v.version,
  v.rights_cell, i.rights_cell IN ({_MINE}) AS is_bureau, count(*) OVER () AS total,
  (SELECT count(*) FROM inspection.finding AS f WHERE f.visit_id = v.visit_id) AS findings,
  (SELECT count(*) FROM inspection.finding AS f
   JOIN inspection.rectification AS r USING (finding_id)
   WHERE f.visit_id = v.visit_id AND r.state <> 'closed') AS being_mended,
  (SELECT count(*) FROM inspection.finding AS f
   JOIN inspection.rectification AS r USING (finding_id)
   WHERE f.visit_id = v.visit_id AND r.state = 'closed') AS mended
FROM inspection.visit AS v JOIN inspection.inspection AS i USING (inspection_id)
JOIN organization.organization AS o USING (organization_id)
WHERE {{which}} AND (v.state = 'done' OR i.rights_cell IN ({_MINE}))
ORDER BY o.admin_area_code NULLS FIRST, o.code, v.visit_id LIMIT :limit OFFSET :offset"""
_HAS_ANSWERS: Final = """
SELECT EXISTS (SELECT FROM inspection.answer AS a JOIN inspection.item AS t USING (item_id)
               WHERE t.inspection_id = :id) AS found"""
_ANSWERS: Final = f"""
SELECT t.item_id, t.visit_id, t.answer, t.points, t.words, t.version, t.changed_at, {_WHO} AS who
FROM inspection.answer AS t LEFT JOIN rights.account AS a ON a.account_id = t.changed_by
WHERE t.visit_id = ANY (:ids)"""
_FINDINGS: Final = f"""
SELECT f.finding_id, f.visit_id, f.item_id, f.place_id, f.words, f.made_at, {_WHO} AS who,
  f.account_id = (SELECT rights.current_account_id()) AS is_mine, f.rights_cell,
  t.head, t.title AS item_title, {standing_name("p")} AS place_name,
  p.code AS place_code, v.organization_id, o.name AS organization_name,
  o.code AS organization_code, i.name AS inspection_name, r.rectification_id, g.written AS number,
  r.state, r.due_on, r.issued_on, count(*) OVER () AS total,
  ARRAY(SELECT s.photo_id FROM inspection.finding_photo AS s
        WHERE s.finding_id = f.finding_id ORDER BY s.photo_id) AS photo_ids
FROM inspection.finding AS f JOIN inspection.visit AS v USING (visit_id)
JOIN inspection.inspection AS i USING (inspection_id)
JOIN organization.organization AS o ON o.organization_id = v.organization_id
LEFT JOIN inspection.item AS t ON t.item_id = f.item_id
LEFT JOIN place.place AS p ON p.place_id = f.place_id
LEFT JOIN rights.account AS a ON a.account_id = f.account_id
LEFT JOIN inspection.rectification AS r ON r.finding_id = f.finding_id
LEFT JOIN services.number_given AS g
  ON g.series = 'inspection.notice' AND g.subject = 'rectification/' || r.rectification_id
WHERE {{which}} AND (v.state = 'done' OR i.rights_cell IN ({_MINE}))
ORDER BY {{order}} LIMIT :limit OFFSET :offset"""
_RECTIFICATIONS: Final = f"""
SELECT r.*, coalesce(r.demand, f.words) AS told, g.written AS number,
  was.over_m2, again.over_m2 AS rechecked_over_m2,
  o.name AS organization_name, o.code AS organization_code,
  f.words, f.place_id, {standing_name("p")} AS place_name, p.code AS place_code,
  v.visit_id, i.name AS inspection_name, i.inspection_id, {_WHO} AS who,
  r.state <> 'closed' AND r.due_on < :today AS is_overdue, count(*) OVER () AS total
FROM inspection.rectification AS r
LEFT JOIN services.number_given AS g
  ON g.series = 'inspection.notice' AND g.subject = 'rectification/' || r.rectification_id
JOIN organization.organization AS o ON o.organization_id = r.organization_id
LEFT JOIN inspection.surplus AS was ON was.rectification_id = r.rectification_id AND was.version = 1
LEFT JOIN inspection.surplus AS again
  ON again.rectification_id = r.rectification_id AND again.version = r.rechecked_version
LEFT JOIN inspection.finding AS f ON f.finding_id = r.finding_id
LEFT JOIN inspection.visit AS v ON v.visit_id = f.visit_id
LEFT JOIN inspection.inspection AS i ON i.inspection_id = v.inspection_id
LEFT JOIN place.place AS p ON p.place_id = f.place_id
LEFT JOIN rights.account AS a ON a.account_id = r.changed_by
WHERE {{which}}
ORDER BY r.state = 'closed', r.due_on, r.rectification_id LIMIT :limit OFFSET :offset"""
_BEFORE: Final = """
SELECT r.rectification_id, g.written AS number, r.state, r.due_on,
  coalesce(r.demand, f.words) AS told
FROM inspection.rectification AS r
LEFT JOIN inspection.finding AS f ON f.finding_id = r.finding_id
LEFT JOIN services.number_given AS g
  ON g.series = 'inspection.notice' AND g.subject = 'rectification/' || r.rectification_id
WHERE r.organization_id = :organization_id AND r.issued_on < :before
  AND r.rectification_id NOT IN (
    SELECT same.rectification_id FROM inspection.rectification AS same
    JOIN inspection.finding AS f USING (finding_id) WHERE f.visit_id = :visit_id)
ORDER BY r.state = 'closed', r.due_on DESC, r.rectification_id LIMIT 100"""
_BEFORE_COUNTED: Final = """
SELECT r.organization_id, count(*) FILTER (WHERE r.state <> 'closed') AS open,
  count(*) FILTER (WHERE r.state = 'closed') AS closed
FROM inspection.rectification AS r
WHERE r.issued_on < :before AND r.organization_id IN (
  SELECT v.organization_id FROM inspection.visit AS v WHERE v.inspection_id = :id)
GROUP BY r.organization_id"""
_TERMS: Final = """
SELECT origin, days, day_kind, rule_source, is_verified, valid_from, valid_to
FROM inspection.term_rule
WHERE (valid_from IS NULL OR valid_from <= :day) AND (valid_to IS NULL OR valid_to > :day)"""


@dataclass(frozen=True)
class Inspection:
    """An inspection as it stands.

    Args:
        bodies: Visits the account sees, `done` of which are through.
        may_plan: The account writes for the bureau.
    """

    inspection_id: int
    name: str
    kind: Kind
    state: str
    starts_on: date
    ends_on: date
    checklist: str | None
    instructions: str | None
    version: int
    rights_cell: int
    may_plan: bool
    bodies: int
    done: int

    @property
    def is_open(self) -> bool:
        return self.state == "open"


def inspections(conn: Connection, *, offset: int = 0) -> tuple[Sequence[Inspection], int]:
    """A page of inspections, the newest first, and how many there are."""
    found = read(conn, _INSPECTIONS, id=None, limit=A_PAGE, offset=offset)
    return [_inspection(row) for row in found], found[0]["total"] if found else 0


def find_inspection(conn: Connection, inspection_id: int) -> Inspection:
    """One of them.

    Raises:
        NotFound: There is none of this number.
    """
    found = read(conn, _INSPECTIONS, id=inspection_id, limit=1, offset=0)
    if not found:
        raise NotFound("inspection.not_found", inspection=inspection_id)
    return _inspection(found[0])


def _inspection(row: Mapping[str, Any]) -> Inspection:
    names = Inspection.__dataclass_fields__
    return Inspection(**{name: row[name] for name in names} | {"kind": Kind(row["kind"])})


def inspectors(conn: Connection, inspection_id: int) -> list[dict[str, Any]]:
    """`account_id, name, is_me` of who carries it out."""
    return read(conn, _INSPECTORS, id=inspection_id)


def items(conn: Connection, inspection_id: int) -> list[dict[str, Any]]:
    """Its checklist, in order."""
    return read(conn, _ITEMS, id=inspection_id)


def bureau_cell(conn: Connection) -> int:
    """The cell of what no body but the bureau answers for."""
    return cells_of(conn, [(None, None)])[0]


def may_plan(conn: Connection) -> bool:
    """Whether the account writes inspections for the bureau."""
    found = read(conn, f"SELECT :cell IN ({_MINE}) AS may", cell=bureau_cell(conn))
    return bool(found[0]["may"])


def refuse_strangers(conn: Connection) -> int:
    """The bureau's cell.

    Raises:
        Forbidden: The account does not write for the bureau.
    """
    if not may_plan(conn):
        raise Forbidden("rectification.not_yours.bureau")
    return bureau_cell(conn)


def visits(
    conn: Connection, inspection_id: int, *, limit: int | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """Bodies of an inspection, `total` of them; of those not through yet only the bureau is told.

    Args:
        limit: Of one page; null: all.
    """
    query = _VISITS.format(which="v.inspection_id = :id")
    return read(conn, query, id=inspection_id, limit=limit, offset=offset)


def has_answers(conn: Connection, inspection_id: int) -> bool:
    """Whether a body has answered anything, so that points stay as they are."""
    return bool(read(conn, _HAS_ANSWERS, id=inspection_id)[0]["found"])


def find_visit(conn: Connection, visit_id: int) -> dict[str, Any]:
    """One body of an inspection, with `inspection_id`.

    Raises:
        NotFound: There is none of this number that the account may see.
    """
    found = read(conn, _VISITS.format(which="v.visit_id = :id"), id=visit_id, limit=1, offset=0)
    if not found:
        raise NotFound("inspection.no_such_visit", visit=visit_id)
    whose = read(
        conn, "SELECT v.inspection_id FROM inspection.visit AS v WHERE v.visit_id = :id",
        id=visit_id,
    )  # fmt: skip
    return {**found[0], **whose[0]}


def answers(conn: Connection, visit_ids: Sequence[int]) -> dict[int, dict[int, dict[str, Any]]]:
    """Answers by visit and item."""
    found: dict[int, dict[int, dict[str, Any]]] = {one: {} for one in visit_ids}
    for row in read(conn, _ANSWERS, ids=list(visit_ids)):
        found[row["visit_id"]][row["item_id"]] = row
    return found


def answered(
    asked: Sequence[Mapping[str, Any]], given: Mapping[int, Mapping[str, Any]]
) -> list[Answered]:
    """The checklist with what was found at one body, for `score`."""
    return [
        Answered(
            head=one["head"],
            most=one["points"],
            answer=Answer(given[one["item_id"]]["answer"]) if one["item_id"] in given else None,
            points=given[one["item_id"]]["points"] if one["item_id"] in given else None,
        )
        for one in asked
    ]


def findings(conn: Connection, visit_id: int) -> list[dict[str, Any]]:
    """What was found at a body, in the order it was written down."""
    return _findings(conn, "f.visit_id = :id", visit_id)


def find_finding(conn: Connection, finding_id: int) -> dict[str, Any]:
    """One of them.

    Raises:
        NotFound: There is none of this number that the account may see.
    """
    found = _findings(conn, "f.finding_id = :id", finding_id)
    if not found:
        raise NotFound("inspection.no_such_finding", finding=finding_id)
    return found[0]


def findings_of(conn: Connection, inspection_id: int, *, most: int) -> list[dict[str, Any]]:
    """What was found at all bodies of an inspection, by body, in the order it was written down."""
    order = "o.admin_area_code NULLS FIRST, o.code, f.finding_id"
    return _findings(conn, "v.inspection_id = :id", inspection_id, order=order, limit=most)


def findings_in(conn: Connection, place_id: int, *, offset: int = 0) -> list[dict[str, Any]]:
    """A page of what was found in a place and its parts, `total` of them; what is open first."""
    order = "coalesce(r.state = 'closed', false), r.due_on NULLS FIRST, f.finding_id DESC"
    which = IN_PLACE.format(place="f.place_id")
    return _findings(conn, which, place_id, order=order, limit=A_PAGE, offset=offset)


def _findings(
    conn: Connection,
    which: str,
    named: int,
    *,
    order: str = "f.finding_id",
    limit: int | None = None,
    offset: int = 0,
) -> list[dict[str, Any]]:
    query = _FINDINGS.format(which=which, order=order)
    return read(conn, query, id=named, limit=limit, offset=offset)


def rectifications(
    conn: Connection,
    today: date,
    *,
    state: State | None = None,
    is_overdue: bool = False,
    place: int | None = None,
    most: int = A_PAGE,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """What is to be put right: what is open first, the nearest day first.

    Args:
        place: Only what was found in it or its parts; null: everywhere, and what was found nowhere.
    """
    which = ["true"]
    if place is not None:
        which.append(IN_PLACE.format(place="f.place_id"))
    if state is not None:
        which.append("r.state = :state")
    if is_overdue:
        which.append("r.state <> 'closed' AND r.due_on < :today")
    query = _RECTIFICATIONS.format(which=" AND ".join(which))
    asked = {"today": today, "state": state and state.value, "limit": most, "offset": offset,
             "id": place}  # fmt: skip
    return read(conn, query, **asked)


def find_rectification(conn: Connection, rectification_id: int, today: date) -> dict[str, Any]:
    """One of them.

    Raises:
        NotFound: There is none of this number that the account may see.
    """
    query = _RECTIFICATIONS.format(which="r.rectification_id = :id")
    found = read(conn, query, today=today, id=rectification_id, limit=1, offset=0)
    if not found:
        raise NotFound("rectification.not_found", rectification=rectification_id)
    return found[0]


def earlier(
    conn: Connection, visit_id: int, organization_id: int, before: date
) -> list[dict[str, Any]]:
    """What the body was told to put right before a day, apart from this visit's findings."""
    return read(conn, _BEFORE, visit_id=visit_id, organization_id=organization_id, before=before)


def earlier_counts(conn: Connection, inspection_id: int, before: date) -> dict[int, Any]:
    """By body of an inspection: of what it was told before a day, how much is open and closed."""
    found = read(conn, _BEFORE_COUNTED, id=inspection_id, before=before)
    return {row["organization_id"]: row for row in found}


def term_on(conn: Connection, origin: Origin, day: date) -> Term | None:
    """How long there is to put something right; null: the bureau has not said."""
    for row in read(conn, _TERMS, day=day):
        if row["origin"] == origin:
            return Term(**{**row, "origin": origin, "day_kind": DayKind(row["day_kind"])})
    return None
