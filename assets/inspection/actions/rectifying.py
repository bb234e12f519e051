"""Have something put right: notice, answer, recheck, closed by somebody else; or sent back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.campaign.queries import cells_of, read
from assets.inspection import model
from assets.inspection.actions.measuring import judged, keep_surplus, remeasured
from assets.inspection.model import MOST_WORDS, DayKind, Origin
from assets.inspection.queries import (
    find_finding,
    find_rectification,
    refuse_strangers,
    term_on,
)
from assets.inspection.rules import NOTICES, WORKFLOW
from assets.services.calendar import work_calendar
from assets.services.cases import ME, take
from assets.services.notices import Notice, send
from assets.services.numbering import take_number
from assets.services.steps import note_opened
from assets.space.comparing import State
from assets.space.rules import ROOM_CLASSES, rounded
from gis.errors import Conflict, Forbidden, InputError, NotFound

MOST_BODIES: Final = 50
"""Bodies that are told in one go."""
_LONGEST_SOURCE: Final = 300
_AREA: Final = """
SELECT o.admin_area_code FROM organization.organization AS o WHERE o.organization_id = :id"""
_STATE: Final = "SELECT v.state FROM inspection.visit AS v WHERE v.visit_id = :id FOR SHARE"
_DROP: Final = "DELETE FROM inspection.term_rule WHERE origin = :origin AND valid_from >= :since"
_SHORTEN: Final = """
UPDATE inspection.term_rule SET valid_to = :since
WHERE origin = :origin AND (valid_to IS NULL OR valid_to > :since)"""
_ADD: Final = """
INSERT INTO inspection.term_rule
  (origin, days, day_kind, valid_from, rule_source, is_verified, rights_cell)
