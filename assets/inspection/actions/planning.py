"""Plan an inspection: what, when, of whom, by which checklist, by whom; and close it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.campaign.actions.issue import Selection, chosen_bodies
from assets.campaign.queries import cells_of, read
from assets.inspection import model
from assets.inspection.checklists import checklists
from assets.inspection.model import MOST_WORDS, Kind
from assets.inspection.queries import find_inspection, refuse_strangers
from assets.services.cases import ME
from gis.errors import Conflict, InputError, NotFound

MOST_ITEMS: Final = 200
_MOST_POINTS: Final = Decimal(1000)
_ACCOUNT: Final = "SELECT a.account_id FROM rights.account AS a WHERE a.name = ANY (:names)"
_CLOSE: Final = """
UPDATE inspection.inspection SET state = 'closed', version = version + 1
WHERE inspection_id = :inspection_id AND version = :version AND state = 'open'
RETURNING inspection_id"""
_RATE: Final = """
UPDATE inspection.item SET points = :points, version = version + 1
WHERE item_id = :item_id AND inspection_id = :inspection_id AND version = :version
RETURNING version"""
_LOCK: Final = """
SELECT FROM inspection.inspection WHERE inspection_id = :inspection_id FOR NO KEY UPDATE"""
_LAST: Final = """
SELECT coalesce(max(position), 0) AS last FROM inspection.item
WHERE inspection_id = :inspection_id"""
_ANSWERED: Final = """
SELECT EXISTS (SELECT FROM inspection.answer AS a WHERE a.item_id = :item_id) AS found"""


@dataclass(frozen=True)
class Plan:
    """An inspection to be made.

    Args:
        ends_on: Last day.
        checklist: Of the country pack; null: items are added by hand.
        selection: Whom it covers.
        inspectors: Names of accounts; none: whoever may write what the bureau answers for.
    """

    name: str
    kind: Kind
    starts_on: date
    ends_on: date
    selection: Selection
    checklist: str | None = None
    inspectors: tuple[str, ...] = ()
    instructions: str | None = None


def plan_inspection(conn: Connection, plan: Plan, *, today: date) -> int:
    """Make an inspection with its checklist and a visit to each body.

    Returns:
        The `inspection_id`.

    Raises:
        InputError: No name, days in the wrong order, no such checklist or account, no body, or
            instructions that are too long.
        Forbidden: The account does not write for the bureau.
    """
    name = " ".join(plan.name.replace("\0", "").split())
    if not 1 <= len(name) <= 200:
        raise InputError("inspection.no_name")
    if plan.ends_on < plan.starts_on:
        raise InputError("inspection.days_backwards")
    known = checklists(plan.starts_on)
    if plan.checklist is not None and plan.checklist not in known:
        raise InputError("inspection.no_such_checklist", name=plan.checklist[:40])
    instructions = (plan.instructions or "").replace("\0", "").strip()
    if len(instructions) > MOST_WORDS:
        raise InputError("workflow.too_long", most=MOST_WORDS)
    bureau = refuse_strangers(conn)
    bodies = chosen_bodies(conn, plan.selection, today)
    if not bodies:
        raise InputError("campaign.nobody_chosen")
    inspectors = _accounts(conn, plan.inspectors)
    made: int = conn.execute(
        insert(model.inspection)
        .values(
            name=name,
            kind=plan.kind.value,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            checklist=plan.checklist,
            instructions=instructions or None,
            account_id=ME,
            rights_cell=bureau,
        )
        .returning(model.inspection.c.inspection_id)
    ).scalar_one()
    own = {"inspection_id": made, "rights_cell": bureau}
    if plan.checklist is not None:
        items = [
            {**own, "position": at, "key": one.key, "head": one.head, "title": one.title,
             "rule_source": one.source}
            for at, one in enumerate(known[plan.checklist], 1)
        ]  # fmt: skip
        conn.execute(insert(model.item), items)
    if inspectors:
        conn.execute(insert(model.inspector), [{**own, "account_id": one} for one in inspectors])
    _open_visits(conn, made, bodies)
    return made


def _open_visits(conn: Connection, made: int, bodies: Sequence[Mapping[str, Any]]) -> None:
    cells = cells_of(conn, [(one["organization_id"], one["admin_area_code"]) for one in bodies])
    rows = [
        {"inspection_id": made, "organization_id": one["organization_id"], "rights_cell": cell}
        for one, cell in zip(bodies, cells, strict=True)
    ]
    conn.execute(insert(model.visit), rows)


def _accounts(conn: Connection, names: Sequence[str]) -> list[int]:
    asked = sorted({one.strip() for one in names if one.strip()})
    found = [row["account_id"] for row in read(conn, _ACCOUNT, names=asked)]
    if len(found) < len(asked):
        raise InputError("inspection.no_such_account", names="、".join(asked)[:200])
    return found


def add_item(
    conn: Connection, inspection_id: int, *, head: str, title: str, points: Decimal | None
) -> int:
    """Add an item of the bureau's own to the checklist of an open inspection.

    Raises:
        NotFound: There is no such inspection.
        Conflict: It is closed, a body is through, or it has two hundred items, or, as it is
            written, somebody else added one at the same moment.
        InputError: A title, or what it is scored under, is missing or too long.
        Forbidden: The account does not write for the bureau.
    """
    cell = _open(conn, inspection_id)
    # Until it is added nobody finishes a body that has not answered it.
    conn.execute(text(_LOCK), {"inspection_id": inspection_id})
    if find_inspection(conn, inspection_id).done:
        raise Conflict("inspection.visits_done")
    cleaned = [" ".join(one.replace("\0", "").split()) for one in (head, title)]
    if not (1 <= len(cleaned[0]) <= 100 and 1 <= len(cleaned[1]) <= 300):
        raise InputError("inspection.bad_item")
    last = read(conn, _LAST, inspection_id=inspection_id)[0]["last"]
    if last >= MOST_ITEMS:
        raise Conflict("inspection.too_many_items", most=MOST_ITEMS)
    made: int = conn.execute(
        insert(model.item)
        .values(
            inspection_id=inspection_id,
            position=last + 1,
            head=cleaned[0],
            title=cleaned[1],
            points=_checked(points),
            rights_cell=cell,
        )
        .returning(model.item.c.item_id)
    ).scalar_one()
    return made


def rate_item(
    conn: Connection, inspection_id: int, item_id: int, points: Decimal | None, *, seen_version: int
) -> int:
    """Say what an item can bring; null: it is not scored.

    Returns:
        Its new version.

    Raises:
        Conflict: The inspection is closed, the item answered at a body, or somebody changed it.
        NotFound, InputError, Forbidden: As `add_item`.
    """
    _open(conn, inspection_id)
    values = {"item_id": item_id, "inspection_id": inspection_id, "version": seen_version}
    row = conn.execute(text(_RATE), {**values, "points": _checked(points)}).one_or_none()
    if row is None:
        raise Conflict("inspection.changed_meanwhile")
    # Looked for after the row is locked: an answer that comes meanwhile waits for the new points.
    if read(conn, _ANSWERED, item_id=item_id)[0]["found"]:
        raise Conflict("inspection.item_answered")
    version: int = row.version
    return version


def _checked(points: Decimal | None) -> Decimal | None:
    if points is not None and not (points.is_finite() and 0 < points <= _MOST_POINTS):
        raise InputError("inspection.bad_weight", most=str(_MOST_POINTS))
    return points


def close_inspection(conn: Connection, inspection_id: int, *, seen_version: int) -> None:
    """Take no more answers and findings; what is to be put right goes on.

    Raises:
        NotFound: There is no such inspection.
        Conflict: It is closed, or somebody changed it since it was seen.
        Forbidden: The account does not write for the bureau.
    """
    _open(conn, inspection_id)
    values = {"inspection_id": inspection_id, "version": seen_version}
    if conn.execute(text(_CLOSE), values).one_or_none() is None:
        raise Conflict("inspection.changed_meanwhile")


def _open(conn: Connection, inspection_id: int) -> int:
    """The cell of an open inspection."""
    cell = refuse_strangers(conn)
    found = find_inspection(conn, inspection_id)
    if not found.is_open:
        raise Conflict("inspection.closed")
    if found.rights_cell != cell:
        raise NotFound("inspection.not_found", inspection=inspection_id)
    return cell