VALUES (:origin, :days, :day_kind, :since, :rule_source, :is_verified, :cell)"""


@dataclass(frozen=True)
class _Told:
    """What a body is told."""

    origin: Origin
    organization_id: int
    demand: str | None
    due_on: date | None
    finding_id: int | None = None
    room_class: str | None = None
    over_m2: Decimal | None = None


def issue_for_finding(
    conn: Connection, finding_id: int, *, demand: str | None, due_on: date | None, today: date
) -> int:
    """Tell a body to put right what an inspection found there.

    Args:
        demand: What it is told, in words that whoever sees the body reads; blank or null: those of
            the finding, which only who sees its place reads.
        due_on: Last day; null: by the bureau's own term.

    Returns:
        The `rectification_id`.

    Raises:
        NotFound: There is no such finding.
        Forbidden: The account does not write for the bureau, or not for the body.
        Conflict: The body is not through yet, or it was told already.
        InputError: No last day is known, or it has passed.
    """
    bureau = refuse_strangers(conn)
    found = find_finding(conn, finding_id)
    if found["rectification_id"] is not None:
        raise Conflict("rectification.issued_already")
    # Locked, so that it is not reopened and the finding taken back before the notice stands.
    state = read(conn, _STATE, id=found["visit_id"])
    if not state or state[0]["state"] != "done":
        raise Conflict("rectification.visit_open")
    told = _Told(
        Origin.FINDING,
        found["organization_id"],
        _cleaned(demand) or None,
        due_on,
        finding_id=finding_id,
    )
    return _issue(conn, told, bureau, today)


def issue_for_verdict(
    conn: Connection,
    organization_id: int,
    *,
    room_class: str | None,
    demand: str,
    due_on: date | None,
    today: date,
) -> int:
    """Tell a body to give up what it has over the standard today.

    Args:
        room_class: Term of list room_class; null: offices, service and equipment rooms together.
        demand: What it is told.

    Returns:
        The `rectification_id`.

    Raises:
        NotFound: The standard is not for it, or the account sees nothing of it.
        Forbidden: The account does not write for the bureau, or not for the body, or reads rooms
            of a class that it does not write.
        Conflict: It is not over, or cannot be judged, or it was told already.
        InputError: Nothing is demanded, there is no such class, or no last day is known, or it has
            passed.
    """
    bureau = refuse_strangers(conn)
    if not _cleaned(demand):
        raise InputError("rectification.no_demand")
    if room_class is not None and room_class not in ROOM_CLASSES:
        raise InputError("rectification.bad_class", value=room_class[:40])
    found = judged(conn, organization_id, room_class, today)
    if found.state is not State.OVER or found.difference_m2 is None:
        raise Conflict("rectification.not_over")
    over_m2 = rounded(found.difference_m2)
    told = _Told(
        Origin.VERDICT,
        organization_id,
        _cleaned(demand),
        due_on,
        room_class=room_class,
        over_m2=over_m2,
    )
    return _issue(conn, told, bureau, today)


def _issue(conn: Connection, told: _Told, bureau: int, today: date) -> int:
    due_on = told.due_on or _usual_day(conn, told.origin, today)
    if due_on < today:
        raise InputError("rectification.day_past", day=due_on.isoformat())
    cell = _cell_of(conn, told.organization_id)
    made: int = conn.execute(
        insert(model.rectification)
        .values(
            origin=told.origin.value,
            finding_id=told.finding_id,
            organization_id=told.organization_id,
            demand=told.demand,
            issued_on=today,
            due_on=due_on,
            room_class=told.room_class,
            judged_on=today if told.origin is Origin.VERDICT else None,
            changed_by=ME,
            bureau_cell=bureau,
            rights_cell=cell,
        )
        .returning(model.rectification.c.rectification_id)
    ).scalar_one()
    if told.over_m2 is not None:
        case = {"rectification_id": made, "organization_id": told.organization_id}
        keep_surplus(conn, {**case, "rights_cell": cell}, 1, told.over_m2, today)
    number = take_number(
        conn, NOTICES, subject=f"rectification/{made}", rights_cell=cell, today=today
    )
    note_opened(conn, WORKFLOW, "issue", [(made, cell)])
    _tell(conn, made, number, due_on, cell)
    return made


def _tell(conn: Connection, made: int, number: str, due_on: date, cell: int) -> None:
    notice = Notice(
        audience="body",
        kind="rectification.notice.issued",
        params={"number": number, "due_on": due_on.isoformat()},
        address=f"/rectifications/{made}",
        reader_cell=cell,
        rights_cell=cell,
    )
    send(conn, [notice])


def _cell_of(conn: Connection, organization_id: int) -> int:
    """The cell of a body, which the account writes."""
    found = read(conn, _AREA, id=organization_id)
    if not found:
        raise NotFound("rectification.no_such_body", body=organization_id)
    cell = cells_of(conn, [(organization_id, found[0]["admin_area_code"])])[0]
    mine = (
        "SELECT EXISTS (SELECT FROM rights.my_domain_write_cells AS w"
        " WHERE w.domain = 'inspection' AND w.cell = :cell) AS may"
    )
    if not read(conn, mine, cell=cell)[0]["may"]:
        raise Forbidden("rectification.not_yours.bureau")
    return cell


def _usual_day(conn: Connection, origin: Origin, today: date) -> date:
    term = term_on(conn, origin, today)
    if term is None:
        raise InputError("rectification.no_day")
    return term.last_day(today, work_calendar())


def take_step(
    conn: Connection,
    rectification_id: int,
    step: str,
    *,
    seen_version: int,
    today: date,
    remark: str | None = None,
    due_on: date | None = None,
    on_behalf_of: int | None = None,
) -> int:
    """Answer, recheck, close, send back or extend.

    A recheck of what was over the standard asks the standard again, on the day.

    Args:
        due_on: The new last day, of an extension.

    Returns:
        The new version.

    Raises:
        NotFound, Forbidden, Conflict: As `cases.take`; a body is still over, or cannot be judged,
            or the account may not see all of its rooms.
        InputError: As `cases.take`; an extension names no later day.
    """
    case = find_rectification(conn, rectification_id, today)
    is_judged = step == "recheck" and case["origin"] == Origin.VERDICT
    values = _filled(case, step, due_on, today)
    if is_judged:
        # Of what is judged there is a figure with the version that the step makes.
        values |= {"rechecked_version": seen_version + 1}
    version = take(
        conn,
        WORKFLOW,
        step,
        rectification_id,
        seen_version=seen_version,
        remark=remark,
        on_behalf_of=on_behalf_of,
        values=values,
    )
    # Asked last: whoever may not take the step is told nothing of the rooms.
    if is_judged:
        keep_surplus(conn, case, version, remeasured(conn, case, today), today)
    return version


def _filled(
    known: Mapping[str, Any], step: str, due_on: date | None, today: date
) -> dict[str, Any]:
    """Columns of the case that a step fills."""
    match step:
        case "extend":
            if due_on is None or due_on <= max(known["due_on"], today):
                raise InputError("rectification.not_later", day=known["due_on"].isoformat())
            return {"due_on": due_on}
        case "recheck":
            return {"rechecked_on": today}
        case "return":
            # Who is sent back needs days to do it in.
            if due_on is not None and due_on < today:
                raise InputError("rectification.day_past", day=due_on.isoformat())
            values: dict[str, Any] = {"rechecked_on": None, "rechecked_version": None}
            return values | ({"due_on": due_on} if due_on is not None else {})
        case _:
            return {}


def set_term(
    conn: Connection,
    origin: Origin,
    days: int,
    day_kind: DayKind,
    *,
    since: date,
    rule_source: str,
    is_verified: bool = False,
) -> None:
    """Give so many days from a date on; terms that begin later are dropped.

    Raises:
        InputError: No number of days from 1 to 1000, or no document.
        Forbidden: The account does not write for the bureau.
    """
    cell = refuse_strangers(conn)
    document = " ".join(rule_source.replace("\0", "").split())
    if not 1 <= days <= 1000:
        raise InputError("rectification.bad_days")
    if not 1 <= len(document) <= _LONGEST_SOURCE:
        raise InputError("rectification.no_document", most=_LONGEST_SOURCE)
    values = {
        "origin": origin.value,
        "days": days,
        "day_kind": day_kind.value,
        "since": since,
        "rule_source": document,
        "is_verified": is_verified,
        "cell": cell,
    }
    for statement in (_DROP, _SHORTEN, _ADD):
        conn.execute(text(statement), values)


def _cleaned(words: str | None) -> str:
    said = (words or "").replace("\0", "").strip()
    if len(said) > MOST_WORDS:
        raise InputError("workflow.too_long", most=MOST_WORDS)
    return said
